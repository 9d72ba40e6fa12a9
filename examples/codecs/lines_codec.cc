#include "penstock/examples/codecs/lines_codec.h"

#include <charconv>
#include <cstdint>

#include "penstock/codec/field_access.h"
#include "penstock/codec/string_field.h"

namespace examples {
namespace {

namespace codec = penstock::codec;

const codec::FieldLayout* Find(const codec::MessageLayout& layout, std::string_view number) {
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    if (std::to_string(layout.fields[i].number) == number) return &layout.fields[i];
  }
  return nullptr;
}

bool IsPlain(const codec::FieldLayout& field, codec::FieldType type) {
  return field.shape == codec::FieldShape::kImplicit && field.type == type;
}

// False when the value is none of the field's, or too much for the call's memory.
bool Set(codec::MessageHead& message, const codec::FieldLayout& field, std::string_view value) {
  if (IsPlain(field, codec::FieldType::kString)) {
    return codec::At<codec::StringField>(message, field.offset).TryAssign(message, value);
  }
  if (!IsPlain(field, codec::FieldType::kInt32)) return false;
  const char* const end = value.data() + value.size();
  return std::from_chars(value.data(), end, codec::At<int32_t>(message, field.offset)).ptr == end;
}

}  // namespace

codec::CodecResult LinesCodec::Parse(penstock::wire::Bytes input,
                                     const codec::MessageClass& its_class,
                                     codec::MessageHead& message) const {
  const std::string_view text = penstock::wire::AsString(input);
  for (size_t at = 0; at < text.size();) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    const size_t equals = line.find('=');
    const codec::FieldLayout* field = Find(*its_class.layout, line.substr(0, equals));
    if (equals == std::string_view::npos || field == nullptr ||
        !Set(message, *field, line.substr(equals + 1))) {
      return {"no field of " + std::string(its_class.full_name) + ", at octet " +
              std::to_string(at)};
    }
    at += line.size() + 1;
  }
  return {};
}

codec::CodecResult LinesCodec::Serialize(const codec::MessageHead& message,
                                         const codec::MessageClass& its_class,
                                         std::string& output) const {
  for (uint32_t i = 0; i < its_class.layout->field_count; ++i) {
    const codec::FieldLayout& field = its_class.layout->fields[i];
    std::string value;
    if (IsPlain(field, codec::FieldType::kString)) {
      value = codec::At<codec::StringField>(message, field.offset).view();
    } else if (!IsPlain(field, codec::FieldType::kInt32)) {
      return {std::string(its_class.full_name) + " has more than strings and int32s"};
    } else if (const int32_t number = codec::At<int32_t>(message, field.offset); number != 0) {
      value = std::to_string(number);
    }
    if (!value.empty()) output += std::to_string(field.number) + "=" + value + "\n";
  }
  return {};
}

}  // namespace examples
