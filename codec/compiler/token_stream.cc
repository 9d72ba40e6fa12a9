#include "penstock/codec/compiler/token_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace penstock::codec::compiler {

std::string Show(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "the end of the file";
  if (token.kind == TokenKind::kString) return "a string";
  return "\"" + token.text + "\"";
}

void TokenStream::ErrorExpected(std::string_view what) {
  Error(Peek().location, "expected " + std::string(what) + ", found " + Show(Peek()));
}

bool TokenStream::Expect(std::string_view symbol, std::string_view where) {
  if (TryTake(symbol)) return true;
  ErrorExpected("\"" + std::string(symbol) + "\" " + std::string(where));
  return false;
}

bool TokenStream::ExpectEndOfStatement(std::string_view what) {
  if (TryTake(";")) return true;
  Location location = Peek().location;
  if (at_ > 0) {
    const Token& before = tokens_[at_ - 1];
    if (before.location.line != location.line && before.kind != TokenKind::kString) {
      location = before.location;
      location.column += static_cast<int>(before.text.size());
    }
  }
  Error(location, "expected \";\" at the end of " + std::string(what) + ", found " + Show(Peek()));
  return false;
}

bool TokenStream::ExpectIdentifier(std::string_view what, std::string* name, Location* location) {
  if (Peek().kind != TokenKind::kIdentifier) {
    ErrorExpected(what);
    return false;
  }
  *location = Peek().location;
  *name = Take().text;
  return true;
}

bool TokenStream::ExpectString(std::string_view what, std::string* text, Location* location) {
  if (Peek().kind != TokenKind::kString) {
    ErrorExpected(what);
    return false;
  }
  *location = Peek().location;
  text->clear();
  // Strings that follow each other are one, as in C.
  while (Peek().kind == TokenKind::kString) *text += Take().text;
  return true;
}

bool TokenStream::ExpectFullName(std::string_view what, bool dot, std::string* name,
                                 Location* location) {
  *location = Peek().location;
  name->clear();
  if (dot && TryTake(".")) *name = ".";
  for (;;) {
    if (Peek().kind != TokenKind::kIdentifier) {
      ErrorExpected(what);
      return false;
    }
    *name += Take().text;
    if (!TryTake(".")) return true;
    *name += ".";
  }
}

bool TokenStream::ExpectInteger(std::string_view what, int64_t min, int64_t max, int64_t* value,
                                Location* location) {
  *location = Peek().location;
  const bool negative = min < 0 && TryTake("-");
  if (Peek().kind != TokenKind::kInteger) {
    ErrorExpected(what);
    return false;
  }
  const Token& token = Take();
  const auto limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const bool fits = token.integer <= limit;
  *value = fits ? static_cast<int64_t>(token.integer) : 0;
  if (negative) *value = -*value;
  if (!fits || *value < min || *value > max) {
    Error(*location, std::string(what) + " must be from " + std::to_string(min) + " to " +
                         std::to_string(max));
    *value = std::min(std::max(*value, min), max);
    return false;
  }
  return true;
}

void TokenStream::SkipStatement() {
  while (!AtEnd() && !LooksAt("}")) {
    if (TryTake(";")) return;
    if (TryTake("{")) {
      SkipBlock();
      return;
    }
    Take();
  }
}

void TokenStream::SkipBlock() {
  for (int open = 1; !AtEnd() && open > 0;) {
    if (LooksAt("{")) ++open;
    if (LooksAt("}")) --open;
    Take();
  }
}

std::string TokenStream::LeadingComment() const {
  const Token& token = Peek();
  if (token.comments.empty()) return "";
  const Comment& nearest = token.comments.back();
  if (nearest.last_line + 1 < token.location.line) return "";
  // On the line of the token before, it is that one's.
  if (at_ > 0 && tokens_[at_ - 1].location.line == nearest.first_line) return "";
  return nearest.text;
}

std::string TokenStream::TrailingComment() const {
  if (at_ == 0 || Peek().comments.empty()) return "";
  const Comment& nearest = Peek().comments.front();
  return nearest.first_line == tokens_[at_ - 1].location.line ? nearest.text : "";
}

bool TokenStream::ParseBracketOptions(std::vector<Option>* options) {
  if (!TryTake("[")) return true;
  do {
    Option option;
    if (!ParseOption(&option)) return false;
    options->push_back(std::move(option));
  } while (TryTake(","));
  return Expect("]", "after the options");
}

bool TokenStream::ParseOption(Option* option) {
  option->location = Peek().location;
  return ParseOptionName(&option->name) && Expect("=", "after the option's name") &&
         ParseOptionValue(option);
}

bool TokenStream::ParseOptionName(std::string* name) {
  do {
    if (!name->empty()) *name += ".";
    std::string part;
    Location location;
    if (TryTake("(")) {
      if (!ExpectFullName("the name of an extension", true, &part, &location) ||
          !Expect(")", "after the extension's name")) {
        return false;
      }
      *name += "(" + part + ")";
    } else {
      if (!ExpectIdentifier("the name of an option", &part, &location)) return false;
      *name += part;
    }
  } while (TryTake("."));
  return true;
}

bool TokenStream::ParseOptionValue(Option* option) {
  if (TryTake("{")) {
    option->kind = Option::Kind::kAggregate;
    return ParseAggregate(&option->text);
  }
  const bool negative = TryTake("-");
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kInteger:
      option->kind = Option::Kind::kInteger;
      option->integer = static_cast<int64_t>(negative ? 0 - token.integer : token.integer);
      option->number = negative ? -token.number : token.number;
      break;
    case TokenKind::kFloat:
      option->kind = Option::Kind::kFloat;
      option->number = negative ? -token.number : token.number;
      break;
    case TokenKind::kIdentifier:
      if (negative && !token.Is("inf") && !token.Is("nan")) {
        ErrorExpected("a number after \"-\"");
        return false;
      }
      option->kind = Option::Kind::kIdentifier;
      option->text = (negative ? "-" : "") + token.text;
      break;
    case TokenKind::kString: {
      Location location;
      option->kind = Option::Kind::kString;
      return ExpectString("a value", &option->text, &location);
    }
    default:
      ErrorExpected("the option's value");
      return false;
  }
  Take();
  return true;
}

bool TokenStream::ParseAggregate(std::string* text) {
  const Location start = Peek().location;
  for (int open = 1; !AtEnd();) {
    if (LooksAt("{")) ++open;
    if (LooksAt("}") && --open == 0) {
      Take();
      return true;
    }
    const Token& token = Take();
    if (!text->empty()) *text += ' ';
    *text += token.kind == TokenKind::kString ? "\"" + token.text + "\"" : token.text;
  }
  Error(start, "this value does not end: \"}\" is missing");
  return false;
}

}  // namespace penstock::codec::compiler
