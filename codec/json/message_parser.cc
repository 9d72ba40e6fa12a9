#include "penstock/codec/json/message_parser.h"

#include "penstock/codec/field_access.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/message_operations.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/suggestion.h"

namespace penstock::codec::json {

using reflection::Field;
using reflection::MessageRef;
using reflection::MessageType;
using reflection::Value;
using reflection::ValueKind;

namespace {

bool IsDynamicValue(const Field& field) {
  return field.kind() == ValueKind::kMessage && !field.is_map() &&
         WellKnownOf(*field.message_type()) == WellKnown::kValue;
}

// The name of the member of a oneof that has a value; "" when none has.
std::string_view SelectedOf(MessageRef message, const Field& field) {
  if (field.layout().shape != FieldShape::kOneof) return {};
  const uint32_t number = At<uint32_t>(message.head(), field.layout().presence);
  return number == 0 ? std::string_view() : message.type().FindByNumber(number)->json_name();
}

// The type that holds the extension called "[full.name]"; null when it is none.
const MessageType* ExtensionOf(const MessageType& type, std::string_view name,
                               const ExtensionSource* extensions) {
  if (extensions == nullptr || !name.starts_with('[') || !name.ends_with(']')) return nullptr;
  return extensions->FindByName(type, name.substr(1, name.size() - 2));
}

std::string Quote(std::string_view text) {
  std::string quoted("\"");
  quoted.append(text.substr(0, kQuotedBytesMax));
  if (text.size() > kQuotedBytesMax) quoted += "...";
  return quoted + '"';
}

}  // namespace

bool MessageParser::ParseText(MessageRef message) {
  if (!ParseMessage(message) || !in_.Finish()) return false;
  const std::string missing = message.InitializationErrorString();
  return missing.empty() || in_.Fail(in_.offset(), "required fields are missing: " + missing);
}

// A message more. What is accepted here the wire's parsers accept, too.
bool MessageParser::EnterMessage() {
  if (PENSTOCK_UNLIKELY(depth_ > kParseDepthMax)) {
    return in_.Fail(in_.offset(),
                    "messages are nested more than " + std::to_string(kParseDepthMax) + " deep");
  }
  ++depth_;
  return true;
}

bool MessageParser::ParseMessage(MessageRef message) {
  if (!EnterMessage()) return false;
  const WellKnown known = WellKnownOf(message.type());
  const bool parsed = HasOwnForm(known) ? ParseWellKnown(known, message) : ParseObject(message);
  --depth_;
  return parsed;
}

bool MessageParser::ParseObject(MessageRef message) {
  if (in_.Peek() != JsonKind::kObject)
    return FailKind("an object of " + message.type().full_name());
  return in_.EnterObject() && ParseMembers(message, std::nullopt);
}

bool MessageParser::ParseMembers(MessageRef message, std::optional<std::string_view> skipped) {
  const MessageType& type = message.type();
  SeenFields seen(type.fields().size());
  for (std::string_view name; in_.NextMember(&name);) {
    const Field* field = type.FindByJsonName(name);
    if (PENSTOCK_UNLIKELY(field == nullptr)) {
      const MessageType* holder = ExtensionOf(type, name, options_.extensions);
      if (holder != nullptr) {
        if (!ParseExtension(message, *holder)) return path_.Within(holder->full_name());
        continue;
      }
      const bool is_left_out = options_.ignore_unknown_fields || name == skipped;
      if (!is_left_out) return FailName(type, name);
      if (!in_.SkipValue()) return false;
      continue;
    }
    if (!seen.Add(static_cast<size_t>(field - type.fields().data()))) {
      return in_.Fail(in_.name_offset(), "the field " + Quote(name) + " stands here twice");
    }
    if (!ParseMember(message, *field)) return path_.Within(field->json_name());
  }
  return !in_.failed();
}

bool MessageParser::ParseMember(MessageRef message, const Field& field) {
  // null is not there, but for the two types that have a null.
  if (in_.Peek() == JsonKind::kNull &&
      !(field.singular() && (IsDynamicValue(field) || IsNullValue(field)))) {
    return in_.ReadWord(JsonKind::kNull);
  }
  if (field.repeated()) return ParseArray(message, field);
  if (field.is_map()) return ParseMap(message, field);
  return ParseSingular(message, field);
}

bool MessageParser::ParseExtension(MessageRef message, const MessageType& holder_type) {
  const Field& field = holder_type.fields()[0];
  if (HasOtherField(message, field.number())) {
    return in_.Fail(in_.name_offset(), "the extension stands here twice");
  }
  MessageHead* head = MessageOperations::TryNewChild(message.head(), holder_type.layout());
  if (head == nullptr) return FailMemory();
  const MessageRef holder(*head, holder_type);
  if (!ParseMember(holder, field)) return false;
  const std::string octets = holder.SerializeAsString(MapOrder::kSorted);
  return TryAppendExtension(message, field.number(), wire::AsBytes(octets), depth_ - 1) ||
         FailMemory();
}

bool MessageParser::ParseSingular(MessageRef message, const Field& field) {
  const std::string_view other = SelectedOf(message, field);
  if (PENSTOCK_UNLIKELY(!other.empty())) {
    return in_.Fail(in_.name_offset(), "its oneof has a value already: " + Quote(other));
  }
  if (field.kind() == ValueKind::kMessage) {
    const auto child = message.TryMutable(field);
    return child.has_value() ? ParseMessage(*child) : FailMemory();
  }
  FoundValue value;
  if (!ParseValue(field, &value)) return false;
  return !value.has_value() || message.TrySet(field, *value) || FailMemory();
}

bool MessageParser::ParseArray(MessageRef message, const Field& field) {
  if (in_.Peek() != JsonKind::kArray) return FailKind("an array");
  if (!in_.EnterArray()) return false;
  for (size_t index = 0; in_.NextElement(); ++index) {
    if (!ParseElement(message, field)) return path_.WithinElement(index);
  }
  return !in_.failed();
}

bool MessageParser::ParseElement(MessageRef message, const Field& field) {
  if (field.kind() == ValueKind::kMessage) {
    if (in_.Peek() == JsonKind::kNull && !IsDynamicValue(field)) {
      return in_.Fail(in_.offset(), "an element is never null");
    }
    const auto element = message.TryAddMessage(field);
    return element.has_value() ? ParseMessage(*element) : FailMemory();
  }
  FoundValue value;
  if (!ParseValue(field, &value)) return false;
  return !value.has_value() || message.TryAdd(field, *value) || FailMemory();
}

bool MessageParser::ParseMap(MessageRef message, const Field& field) {
  if (in_.Peek() != JsonKind::kObject) return FailKind("an object of keys and values");
  if (!in_.EnterObject() || !EnterMessage()) return false;  // an entry is a message, too
  for (std::string_view name; in_.NextMember(&name);) {
    const std::string key(name);
    if (!ParseEntry(message, field, key)) return path_.WithinKey(key);
  }
  --depth_;
  return !in_.failed();
}

bool MessageParser::ParseEntry(MessageRef message, const Field& field, std::string_view key_text) {
  FoundValue key;
  if (!ParseKey(field.map_key(), key_text, &key)) return false;
  if (message.Lookup(field, *key).has_value()) {
    return in_.Fail(in_.name_offset(), "the key stands here twice");
  }
  const Field& value_field = field.map_value();
  if (value_field.kind() == ValueKind::kMessage) {
    if (in_.Peek() == JsonKind::kNull && !IsDynamicValue(value_field)) {
      return in_.Fail(in_.offset(), "a map's value is never null");
    }
    const auto child = message.TryInsertMessage(field, *key);
    return child.has_value() ? ParseMessage(*child) : FailMemory();
  }
  FoundValue value;
  if (!ParseValue(value_field, &value)) return false;
  return !value.has_value() || message.TryInsert(field, *key, *value) || FailMemory();
}

bool MessageParser::FailKind(std::string_view what) {
  const size_t offset = in_.offset();
  const JsonKind kind = in_.Peek();
  if (kind == JsonKind::kNothing) return false;
  return in_.Fail(
      offset, std::string(what) + " should stand here, not " + std::string(NameWithArticle(kind)));
}

bool MessageParser::FailName(const MessageType& type, std::string_view name) {
  std::vector<std::string> names;
  for (const Field& field : type.fields()) names.push_back(field.json_name());
  const std::string nearest = wire::NearestOf(name, names);
  std::string sentence = Quote(name) + " is no field of " + type.full_name();
  if (!nearest.empty()) sentence += ": did you mean \"" + nearest + "\"?";
  return in_.Fail(in_.name_offset(), std::move(sentence));
}

bool MessageParser::FailMemory() {
  return in_.Fail(in_.offset(), "the message needs more memory than its arena may take");
}

JsonStatus FromJson(std::string_view text, MessageRef message, const JsonParseOptions& options) {
  message.Clear();
  MessageParser parser(text, options);
  if (parser.ParseText(message)) return {};
  return JsonStatus(parser.Describe());
}

}  // namespace penstock::codec::json
