// Single values: numbers, bools, enums, texts and the keys of maps: a part of MessageParser.
#include <limits>
#include <type_traits>

#include "penstock/codec/json/base64.h"
#include "penstock/codec/json/message_parser.h"

namespace penstock::codec::json {

using reflection::EnumValueDescriptor;
using reflection::Field;
using reflection::Value;
using reflection::ValueKind;

namespace {

std::string_view NameOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kInt32:
      return "a signed integer of 32 bits";
    case ValueKind::kInt64:
      return "a signed integer of 64 bits";
    case ValueKind::kUint32:
      return "an unsigned integer of 32 bits";
    case ValueKind::kUint64:
      return "an unsigned integer of 64 bits";
    case ValueKind::kFloat:
      return "a float";
    case ValueKind::kDouble:
      return "a double";
    case ValueKind::kEnum:
      return "the number of an enum value";
    case ValueKind::kBool:
    case ValueKind::kText:
    case ValueKind::kMessage:
      break;
  }
  return "a number";
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    if (small(a[i]) != small(b[i])) return false;
  }
  return true;
}

// As it is written, or else in any case.
const EnumValueDescriptor* FindByName(const Field& field, std::string_view name) {
  const auto& values = field.enumeration()->values;
  for (const EnumValueDescriptor& value : values) {
    if (value.name == name) return &value;
  }
  for (const EnumValueDescriptor& value : values) {
    if (EqualIgnoringCase(value.name, name)) return &value;
  }
  return nullptr;
}

bool HasNumber(const Field& field, int32_t number) {
  for (const EnumValueDescriptor& value : field.enumeration()->values) {
    if (value.number == number) return true;
  }
  return false;
}

// The three that JSON's numbers do not have.
template <typename Number>
bool IsSpecial(std::string_view text, Number* value) {
  if (text == "NaN") {
    *value = std::numeric_limits<Number>::quiet_NaN();
  } else if (text == "Infinity") {
    *value = std::numeric_limits<Number>::infinity();
  } else if (text == "-Infinity") {
    *value = -std::numeric_limits<Number>::infinity();
  } else {
    return false;
  }
  return true;
}

std::string Cut(std::string_view text) {
  if (text.size() <= kQuotedBytesMax) return std::string(text);
  return std::string(text.substr(0, kQuotedBytesMax)) + "...";
}

}  // namespace

bool MessageParser::ParseValue(const Field& field, FoundValue* value) {
  switch (field.kind()) {
    case ValueKind::kInt32:
      return ParseNumberOf<int32_t>(field, value);
    case ValueKind::kInt64:
      return ParseNumberOf<int64_t>(field, value);
    case ValueKind::kUint32:
      return ParseNumberOf<uint32_t>(field, value);
    case ValueKind::kUint64:
      return ParseNumberOf<uint64_t>(field, value);
    case ValueKind::kFloat:
      return ParseNumberOf<float>(field, value);
    case ValueKind::kDouble:
      return ParseNumberOf<double>(field, value);
    case ValueKind::kBool:
      return ParseBool(value);
    case ValueKind::kEnum:
      return ParseEnum(field, value);
    case ValueKind::kText:
      return ParseString(field, value);
    case ValueKind::kMessage:
      break;
  }
  return false;
}

template <typename Number>
bool MessageParser::ParseNumberOf(const Field& field, FoundValue* value) {
  const JsonKind kind = in_.Peek();
  const size_t offset = in_.offset();
  std::string_view text;
  if (kind == JsonKind::kString) {
    if (!in_.ReadString(&text)) return false;
    if constexpr (std::is_floating_point_v<Number>) {
      Number special = 0;
      if (IsSpecial(text, &special)) {
        value->emplace(special);
        return true;
      }
    }
  } else if (kind == JsonKind::kNumber) {
    if (!in_.ReadNumber(&text)) return false;
  } else {
    return FailKind(NameOf(field.kind()));
  }
  return ConvertNumber<Number>(field, text, offset, value);
}

template <typename Number>
bool MessageParser::ConvertNumber(const Field& field, std::string_view spelling, size_t offset,
                                  FoundValue* value) {
  Number number = 0;
  const NumberFault fault = ParseNumber(spelling, &number);
  if (PENSTOCK_UNLIKELY(fault != NumberFault::kNone)) {
    return FailNumber(field, spelling, offset, fault);
  }
  value->emplace(number);
  return true;
}

bool MessageParser::ParseBool(FoundValue* value) {
  const JsonKind kind = in_.Peek();
  if (kind != JsonKind::kTrue && kind != JsonKind::kFalse) return FailKind("true or false");
  value->emplace(kind == JsonKind::kTrue);
  return in_.ReadWord(kind);
}

bool MessageParser::ParseEnum(const Field& field, FoundValue* value) {
  const JsonKind kind = in_.Peek();
  const size_t offset = in_.offset();
  std::string_view text;
  if (kind == JsonKind::kNull && IsNullValue(field)) {
    *value = Value::OfEnum(0);
    return in_.ReadWord(kind);
  }
  if (kind == JsonKind::kString) {
    if (!in_.ReadString(&text)) return false;
    const EnumValueDescriptor* found = FindByName(field, text);
    if (found != nullptr) {
      *value = Value::OfEnum(found->number);
      return true;
    }
    if (options_.ignore_unknown_fields) return true;
    return in_.Fail(offset,
                    "\"" + Cut(text) + "\" is no value of " + field.enumeration()->full_name);
  }
  if (kind != JsonKind::kNumber) return FailKind("the name or number of an enum value");
  if (!in_.ReadNumber(&text)) return false;
  int32_t number = 0;
  const NumberFault fault = ParseNumber(text, &number);
  if (fault != NumberFault::kNone) return FailNumber(field, text, offset, fault);
  // A closed enum has no room for other numbers.
  if (field.layout().closed_enum != nullptr && !HasNumber(field, number)) {
    if (options_.ignore_unknown_fields) return true;
    return in_.Fail(offset, Cut(text) + " is no value of " + field.enumeration()->full_name);
  }
  *value = Value::OfEnum(number);
  return true;
}

bool MessageParser::ParseString(const Field& field, FoundValue* value) {
  const bool is_bytes = field.type() == FieldType::kBytes;
  if (in_.Peek() != JsonKind::kString) {
    return FailKind(is_bytes ? "a string of base64" : "a string");
  }
  const size_t offset = in_.offset();
  std::string_view text;
  if (!in_.ReadString(&text)) return false;
  if (!is_bytes) {
    value->emplace(text);
    return true;
  }
  octets_.clear();
  if (!DecodeBase64(text, &octets_)) return in_.Fail(offset, "the string is no base64");
  value->emplace(std::string_view(octets_));
  return true;
}

bool MessageParser::ParseKey(const Field& field, std::string_view text, FoundValue* key) {
  const size_t offset = in_.name_offset();
  switch (field.kind()) {
    case ValueKind::kInt32:
      return ConvertNumber<int32_t>(field, text, offset, key);
    case ValueKind::kInt64:
      return ConvertNumber<int64_t>(field, text, offset, key);
    case ValueKind::kUint32:
      return ConvertNumber<uint32_t>(field, text, offset, key);
    case ValueKind::kUint64:
      return ConvertNumber<uint64_t>(field, text, offset, key);
    case ValueKind::kBool:
      if (text != "true" && text != "false") {
        return in_.Fail(offset, "a key is \"true\" or \"false\" here");
      }
      key->emplace(text == "true");
      return true;
    default:
      key->emplace(text);
      return true;
  }
}

bool MessageParser::FailNumber(const Field& field, std::string_view spelling, size_t offset,
                               NumberFault fault) {
  const std::string number = Cut(spelling);
  if (fault == NumberFault::kNoNumber) return in_.Fail(offset, "\"" + number + "\" is no number");
  return in_.Fail(
      offset,
      number +
          (fault == NumberFault::kFraction ? " is not whole, as " : " is out of the range of ") +
          std::string(NameOf(field.kind())) + (fault == NumberFault::kFraction ? " must be" : ""));
}

}  // namespace penstock::codec::json
