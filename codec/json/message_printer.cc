#include "penstock/codec/json/message_printer.h"

#include <cmath>
#include <utility>

#include "penstock/codec/json/base64.h"
#include "penstock/codec/json/scratch_message.h"
#include "penstock/codec/json/sorted_entries.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/number_text.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/utf8.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::json {

using reflection::ConstMessageRef;
using reflection::EnumValueDescriptor;
using reflection::Field;
using reflection::MapEntry;
using reflection::Value;
using reflection::ValueKind;

namespace {

std::string KeyText(const Value& key) {
  switch (key.kind()) {
    case ValueKind::kInt32:
      return std::to_string(key.int32());
    case ValueKind::kInt64:
      return std::to_string(key.int64());
    case ValueKind::kUint32:
      return std::to_string(key.uint32());
    case ValueKind::kUint64:
      return std::to_string(key.uint64());
    case ValueKind::kBool:
      return key.boolean() ? "true" : "false";
    default:
      return std::string(key.text());
  }
}

}  // namespace

bool MessagePrinter::PrintMessage(ConstMessageRef message) {
  if (depth_ > kParseDepthMax) {
    return Fail("messages are nested more than " + std::to_string(kParseDepthMax) + " deep");
  }
  ++depth_;
  const WellKnown known = WellKnownOf(message.type());
  bool printed = true;
  if (PENSTOCK_UNLIKELY(HasOwnForm(known))) {
    printed = PrintWellKnown(known, message);
  } else {
    json_.BeginObject();
    printed = PrintFields(message);
    json_.EndObject();
  }
  --depth_;
  return printed;
}

bool MessagePrinter::PrintFields(ConstMessageRef message) {
  for (const Field& field : message.type().fields()) {
    const bool has = message.Has(field);
    if (!has && (field.has_presence() || !options_.print_fields_without_presence)) continue;
    json_.Key(options_.preserve_proto_names ? field.name() : field.json_name());
    if (!PrintField(message, field)) return path_.Within(field.json_name());
  }
  return options_.extensions == nullptr || !MayHaveOtherFields(message) || PrintExtensions(message);
}

// One whose octets do not decode is left out, as unknown fields are.
bool MessagePrinter::PrintExtensions(ConstMessageRef message) {
  for (const ExtensionFields& extension : OtherFieldsOf(message, options_.extensions).extensions) {
    ScratchMessage scratch(*extension.type);
    const ParseResult parsed = scratch.ref().ParseFrom(wire::AsBytes(extension.octets));
    if (!parsed.ok() && parsed.error != ParseError::kMissingField) continue;
    if (!PrintFields(scratch.ref())) return false;
  }
  return true;
}

bool MessagePrinter::PrintField(ConstMessageRef message, const Field& field) {
  if (field.repeated()) return PrintArray(message, field);
  if (field.is_map()) return PrintMap(message, field);
  return PrintValue(field, message.Get(field));
}

bool MessagePrinter::PrintArray(ConstMessageRef message, const Field& field) {
  json_.BeginArray();
  const size_t size = message.Size(field);
  for (size_t i = 0; i < size; ++i) {
    if (!PrintValue(field, message.At(field, i))) return path_.WithinElement(i);
  }
  json_.EndArray();
  return true;
}

bool MessagePrinter::PrintMap(ConstMessageRef message, const Field& field) {
  json_.BeginObject();
  for (const MapEntry& entry : SortedEntries(message, field)) {
    const std::string key = KeyText(entry.key);
    if (!IsValidUtf8(key)) return Fail("a key is not UTF-8, and JSON has no other text");
    json_.Key(key);
    if (!PrintValue(field.map_value(), entry.value)) return path_.WithinKey(key);
  }
  json_.EndObject();
  return true;
}

bool MessagePrinter::PrintValue(const Field& field, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kInt32:
      json_.Integer32(value.int32());
      return true;
    case ValueKind::kInt64:
      json_.Integer64(value.int64());
      return true;
    case ValueKind::kUint32:
      json_.Integer32(value.uint32());
      return true;
    case ValueKind::kUint64:
      json_.Integer64(value.uint64());
      return true;
    case ValueKind::kFloat:
      PrintNumber(value.float32());
      return true;
    case ValueKind::kDouble:
      PrintNumber(value.float64());
      return true;
    case ValueKind::kBool:
      json_.Bool(value.boolean());
      return true;
    case ValueKind::kEnum:
      PrintEnum(field, value.enum_number());
      return true;
    case ValueKind::kText:
      return PrintText(field, value.text());
    case ValueKind::kMessage:
      return PrintMessage(value.message());
  }
  return true;
}

void MessagePrinter::PrintNumber(double value) {
  if (std::isfinite(value)) {
    AppendNumber(value, &json_.Value());
  } else {
    json_.String(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  }
}

void MessagePrinter::PrintNumber(float value) {
  // What is not finite has no digits that could differ.
  if (!std::isfinite(value)) return PrintNumber(double{value});
  AppendNumber(value, &json_.Value());
}

void MessagePrinter::PrintEnum(const Field& field, int32_t number) {
  // Another number than its only one is kept, as that of any enum.
  if (IsNullValue(field) && number == 0) return json_.Null();
  if (!options_.enums_as_numbers) {
    for (const EnumValueDescriptor& value : field.enumeration()->values) {
      if (value.number == number) return json_.String(value.name);
    }
  }
  json_.Integer32(number);
}

bool MessagePrinter::PrintText(const Field& field, std::string_view text) {
  if (field.type() == FieldType::kBytes) {
    std::string& out = json_.Value();
    out += '"';
    AppendBase64(text, &out);
    out += '"';
    return true;
  }
  if (!IsValidUtf8(text)) return Fail("the string is not UTF-8, and JSON has no other text");
  json_.String(text);
  return true;
}

bool MessagePrinter::Fail(std::string sentence) {
  sentence_ = std::move(sentence);
  return false;
}

JsonStatus ToJson(ConstMessageRef message, std::string* out, const JsonPrintOptions& options) {
  const size_t begin = out->size();
  MessagePrinter printer(out, options);
  if (printer.PrintMessage(message)) return {};
  out->resize(begin);
  return JsonStatus(printer.Describe());
}

}  // namespace penstock::codec::json
