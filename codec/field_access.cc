#include "penstock/codec/field_access.h"

#include <cstring>

#include "penstock/codec/map_base.h"
#include "penstock/codec/string_field.h"

namespace penstock::codec {
namespace {

bool IsZero(const void* value, size_t bytes) {
  static constexpr char kZero[16] = {};
  return std::memcmp(value, kZero, bytes) == 0;
}

}  // namespace

bool IsPresent(const MessageHead& message, const FieldLayout& field, const MessageLayout& layout) {
  switch (field.shape) {
    case FieldShape::kImplicit:
      if (IsText(field.type)) return !At<StringField>(message, field.offset).empty();
      return !IsZero(&At<char>(message, field.offset), StoredBytes(field.type));
    case FieldShape::kHasBit: {
      const uint32_t* words = &At<uint32_t>(message, layout.has_bits_offset);
      return (words[field.presence / 32] >> (field.presence % 32) & 1) != 0;
    }
    case FieldShape::kOneof:
      return At<uint32_t>(message, field.presence) == field.number;
    case FieldShape::kRepeated:
      return !At<RepeatedBase>(message, field.offset).empty();
    case FieldShape::kMap:
      return !At<MapBase>(message, field.offset).empty();
  }
  return false;
}

void MarkPresent(MessageHead& message, const FieldLayout& field, const MessageLayout& layout) {
  if (field.shape == FieldShape::kHasBit) {
    uint32_t* words = &At<uint32_t>(message, layout.has_bits_offset);
    words[field.presence / 32] |= 1u << field.presence % 32;
  } else if (field.shape == FieldShape::kOneof) {
    uint32_t& selected = At<uint32_t>(message, field.presence);
    if (selected == field.number) return;
    selected = field.number;
    std::memset(&At<char>(message, field.offset), 0, StoredBytes(field.type));
  }
}

}  // namespace penstock::codec
