// Options as they are written: their names, and values down to aggregates in text format.
//
// Spec: protobuf.dev, "Text Format Language Specification", for what stands between { and }.
#include <utility>

#include "penstock/codec/compiler/declarations.h"

namespace penstock::codec::compiler {
namespace {

// Aggregates inside each other; more is an error. Stops stack exhaustion by a hostile file.
constexpr int kAggregateNestingMax = 64;

bool ParseOptionName(TokenStream& tokens, std::string* name) {
  do {
    if (!name->empty()) *name += ".";
    std::string part;
    Location location;
    if (tokens.TryTake("(")) {
      if (!tokens.ExpectFullName("the name of an extension", true, &part, &location) ||
          !tokens.Expect(")", "after the extension's name")) {
        return false;
      }
      *name += "(" + part + ")";
    } else {
      if (!tokens.ExpectIdentifier("the name of an option", &part, &location)) return false;
      *name += part;
    }
  } while (tokens.TryTake("."));
  return true;
}

bool ParseScalar(TokenStream& tokens, Option* option) {
  option->value_location = tokens.Peek().location;
  option->negative = tokens.TryTake("-");
  const Token& token = tokens.Peek();
  switch (token.kind) {
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      option->kind =
          token.kind == TokenKind::kInteger ? Option::Kind::kInteger : Option::Kind::kFloat;
      option->integer = token.integer;
      option->number = option->negative ? -token.number : token.number;
      break;
    case TokenKind::kIdentifier:
      if (option->negative && !token.Is("inf") && !token.Is("nan")) {
        tokens.ErrorExpected("a number after \"-\"");
        return false;
      }
      option->kind = Option::Kind::kIdentifier;
      option->text = (option->negative ? "-" : "") + token.text;
      break;
    case TokenKind::kString: {
      if (option->negative) {
        tokens.ErrorExpected("a number after \"-\"");
        return false;
      }
      option->kind = Option::Kind::kString;
      return tokens.ExpectString("a value", &option->text, &option->value_location);
    }
    default:
      tokens.ErrorExpected("the option's value");
      return false;
  }
  tokens.Take();
  return true;
}

bool ParseAggregate(TokenStream& tokens, std::string_view end, int depth, Option* option);

bool ParseAggregateValue(TokenStream& tokens, int depth, Option* option) {
  option->value_location = tokens.Peek().location;
  if (tokens.TryTake("{")) return ParseAggregate(tokens, "}", depth + 1, option);
  if (tokens.TryTake("<")) return ParseAggregate(tokens, ">", depth + 1, option);
  return ParseScalar(tokens, option);
}

// `[a, b]`, behind its '['.
bool ParseList(TokenStream& tokens, int depth, Option* list) {
  list->kind = Option::Kind::kList;
  if (tokens.TryTake("]")) return true;
  do {
    Option& element = list->values.emplace_back();
    element.location = tokens.Peek().location;
    if (!ParseAggregateValue(tokens, depth, &element)) return false;
  } while (tokens.TryTake(","));
  return tokens.Expect("]", "at the end of the list");
}

// `name`, `[extension.name]` or `[type.googleapis.com/name]`
bool ParseAggregateName(TokenStream& tokens, std::string* name) {
  Location location;
  if (!tokens.TryTake("[")) return tokens.ExpectIdentifier("the name of a field", name, &location);
  if (!tokens.ExpectFullName("the name of an extension", false, name, &location)) return false;
  const bool is_any = tokens.TryTake("/");
  if (is_any) {
    std::string type;
    if (!tokens.ExpectFullName("the name of a message", false, &type, &location)) return false;
    *name += "/" + type;
  }
  *name = is_any ? "[" + *name + "]" : "(" + *name + ")";
  return tokens.Expect("]", "after the extension's name");
}

// The fields up to `end`, which is taken.
bool ParseAggregate(TokenStream& tokens, std::string_view end, int depth, Option* option) {
  option->kind = Option::Kind::kAggregate;
  if (depth > kAggregateNestingMax) {
    tokens.Error(tokens.Peek().location,
                 "values are nested more than " + std::to_string(kAggregateNestingMax) + " deep");
    return false;
  }
  while (!tokens.TryTake(end)) {
    if (tokens.AtEnd()) {
      tokens.Error(option->value_location,
                   "this value does not end: \"" + std::string(end) + "\" is missing");
      return false;
    }
    Option& field = option->values.emplace_back();
    field.location = tokens.Peek().location;
    if (!ParseAggregateName(tokens, &field.name)) return false;
    const bool colon = tokens.TryTake(":");
    const bool is_message = tokens.LooksAt("{") || tokens.LooksAt("<");
    if (!colon && !is_message && !tokens.LooksAt("[")) {
      return tokens.Expect(":", "after the field's name");
    }
    field.value_location = tokens.Peek().location;
    const bool good = tokens.TryTake("[") ? ParseList(tokens, depth, &field)
                                          : ParseAggregateValue(tokens, depth, &field);
    if (!good) return false;
    // Only messages, and lists of them, need no colon.
    for (const Option& element : field.values) {
      if (!colon && field.kind == Option::Kind::kList && element.kind != Option::Kind::kAggregate) {
        tokens.Error(field.value_location, "expected \":\" after the field's name");
        return false;
      }
    }
    if (!tokens.TryTake(",")) tokens.TryTake(";");
  }
  return true;
}

}  // namespace

bool ParseOptionValue(TokenStream& tokens, Option* option) {
  option->value_location = tokens.Peek().location;
  if (!tokens.TryTake("{")) return ParseScalar(tokens, option);
  const size_t inside = tokens.Mark();
  if (ParseAggregate(tokens, "}", 1, option)) return true;
  tokens.ReturnTo(inside);
  tokens.SkipBlock();
  return false;
}

namespace {

// `name = value`; the span gets its path when it is known which option this is.
bool ParseAssignment(TokenStream& tokens, const Span& span, std::vector<Option>* options) {
  Option option;
  option.location = tokens.Peek().location;
  option.source_index = span.index();
  if (!ParseOptionName(tokens, &option.name) || !tokens.Expect("=", "after the option's name") ||
      !ParseOptionValue(tokens, &option)) {
    return false;
  }
  options->push_back(std::move(option));
  return true;
}

}  // namespace

bool ParseOption(ParseContext& context, const Span& at, std::vector<Option>* options) {
  const Span span(at, {});
  return ParseAssignment(context.tokens, span, options);
}

bool ParseOptionStatement(ParseContext& context, const Span& at, int32_t options_number,
                          std::vector<Option>* options) {
  const Span options_span(at, {options_number});
  Span span(options_span, {});
  return context.tokens.Expect("option", "") && ParseAssignment(context.tokens, span, options) &&
         context.tokens.ExpectEndOfStatement("the option", &span);
}

bool ParseBracketOptions(ParseContext& context, const Span& at, int32_t options_number,
                         std::vector<Option>* options) {
  if (!context.tokens.LooksAt("[")) return true;
  const Span span(at, {options_number});
  context.tokens.Take();
  do {
    if (!ParseOption(context, span, options)) return false;
  } while (context.tokens.TryTake(","));
  return context.tokens.Expect("]", "after the options");
}

}  // namespace penstock::codec::compiler
