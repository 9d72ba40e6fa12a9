#include "penstock/codec/compiler/declarations.h"

#include <limits>
#include <utility>

#include "penstock/codec/compiler/descriptor_numbers.h"

namespace penstock::codec::compiler {
namespace {

constexpr int64_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();

bool ParseEnumValue(ParseContext& context, Span& span, EnumDescriptor* enumeration) {
  TokenStream& tokens = context.tokens;
  EnumValueDescriptor value;
  {
    const Span name(span, {number::kEnumValueName});
    if (!tokens.ExpectIdentifier("the name of an enum value", &value.name, &value.location)) {
      return false;
    }
  }
  if (!tokens.Expect("=", "and a number after the enum value's name")) return false;
  {
    const Span number_span(span, {number::kEnumValueNumber});
    int64_t number = 0;
    Location location;
    if (!tokens.ExpectInteger("the enum value's number", kInt32Min, kInt32Max, &number,
                              &location)) {
      return false;
    }
    value.number = static_cast<int32_t>(number);
  }
  if (!ParseBracketOptions(context, span, number::kEnumValueOptions, &value.options)) return false;
  const bool ended = tokens.ExpectEndOfStatement("enum value \"" + value.name + "\"", &span);
  value.comments = span.comments();
  enumeration->values.push_back(std::move(value));
  return ended;
}

bool ParseEnumElement(ParseContext& context, const Span& at, EnumDescriptor* enumeration) {
  TokenStream& tokens = context.tokens;
  if (tokens.TryTakeEmptyStatement()) return true;
  if (tokens.LooksAt("option")) {
    return ParseOptionStatement(context, at, number::kEnumOptions, &enumeration->options);
  }
  if (tokens.LooksAt("reserved")) {
    return ParseReserved(
        context, at, {number::kEnumReservedRange, number::kEnumReservedName, kInt32Min, kInt32Max},
        &enumeration->reserved_ranges, &enumeration->reserved_names);
  }
  Span span(at, {number::kEnumValue, static_cast<int32_t>(enumeration->values.size())});
  return ParseEnumValue(context, span, enumeration);
}

// `(stream Type)`
bool ParseMethodType(TokenStream& tokens, const Span& at, int32_t streaming_number,
                     int32_t type_number, bool* streaming, std::string* name, Location* location) {
  if (!tokens.Expect("(", "before the message's type")) return false;
  // Always the keyword, as in protoc: a type of that name, or in a package of it, needs a dot.
  if (tokens.LooksAt("stream") && !tokens.Peek(1).Is(")")) {
    const Span span(at, {streaming_number});
    *streaming = true;
    tokens.Take();
  }
  {
    const Span span(at, {type_number});
    if (!tokens.ExpectFullName("the type of a message", true, name, location)) return false;
  }
  return tokens.Expect(")", "after the message's type");
}

bool ParseMethodOptions(ParseContext& context, Span& span, MethodDescriptor* method) {
  TokenStream& tokens = context.tokens;
  if (!tokens.ExpectBlock("after the method", &span)) return false;
  method->has_braces = true;
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (tokens.TryTakeEmptyStatement()) continue;
    if (!tokens.LooksAt("option")) tokens.ErrorExpected("\"option\"");
    if (!tokens.LooksAt("option") ||
        !ParseOptionStatement(context, span, number::kMethodOptions, &method->options)) {
      tokens.SkipStatement();
    }
  }
  return tokens.ExpectEndOfBlock("method \"" + method->name + "\"");
}

bool ParseMethod(ParseContext& context, const Span& at, ServiceDescriptor* service) {
  TokenStream& tokens = context.tokens;
  Span span(at, {number::kServiceMethod, static_cast<int32_t>(service->methods.size())});
  MethodDescriptor method;
  tokens.Take();
  {
    const Span name(span, {number::kMethodName});
    if (!tokens.ExpectIdentifier("the method's name", &method.name, &method.location)) {
      return false;
    }
  }
  if (!ParseMethodType(tokens, span, number::kMethodClientStreaming, number::kMethodInputType,
                       &method.client_streaming, &method.input_name, &method.input_location) ||
      !tokens.Expect("returns", "after the request's type") ||
      !ParseMethodType(tokens, span, number::kMethodServerStreaming, number::kMethodOutputType,
                       &method.server_streaming, &method.output_name, &method.output_location)) {
    return false;
  }
  const bool ended = tokens.LooksAt("{")
                         ? ParseMethodOptions(context, span, &method)
                         : tokens.ExpectEndOfStatement("method \"" + method.name + "\"", &span);
  method.comments = span.comments();
  service->methods.push_back(std::move(method));
  return ended;
}

bool ParseServiceElement(ParseContext& context, const Span& at, ServiceDescriptor* service) {
  TokenStream& tokens = context.tokens;
  if (tokens.TryTakeEmptyStatement()) return true;
  if (tokens.LooksAt("option")) {
    return ParseOptionStatement(context, at, number::kServiceOptions, &service->options);
  }
  if (tokens.LooksAt("rpc")) return ParseMethod(context, at, service);
  tokens.ErrorExpected("\"rpc\" or \"option\"");
  return false;
}

// `5`, `5 to 9`, `5 to max`; `at` is the list's span, start and end have the numbers 1 and 2.
bool ParseRange(TokenStream& tokens, const Span& at, size_t index, std::string_view what,
                int64_t min, int64_t max, NumberRange* range) {
  const Span span(at, {static_cast<int32_t>(index)});
  const Token& first = tokens.Peek();
  {
    const Span start(span, {number::kRangeStart});
    if (!tokens.ExpectInteger(what, min, max, &range->first, &range->location)) return false;
  }
  Span end(span, {number::kRangeEnd});
  range->last = range->first;
  if (!tokens.LooksAt("to")) {
    end.StartAt(first);
    end.EndAt(first);
    return true;
  }
  tokens.Take();
  end.StartAt(tokens.Peek());
  Location location;
  if (tokens.TryTake("max")) {
    range->last = kRangeMax;
  } else if (!tokens.ExpectInteger("the end of the range", min, max, &range->last, &location)) {
    return false;
  }
  if (range->last < range->first) {
    tokens.Error(range->location, "this range ends before it begins");
  }
  return true;
}

bool ParseReservedNames(ParseContext& context, Span& span, std::vector<ReservedName>* names) {
  TokenStream& tokens = context.tokens;
  do {
    const Span name_span(span, {static_cast<int32_t>(names->size())});
    ReservedName name;
    if (context.is_edition()) {
      if (tokens.Peek().kind == TokenKind::kString) {
        tokens.Error(tokens.Peek().location, "reserved names stand without quotes in editions");
        tokens.Take();
        continue;
      }
      if (!tokens.ExpectIdentifier("a reserved name", &name.name, &name.location)) return false;
    } else if (!tokens.ExpectString("a reserved name", &name.name, &name.location)) {
      return false;
    }
    names->push_back(std::move(name));
  } while (tokens.TryTake(","));
  return tokens.ExpectEndOfStatement("the reserved statement", &span);
}

}  // namespace

std::string FullName(const FileDescriptor& file, const MessageDescriptor* parent,
                     const std::string& name) {
  if (parent != nullptr) return parent->full_name + "." + name;
  return file.package.empty() ? name : file.package + "." + name;
}

bool ParseReserved(ParseContext& context, const Span& at, const ReservedNumbers& numbers,
                   std::vector<NumberRange>* ranges, std::vector<ReservedName>* names) {
  TokenStream& tokens = context.tokens;
  const Token& next = tokens.Peek(1);
  const bool is_names = next.kind == TokenKind::kString ||
                        (context.is_edition() && next.kind == TokenKind::kIdentifier);
  Span span(at, {is_names ? numbers.names : numbers.ranges});
  tokens.Take();
  if (is_names) return ParseReservedNames(context, span, names);
  do {
    NumberRange range;
    if (!ParseRange(tokens, span, ranges->size(), "a reserved number", numbers.min, numbers.max,
                    &range)) {
      return false;
    }
    ranges->push_back(range);
  } while (tokens.TryTake(","));
  return tokens.ExpectEndOfStatement("the reserved statement", &span);
}

bool ParseExtensionRanges(ParseContext& context, const Span& at, MessageDescriptor* message) {
  TokenStream& tokens = context.tokens;
  Span span(at, {number::kMessageExtensionRange});
  tokens.Take();
  std::vector<ExtensionRange>& ranges = message->extension_ranges;
  const size_t first = ranges.size();
  do {
    ExtensionRange range;
    // A message set's numbers go further; which it is, is known at its end.
    if (!ParseRange(tokens, span, ranges.size(), "an extension's number", 1, kInt32Max - 1,
                    &range.range)) {
      return false;
    }
    ranges.push_back(std::move(range));
  } while (tokens.TryTake(","));
  // The options are those of all ranges in the statement, and so are their places.
  std::vector<SourceLocation>& locations = context.file->source_locations;
  const size_t first_location = locations.size();
  const std::vector<int32_t> list = locations[static_cast<size_t>(span.index())].path;
  {
    const Span range_span(span, {static_cast<int32_t>(first)});
    if (!ParseBracketOptions(context, range_span, number::kExtensionRangeOptions,
                             &ranges[first].options)) {
      return false;
    }
  }
  locations.erase(locations.begin() + static_cast<ptrdiff_t>(first_location));
  for (Option& option : ranges[first].options) --option.source_index;
  const size_t location_count = locations.size() - first_location;
  for (size_t i = first + 1; i < ranges.size(); ++i) {
    const size_t shift = locations.size() - first_location;
    for (size_t j = 0; j < location_count; ++j) {
      SourceLocation copy = locations[first_location + j];
      copy.path[list.size()] = static_cast<int32_t>(i);
      locations.push_back(std::move(copy));
    }
    ranges[i].options = ranges[first].options;
    for (Option& option : ranges[i].options) option.source_index += static_cast<int>(shift);
  }
  return tokens.ExpectEndOfStatement("the extensions statement", &span);
}

bool ParseEnum(ParseContext& context, const Span& at, int32_t number, MessageDescriptor* parent,
               std::vector<std::unique_ptr<EnumDescriptor>>* enums) {
  TokenStream& tokens = context.tokens;
  Span span(at, {number, static_cast<int32_t>(enums->size())});
  auto enumeration = std::make_unique<EnumDescriptor>();
  tokens.Take();
  {
    const Span name(span, {number::kEnumName});
    if (!tokens.ExpectIdentifier("the enum's name", &enumeration->name, &enumeration->location)) {
      return false;
    }
  }
  if (!tokens.ExpectBlock("after the enum's name", &span)) return false;
  enumeration->comments = span.comments();
  enumeration->full_name = FullName(*context.file, parent, enumeration->name);
  enumeration->file = context.file;
  enumeration->parent = parent;
  EnumDescriptor* body = enums->emplace_back(std::move(enumeration)).get();
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (!ParseEnumElement(context, span, body)) tokens.SkipStatement();
  }
  for (NumberRange& range : body->reserved_ranges) {
    if (range.last == kRangeMax) range.last = kInt32Max;
  }
  return tokens.ExpectEndOfBlock("enum \"" + body->name + "\"");
}

bool ParseService(ParseContext& context, const Span& at) {
  TokenStream& tokens = context.tokens;
  FileDescriptor* file = context.file;
  Span span(at, {number::kFileService, static_cast<int32_t>(file->services.size())});
  ServiceDescriptor service;
  tokens.Take();
  {
    const Span name(span, {number::kServiceName});
    if (!tokens.ExpectIdentifier("the service's name", &service.name, &service.location)) {
      return false;
    }
  }
  if (!tokens.ExpectBlock("after the service's name", &span)) return false;
  service.comments = span.comments();
  service.full_name = FullName(*file, nullptr, service.name);
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (!ParseServiceElement(context, span, &service)) tokens.SkipStatement();
  }
  const bool ended = tokens.ExpectEndOfBlock("service \"" + service.name + "\"");
  file->services.push_back(std::move(service));
  return ended;
}

}  // namespace penstock::codec::compiler
