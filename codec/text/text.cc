#include "penstock/codec/text/text.h"

#include <cmath>

#include "penstock/codec/json/scratch_message.h"
#include "penstock/codec/json/sorted_entries.h"
#include "penstock/codec/json/well_known.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/number_text.h"
#include "penstock/codec/text/text_escape.h"
#include "penstock/codec/text/text_writer.h"
#include "penstock/codec/text/unknown_printer.h"
#include "penstock/codec/utf8.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::text {

using reflection::ConstMessageRef;
using reflection::EnumValueDescriptor;
using reflection::Field;
using reflection::MapEntry;
using reflection::MessageType;
using reflection::Value;
using reflection::ValueKind;

namespace {

template <typename Number>
void AppendFloating(Number value, std::string* out) {
  if (std::isfinite(value)) return AppendNumber(value, out);
  *out += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

void AppendEnum(const Field& field, int32_t number, std::string* out) {
  for (const EnumValueDescriptor& value : field.enumeration()->values) {
    if (value.number != number) continue;
    *out += value.name;
    return;
  }
  *out += std::to_string(number);
}

class TextPrinter {
 public:
  TextPrinter(std::string* out, const TextOptions& options)
      : options_(options), writer_(options.single_line, out) {}

  void PrintFields(ConstMessageRef message) {
    if (depth_ > kParseDepthMax) return writer_.Omit();
    ++depth_;
    const bool is_any =
        options_.expand_any && json::WellKnownOf(message.type()) == json::WellKnown::kAny;
    if (!is_any || !PrintExpanded(message)) {
      for (const Field& field : message.type().fields()) PrintField(message, field);
      if (json::MayHaveOtherFields(message)) PrintOthers(message);
    }
    --depth_;
  }

 private:
  void PrintField(ConstMessageRef message, const Field& field) {
    if (field.is_map()) {
      for (const MapEntry& entry : json::SortedEntries(message, field)) {
        writer_.BeginMessage(field.name());
        PrintValue(field.map_key(), entry.key);
        PrintValue(field.map_value(), entry.value);
        writer_.EndMessage();
      }
    } else if (field.repeated()) {
      const size_t size = message.Size(field);
      for (size_t i = 0; i < size; ++i) PrintValue(field, message.At(field, i));
    } else if (message.Has(field)) {
      PrintValue(field, message.Get(field));
    }
  }

  void PrintValue(const Field& field, const Value& value) {
    if (value.kind() == ValueKind::kMessage) {
      // A group is called as its type is.
      const bool is_extension = field.name().starts_with('[');
      writer_.BeginMessage(field.type() == FieldType::kGroup && !is_extension
                               ? field.message_type()->descriptor().name
                               : field.name());
      PrintFields(value.message());
      writer_.EndMessage();
      return;
    }
    AppendValue(field, value, &writer_.BeginField(field.name()));
    writer_.EndField();
  }

  void AppendValue(const Field& field, const Value& value, std::string* out) const {
    switch (value.kind()) {
      case ValueKind::kInt32:
        *out += std::to_string(value.int32());
        return;
      case ValueKind::kInt64:
        *out += std::to_string(value.int64());
        return;
      case ValueKind::kUint32:
        *out += std::to_string(value.uint32());
        return;
      case ValueKind::kUint64:
        *out += std::to_string(value.uint64());
        return;
      case ValueKind::kFloat:
        return AppendFloating(value.float32(), out);
      case ValueKind::kDouble:
        return AppendFloating(value.float64(), out);
      case ValueKind::kBool:
        *out += value.boolean() ? "true" : "false";
        return;
      case ValueKind::kEnum:
        return AppendEnum(field, value.enum_number(), out);
      case ValueKind::kText: {
        const bool keep_high =
            options_.keep_utf8 && field.type() == FieldType::kString && IsValidUtf8(value.text());
        return AppendEscaped(value.text(), keep_high, out);
      }
      case ValueKind::kMessage:
        return;
    }
  }

  void PrintOthers(ConstMessageRef message) {
    json::OtherFields others = json::OtherFieldsOf(message, options_.extensions);
    for (const json::ExtensionFields& extension : others.extensions) {
      json::ScratchMessage scratch(*extension.type);
      const ParseResult parsed = scratch.ref().ParseFrom(wire::AsBytes(extension.octets));
      if (parsed.ok() || parsed.error == ParseError::kMissingField) {
        PrintFields(scratch.ref());
      } else {
        others.unknown += extension.octets;
      }
    }
    if (options_.print_unknown_fields) PrintUnknownFields(others.unknown, depth_, &writer_);
  }

  // False when the type is not known, or what is in it is no message of it: then it is printed as
  // it is.
  bool PrintExpanded(ConstMessageRef any) {
    const std::string url(any.Get(*any.type().FindByNumber(1)).text());
    const Value octets = any.Get(*any.type().FindByNumber(2));
    const MessageType* type = json::FindTypeOf(url, any.type(), options_.types);
    if (type == nullptr) return false;
    json::ScratchMessage scratch(*type);
    const ParseResult parsed = scratch.ref().ParseFrom(wire::AsBytes(octets.text()));
    if (!parsed.ok() && parsed.error != ParseError::kMissingField) return false;
    writer_.BeginMessage("[" + url + "]");
    PrintFields(scratch.ref());
    writer_.EndMessage();
    return true;
  }

  const TextOptions& options_;
  TextWriter writer_;
  int depth_ = 0;  // messages around the one being printed
};

}  // namespace

std::string ToText(ConstMessageRef message, const TextOptions& options) {
  std::string out;
  TextPrinter(&out, options).PrintFields(message);
  if (options.single_line && out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace penstock::codec::text
