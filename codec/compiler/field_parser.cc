// Fields: singular, repeated, maps and groups, with what stands in their brackets.
#include <array>
#include <string_view>
#include <utility>

#include "penstock/codec/compiler/declarations.h"
#include "penstock/codec/compiler/descriptor_numbers.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

struct ScalarName {
  std::string_view name;
  FieldType type;
};

constexpr std::array<ScalarName, 16> kScalarNames = {{
    {"double", FieldType::kDouble},
    {"float", FieldType::kFloat},
    {"int64", FieldType::kInt64},
    {"uint64", FieldType::kUint64},
    {"int32", FieldType::kInt32},
    {"fixed64", FieldType::kFixed64},
    {"fixed32", FieldType::kFixed32},
    {"bool", FieldType::kBool},
    {"string", FieldType::kString},
    {"group", FieldType::kGroup},
    {"bytes", FieldType::kBytes},
    {"uint32", FieldType::kUint32},
    {"sfixed32", FieldType::kSfixed32},
    {"sfixed64", FieldType::kSfixed64},
    {"sint32", FieldType::kSint32},
    {"sint64", FieldType::kSint64},
}};

bool ParseType(TokenStream& tokens, FieldDescriptor* field) {
  field->type_location = tokens.Peek().location;
  for (const ScalarName& scalar : kScalarNames) {
    if (tokens.LooksAt(scalar.name)) {
      field->type = scalar.type;
      tokens.Take();
      return true;
    }
  }
  return tokens.ExpectFullName("the field's type", true, &field->type_name, &field->type_location);
}

// The two fields of a map's entry.
struct MapTypes {
  FieldDescriptor key;
  FieldDescriptor value;
};

bool ParseMapType(TokenStream& tokens, FieldDescriptor* field, MapTypes* types) {
  if (field->label != FieldDescriptor::Label::kSingular) {
    tokens.Error(tokens.Peek().location, "a map has no label");
  }
  if (field->oneof_index >= 0) {
    tokens.Error(tokens.Peek().location, "a map cannot be in a oneof");
    field->oneof_index = -1;
  }
  if (field->is_extension) {
    tokens.Error(tokens.Peek().location, "an extension cannot be a map");
  }
  field->type_location = tokens.Take().location;
  field->label = FieldDescriptor::Label::kRepeated;
  field->is_map = true;
  for (FieldDescriptor* part : {&types->key, &types->value}) {
    if (!tokens.Expect(part == &types->key ? "<" : ",", "before the type in a map") ||
        !ParseType(tokens, part)) {
      return false;
    }
    if (part->type == FieldType::kGroup) {
      tokens.Error(part->type_location, "a map cannot hold groups");
    }
  }
  switch (types->key.type) {
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kBytes:
      tokens.Error(types->key.type_location, "the key of a map is an integer, a bool or a string");
      break;
    default:  // names of types are judged once they are known
      break;
  }
  return tokens.Expect(">", "after the map's value type");
}

// A map is a repeated field of messages with a key and a value: here that message is made.
void AddMapEntry(ParseContext& context, const Scope& scope, FieldDescriptor* map, MapTypes types) {
  auto entry = std::make_unique<MessageDescriptor>();
  entry->name = MapEntryName(map->name);
  entry->full_name = FullName(*context.file, scope.message, entry->name);
  entry->file = context.file;
  entry->parent = scope.message;
  entry->is_map_entry = true;
  entry->location = map->location;
  types.key.name = types.key.json_name = "key";
  types.key.number = 1;
  types.value.name = types.value.json_name = "value";
  types.value.number = 2;
  types.key.location = types.value.location = map->location;
  types.key.full_name = entry->full_name + ".key";
  types.value.full_name = entry->full_name + ".value";
  map->type = FieldType::kMessage;
  map->type_name = "." + entry->full_name;
  entry->fields.push_back(std::move(types.key));
  entry->fields.push_back(std::move(types.value));
  scope.messages->push_back(std::move(entry));
}

// `[default = 1, json_name = "x", option = 2]`; the first two are fields of FieldDescriptorProto.
bool ParseFieldOptions(ParseContext& context, const Span& at, FieldDescriptor* field) {
  TokenStream& tokens = context.tokens;
  if (!tokens.LooksAt("[")) return true;
  const Span span(at, {number::kFieldOptions});
  tokens.Take();
  do {
    const Location location = tokens.Peek().location;
    if (tokens.LooksAt("default") && tokens.Peek(1).Is("=")) {
      if (field->written_default.has_value()) tokens.Error(location, "default is set twice");
      tokens.Take();
      tokens.Take();
      const Span value_span(at, {number::kFieldDefaultValue});
      Option value;
      value.name = "default";
      value.location = location;
      if (!ParseOptionValue(tokens, &value)) return false;
      field->written_default = std::move(value);
    } else if (tokens.LooksAt("json_name") && tokens.Peek(1).Is("=")) {
      if (field->has_json_name) tokens.Error(location, "json_name is set twice");
      const Span json_span(at, {number::kFieldJsonName});
      tokens.Take();
      tokens.Take();
      const Span value_span(json_span, {});
      Location value_location;
      if (!tokens.ExpectString("the name in JSON, in quotes", &field->json_name, &value_location)) {
        return false;
      }
      field->has_json_name = true;
    } else if (!ParseOption(context, span, &field->options)) {
      return false;
    }
  } while (tokens.TryTake(","));
  return tokens.Expect("]", "after the options");
}

// `{ ... }` of a group: a message of the field's name, which the field takes in lower case.
bool ParseGroupBody(ParseContext& context, const Scope& scope, const Span& at, const Token& name,
                    FieldDescriptor* field) {
  TokenStream& tokens = context.tokens;
  Span span(scope.span, {scope.messages_number, static_cast<int32_t>(scope.messages->size())});
  span.StartAt(at);
  for (const Span* owner : {static_cast<const Span*>(&span), &at}) {
    Span name_span(*owner, {owner == &at ? number::kFieldTypeName : number::kMessageName});
    name_span.StartAt(name);
    name_span.EndAt(name);
  }
  if (name.text[0] < 'A' || name.text[0] > 'Z') {
    tokens.Error(name.location, "the name of a group begins with a capital letter");
  }
  auto group = std::make_unique<MessageDescriptor>();
  group->name = name.text;
  group->full_name = FullName(*context.file, scope.message, group->name);
  group->file = context.file;
  group->parent = scope.message;
  group->location = name.location;
  field->name = LowerCase(field->name);
  field->type_name = "." + group->full_name;
  MessageDescriptor* body = scope.messages->emplace_back(std::move(group)).get();
  return ParseMessageBlock(context, span, body);
}

// `= number [options];`, or a group's body for the ';'.
bool FinishField(ParseContext& context, const Scope& scope, Span& at, const Token& name,
                 FieldDescriptor* field, bool* good_number) {
  TokenStream& tokens = context.tokens;
  if (!tokens.Expect("=", "and a number after the field's name")) return false;
  {
    const Span number_span(at, {number::kFieldNumber});
    // Extensions of message sets may have any number; the others' are checked when it is known.
    const int64_t max = field->is_extension ? INT32_MAX : kFieldNumberMax;
    int64_t value = 0;
    *good_number =
        tokens.ExpectInteger("the field's number", 1, max, &value, &field->number_location);
    if (!*good_number && tokens.Peek().kind != TokenKind::kSymbol) return false;
    field->number = static_cast<uint32_t>(value);
  }
  if (!ParseFieldOptions(context, at, field)) return false;
  bool ended = true;
  if (field->is_group()) {
    ended = ParseGroupBody(context, scope, at, name, field);
  } else {
    ended = tokens.ExpectEndOfStatement("field \"" + field->name + "\"", &at);
    field->comments = at.comments();
  }
  if (!field->has_json_name) field->json_name = JsonName(field->name);
  field->full_name = FullName(*context.file, scope.message, field->name);
  return ended;
}

}  // namespace

bool ParseLabel(ParseContext& context, const Span& at, FieldDescriptor* field) {
  TokenStream& tokens = context.tokens;
  using Label = FieldDescriptor::Label;
  const Label label = tokens.LooksAt("repeated")   ? Label::kRepeated
                      : tokens.LooksAt("optional") ? Label::kOptional
                      : tokens.LooksAt("required") ? Label::kRequired
                                                   : Label::kSingular;
  if (label == Label::kSingular) return true;
  const Location location = tokens.Peek().location;
  const Span span(at, {number::kFieldLabel});
  tokens.Take();
  field->label = label;
  if (field->oneof_index >= 0) {
    tokens.Error(location, "fields of a oneof have no label");
    field->label = Label::kSingular;
  } else if (label == Label::kRequired && context.is_proto3()) {
    tokens.Error(location, "required fields do not exist in proto3");
  } else if (label == Label::kRequired && context.is_edition()) {
    tokens.Error(location,
                 "there is no \"required\" in editions: write [features.field_presence = "
                 "LEGACY_REQUIRED]");
  } else if (label == Label::kOptional && context.is_edition()) {
    tokens.Error(location,
                 "there is no \"optional\" in editions: fields are, unless features say "
                 "otherwise");
  }
  field->proto3_optional = label == Label::kOptional && context.is_proto3();
  return true;
}

bool ParseField(ParseContext& context, const Scope& scope, Span& at, FieldDescriptor field,
                std::vector<FieldDescriptor>* fields) {
  TokenStream& tokens = context.tokens;
  const bool is_map = tokens.LooksAt("map") && tokens.Peek(1).Is("<");
  MapTypes map_types;
  {
    Span span(at, {});
    if (is_map) {
      if (!ParseMapType(tokens, &field, &map_types)) return false;
    } else {
      const Location location = tokens.Peek().location;
      if (!ParseType(tokens, &field)) return false;
      if (field.label == FieldDescriptor::Label::kSingular && context.is_proto2() &&
          field.oneof_index < 0) {
        tokens.Error(location,
                     "a field of proto2 begins with \"optional\", \"required\" or \"repeated\"");
      }
      if (field.is_group() && !context.is_proto2()) {
        tokens.Error(location, context.is_proto3() ? "groups do not exist in proto3"
                                                   : "there is no \"group\" in editions: write a "
                                                     "message with [features.message_encoding = "
                                                     "DELIMITED]");
      }
    }
    span.AddPath(is_map || field.type == FieldType::kMessage ? number::kFieldTypeName
                                                             : number::kFieldType);
  }
  const Token& name = tokens.Peek();
  {
    const Span span(at, {number::kFieldName});
    if (!tokens.ExpectIdentifier("the field's name", &field.name, &field.location)) return false;
  }
  bool good_number = false;
  const bool ended = FinishField(context, scope, at, name, &field, &good_number);
  if (!good_number || field.full_name.empty()) return ended;
  if (is_map) AddMapEntry(context, scope, &field, std::move(map_types));
  fields->push_back(std::move(field));
  return ended;
}

}  // namespace penstock::codec::compiler
