// The JSON forms of the well-known types: a part of MessageParser.
#include "penstock/codec/json/field_mask_text.h"
#include "penstock/codec/json/message_parser.h"
#include "penstock/codec/json/time_text.h"
#include "penstock/codec/message_operations.h"

namespace penstock::codec::json {

using reflection::Field;
using reflection::MessageRef;
using reflection::MessageType;
using reflection::Value;

namespace {

// WellKnownOf() has seen that it is there.
const Field& Part(MessageRef message, uint32_t number) {
  return *message.type().FindByNumber(number);
}

constexpr std::string_view kTypeMember = "@type";
constexpr std::string_view kValueMember = "value";

}  // namespace

bool MessageParser::ParseWellKnown(WellKnown known, MessageRef message) {
  switch (known) {
    case WellKnown::kAny:
      return ParseAny(message);
    case WellKnown::kTimestamp:
    case WellKnown::kDuration:
      return ParseTime(known, message);
    case WellKnown::kFieldMask:
      return ParseFieldMask(message);
    case WellKnown::kStruct:
      return ParseMap(message, Part(message, 1));
    case WellKnown::kValue:
      return ParseDynamicValue(message);
    case WellKnown::kListValue:
      return ParseArray(message, Part(message, 1));
    case WellKnown::kWrapper:
      return ParseSingular(message, Part(message, 1));
    case WellKnown::kNone:
    case WellKnown::kEmpty:
      break;
  }
  return false;
}

bool MessageParser::ParseTime(WellKnown known, MessageRef message) {
  const bool is_timestamp = known == WellKnown::kTimestamp;
  if (in_.Peek() != JsonKind::kString) {
    return FailKind(is_timestamp ? "a string with a time" : "a string with a duration");
  }
  const size_t offset = in_.offset();
  std::string_view text;
  if (!in_.ReadString(&text)) return false;
  SecondsAndNanos time;
  if (!(is_timestamp ? ParseTimestamp(text, &time) : ParseDuration(text, &time))) {
    return in_.Fail(offset, is_timestamp
                                ? "this is no time of the years 1 to 9999 as RFC 3339 writes it: "
                                  "\"1972-01-01T10:00:20.021Z\""
                                : "this is no duration of up to 10000 years: \"-1.5s\"");
  }
  return (message.TrySet(Part(message, 1), Value(time.seconds)) &&
          message.TrySet(Part(message, 2), Value(time.nanos))) ||
         FailMemory();
}

bool MessageParser::ParseFieldMask(MessageRef mask) {
  if (in_.Peek() != JsonKind::kString) return FailKind("a string with the paths of a field mask");
  const size_t offset = in_.offset();
  std::string_view rest;
  if (!in_.ReadString(&rest)) return false;
  if (rest.empty()) return true;
  std::string path;
  for (bool more = true; more;) {
    const size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    if (!ParseCamelPath(rest.substr(0, comma), &path)) {
      return in_.Fail(offset, "a path of a field mask is lowerCamelCase, without underscores");
    }
    if (!mask.TryAdd(Part(mask, 1), Value(path))) return FailMemory();
    if (more) rest.remove_prefix(comma + 1);
  }
  return true;
}

bool MessageParser::ParseDynamicValue(MessageRef value) {
  switch (in_.Peek()) {
    case JsonKind::kNothing:
      return false;
    case JsonKind::kNull:
      return in_.ReadWord(JsonKind::kNull) &&
             (value.TrySet(Part(value, 1), Value::OfEnum(0)) || FailMemory());
    case JsonKind::kNumber:
      return ParseSingular(value, Part(value, 2));
    case JsonKind::kString:
      return ParseSingular(value, Part(value, 3));
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      return ParseSingular(value, Part(value, 4));
    case JsonKind::kObject:
      return ParseSingular(value, Part(value, 5));
    case JsonKind::kArray:
      return ParseSingular(value, Part(value, 6));
  }
  return false;
}

// The type may stand behind what is of that type: the object is read twice.
bool MessageParser::ParseAny(MessageRef any) {
  if (in_.Peek() != JsonKind::kObject) return FailKind("an object with an \"@type\"");
  const size_t offset = in_.offset();
  if (!in_.EnterObject()) return false;
  const JsonReader::Place begin = in_.place();
  std::string url;
  size_t url_offset = offset;
  bool has_members = false;
  if (!FindTypeUrl(&url, &url_offset, &has_members)) return false;
  if (!has_members) return true;
  const MessageType* type = FindTypeOf(url, any.type(), options_.types);
  if (type == nullptr) {
    if (url_offset == offset) return in_.Fail(offset, "an Any needs an \"@type\"");
    return in_.Fail(url_offset,
                    "the type \"" + url + "\" is not known: give it with JsonParseOptions::types");
  }
  in_.ReturnTo(begin);
  MessageHead* head = MessageOperations::TryNewChild(any.head(), type->layout());
  if (head == nullptr) return FailMemory();
  const MessageRef payload(*head, *type);
  if (!EnterMessage() || !ParsePayload(payload)) return false;
  --depth_;
  const std::string octets = payload.SerializeAsString(MapOrder::kSorted);
  return (any.TrySet(Part(any, 1), Value(url)) && any.TrySet(Part(any, 2), Value(octets))) ||
         FailMemory();
}

// Steps over the members of an object that was entered.
bool MessageParser::FindTypeUrl(std::string* url, size_t* url_offset, bool* has_members) {
  bool found = false;
  for (std::string_view name; in_.NextMember(&name);) {
    *has_members = true;
    if (name != kTypeMember) {
      if (!in_.SkipValue()) return false;
      continue;
    }
    if (found) return in_.Fail(in_.name_offset(), "\"@type\" stands here twice");
    found = true;
    if (in_.Peek() != JsonKind::kString) return FailKind("a string with the URL of a type");
    *url_offset = in_.offset();
    std::string_view text;
    if (!in_.ReadString(&text)) return false;
    *url = text;
  }
  return !in_.failed();
}

// The members of an Any that was entered, without its "@type".
bool MessageParser::ParsePayload(MessageRef payload) {
  const WellKnown known = WellKnownOf(payload.type());
  if (known == WellKnown::kNone) return ParseMembers(payload, kTypeMember);
  bool found = known == WellKnown::kEmpty;
  bool twice = false;
  for (std::string_view name; in_.NextMember(&name);) {
    if (name == kValueMember && !twice) {
      found = twice = true;
      if (!ParseMessage(payload)) return path_.Within(kValueMember);
    } else if (name == kTypeMember || (options_.ignore_unknown_fields && name != kValueMember)) {
      if (!in_.SkipValue()) return false;
    } else {
      return in_.Fail(in_.name_offset(), "an Any of " + payload.type().full_name() +
                                             " holds one \"value\" and nothing else");
    }
  }
  if (in_.failed()) return false;
  return found ||
         in_.Fail(in_.offset(), "an Any of " + payload.type().full_name() + " needs a \"value\"");
}

}  // namespace penstock::codec::json
