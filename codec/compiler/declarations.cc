#include "penstock/codec/compiler/declarations.h"

#include <limits>
#include <utility>

namespace penstock::codec::compiler {
namespace {

bool ParseEnumElement(TokenStream& tokens, EnumDescriptor* enumeration) {
  constexpr int64_t kMin = std::numeric_limits<int32_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (tokens.TryTake(";")) return true;
  if (tokens.LooksAt("option")) return ParseOptionStatement(tokens, &enumeration->options);
  if (tokens.LooksAt("reserved")) {
    return ParseReserved(tokens, kMin, kMax, &enumeration->reserved_ranges,
                         &enumeration->reserved_names);
  }
  EnumValueDescriptor value;
  int64_t number = 0;
  Location location;
  value.comments.leading = tokens.LeadingComment();
  if (!tokens.ExpectIdentifier("the name of an enum value", &value.name, &value.location) ||
      !tokens.Expect("=", "and a number after the enum value's name") ||
      !tokens.ExpectInteger("the enum value's number", kMin, kMax, &number, &location) ||
      !tokens.ParseBracketOptions(&value.options)) {
    return false;
  }
  value.number = static_cast<int32_t>(number);
  const bool ended = tokens.ExpectEndOfStatement("enum value \"" + value.name + "\"");
  value.comments.trailing = tokens.TrailingComment();
  enumeration->values.push_back(std::move(value));
  return ended;
}

// `(stream Type)`
bool ParseMethodType(TokenStream& tokens, bool* streaming, std::string* name, Location* location) {
  if (!tokens.Expect("(", "before the message's type")) return false;
  // Always the keyword, as in protoc: a type of that name, or in a package of it, needs a dot.
  if (tokens.LooksAt("stream") && !tokens.Peek(1).Is(")")) {
    *streaming = true;
    tokens.Take();
  }
  return tokens.ExpectFullName("the type of a message", true, name, location) &&
         tokens.Expect(")", "after the message's type");
}

bool ParseServiceElement(TokenStream& tokens, ServiceDescriptor* service) {
  if (tokens.TryTake(";")) return true;
  if (tokens.LooksAt("option")) return ParseOptionStatement(tokens, &service->options);
  if (!tokens.LooksAt("rpc")) {
    tokens.ErrorExpected("\"rpc\" or \"option\"");
    return false;
  }
  MethodDescriptor method;
  method.comments.leading = tokens.LeadingComment();
  tokens.Take();
  if (!tokens.ExpectIdentifier("the method's name", &method.name, &method.location) ||
      !ParseMethodType(tokens, &method.client_streaming, &method.input_name,
                       &method.input_location) ||
      !tokens.Expect("returns", "after the request's type") ||
      !ParseMethodType(tokens, &method.server_streaming, &method.output_name,
                       &method.output_location)) {
    return false;
  }
  bool ended = true;
  if (tokens.TryTake("{")) {
    while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
      if (tokens.TryTake(";")) continue;
      if (!tokens.LooksAt("option")) tokens.ErrorExpected("\"option\"");
      if (!tokens.LooksAt("option") || !ParseOptionStatement(tokens, &method.options)) {
        tokens.SkipStatement();
      }
    }
    ended = tokens.Expect("}", "at the end of method \"" + method.name + "\"");
  } else {
    ended = tokens.ExpectEndOfStatement("method \"" + method.name + "\"");
  }
  method.comments.trailing = tokens.TrailingComment();
  service->methods.push_back(std::move(method));
  return ended;
}

}  // namespace

std::string FullName(const FileDescriptor& file, const MessageDescriptor* parent,
                     const std::string& name) {
  if (parent != nullptr) return parent->full_name + "." + name;
  return file.package.empty() ? name : file.package + "." + name;
}

bool ParseOptionStatement(TokenStream& tokens, std::vector<Option>* options) {
  tokens.Take();
  Option option;
  if (!tokens.ParseOption(&option)) return false;
  options->push_back(std::move(option));
  return tokens.ExpectEndOfStatement("the option");
}

bool ParseReserved(TokenStream& tokens, int64_t min, int64_t max, std::vector<NumberRange>* ranges,
                   std::vector<ReservedName>* names) {
  tokens.Take();
  if (tokens.Peek().kind == TokenKind::kString) {
    do {
      ReservedName name;
      if (!tokens.ExpectString("a reserved name", &name.name, &name.location)) return false;
      names->push_back(std::move(name));
    } while (tokens.TryTake(","));
    return tokens.ExpectEndOfStatement("the reserved statement");
  }
  do {
    NumberRange range;
    Location location;
    if (!tokens.ExpectInteger("a reserved number", min, max, &range.first, &range.location)) {
      return false;
    }
    range.last = range.first;
    if (tokens.TryTake("to")) {
      if (tokens.TryTake("max")) {
        range.last = max;
      } else if (!tokens.ExpectInteger("the end of the range", min, max, &range.last, &location)) {
        return false;
      }
    }
    if (range.last < range.first) {
      tokens.Error(range.location, "this range ends before it begins");
    }
    ranges->push_back(range);
  } while (tokens.TryTake(","));
  return tokens.ExpectEndOfStatement("the reserved statement");
}

bool ParseEnum(TokenStream& tokens, const FileDescriptor& file, MessageDescriptor* parent,
               std::vector<std::unique_ptr<EnumDescriptor>>* enums) {
  auto enumeration = std::make_unique<EnumDescriptor>();
  enumeration->comments.leading = tokens.LeadingComment();
  tokens.Take();
  if (!tokens.ExpectIdentifier("the enum's name", &enumeration->name, &enumeration->location) ||
      !tokens.Expect("{", "after the enum's name")) {
    return false;
  }
  enumeration->comments.trailing = tokens.TrailingComment();
  enumeration->full_name = FullName(file, parent, enumeration->name);
  enumeration->file = &file;
  enumeration->parent = parent;
  EnumDescriptor* body = enums->emplace_back(std::move(enumeration)).get();
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (!ParseEnumElement(tokens, body)) tokens.SkipStatement();
  }
  return tokens.Expect("}", "at the end of enum \"" + body->name + "\"");
}

bool ParseService(TokenStream& tokens, FileDescriptor* file) {
  ServiceDescriptor service;
  service.comments.leading = tokens.LeadingComment();
  tokens.Take();
  if (!tokens.ExpectIdentifier("the service's name", &service.name, &service.location) ||
      !tokens.Expect("{", "after the service's name")) {
    return false;
  }
  service.full_name = FullName(*file, nullptr, service.name);
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (!ParseServiceElement(tokens, &service)) tokens.SkipStatement();
  }
  const bool ended = tokens.Expect("}", "at the end of service \"" + service.name + "\"");
  file->services.push_back(std::move(service));
  return ended;
}

}  // namespace penstock::codec::compiler
