#include "penstock/codec/compiler/token_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace penstock::codec::compiler {

TokenStream::TokenStream(std::string file, std::vector<Token> tokens,
                         std::vector<SourceLocation>* locations, Diagnostics* diagnostics)
    : file_(std::move(file)),
      tokens_(std::move(tokens)),
      locations_(locations),
      diagnostics_(diagnostics) {
  if (tokens_[0].gap != nullptr) upcoming_ = *tokens_[0].gap;
}

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

bool TokenStream::ExpectBlock(std::string_view where, Span* span) {
  if (TakeEnd("{", span)) return true;
  ErrorExpected("\"{\" " + std::string(where));
  return false;
}

bool TokenStream::ExpectEndOfBlock(std::string_view what) {
  if (TakeEnd("}", nullptr)) return true;
  ErrorExpected("\"}\" at the end of " + std::string(what));
  return false;
}

bool TokenStream::ExpectEndOfStatement(std::string_view what, Span* span) {
  if (TakeEnd(";", span)) return true;
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
    if (TryTakeEmptyStatement()) return;
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
    if (!TakeEnd("}", nullptr)) Take();
  }
}

// Comments stand before a statement and behind its end: a ';' or a '{'. Those above the next
// statement are kept until its end is taken.
bool TokenStream::TakeEnd(std::string_view symbol, Span* span) {
  if (!LooksAt(symbol)) return false;
  Take();
  Gap next;
  if (Peek().gap != nullptr) next = *Peek().gap;
  if (span != nullptr) {
    SourceLocation& location = span->location();
    location.comments.leading = std::move(upcoming_.leading);
    location.comments.trailing = std::move(next.trailing);
    location.detached = std::exchange(upcoming_.detached, std::move(next.detached));
  } else if (symbol == "}") {
    upcoming_.detached = std::move(next.detached);
  } else {
    for (std::string& text : next.detached) upcoming_.detached.push_back(std::move(text));
  }
  upcoming_.leading = std::move(next.leading);
  return true;
}

Span::Span(TokenStream& tokens) : tokens_(tokens), index_(tokens.locations_->size()) {
  tokens.locations_->emplace_back();
  StartAt(tokens.Peek());
}

Span::Span(const Span& parent, std::initializer_list<int32_t> path) : Span(parent.tokens_) {
  std::vector<int32_t>& whole = location().path;
  whole = parent.location().path;
  whole.insert(whole.end(), path);
}

Span::~Span() {
  // A file without a token ends at its beginning.
  if (!ended_ && tokens_.Mark() > 0) EndAt(tokens_.Previous());
}

void Span::StartAt(const Token& token) {
  location().span[0] = token.line();
  location().span[1] = token.column;
}

void Span::StartAt(const Span& other) {
  location().span[0] = other.location().span[0];
  location().span[1] = other.location().span[1];
}

void Span::EndAt(const Token& token) {
  location().span[2] = token.line();
  location().span[3] = token.end_column;
  ended_ = true;
}

}  // namespace penstock::codec::compiler
