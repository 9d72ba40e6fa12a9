// MessageLayout: a table that says where a message keeps its fields. What is not hot (clearing,
// copying, comparing; printing and JSON elsewhere) walks this table once for all messages instead
// of being generated for each; a generated message adds only parsing and serialising.
#ifndef PENSTOCK_CODEC_MESSAGE_LAYOUT_H_
#define PENSTOCK_CODEC_MESSAGE_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "penstock/codec/message_head.h"

namespace penstock::codec {

// Spec: the numbers of FieldDescriptorProto.Type.
enum class FieldType : uint8_t {
  kDouble = 1,
  kFloat = 2,
  kInt64 = 3,
  kUint64 = 4,
  kInt32 = 5,
  kFixed64 = 6,
  kFixed32 = 7,
  kBool = 8,
  kString = 9,
  kGroup = 10,
  kMessage = 11,
  kBytes = 12,
  kUint32 = 13,
  kEnum = 14,
  kSfixed32 = 15,
  kSfixed64 = 16,
  kSint32 = 17,
  kSint64 = 18,
};

// How a field's presence is known, and with that what is stored at its offset.
enum class FieldShape : uint8_t {
  kImplicit,  // a value; present when it is not zero
  kHasBit,    // a value, or a pointer to a message; present when its has-bit is set
  kOneof,     // the same inside a union; present when the oneof's case is the field's number
  kRepeated,  // one of the containers of repeated_field.h
  kMap,       // MapField
};

struct MessageLayout;

struct FieldLayout {
  uint32_t number;
  uint32_t offset;    // of the value, from the message's start
  uint32_t presence;  // kHasBit: index of the bit; kOneof: offset of the case
  FieldType type;
  FieldShape shape;
  const MessageLayout* message;  // of kMessage and kGroup fields, and of a map's entries; or null
};

struct MessageLayout {
  const FieldLayout* fields;  // ascending numbers
  uint32_t field_count;
  uint32_t bytes;            // sizeof the message
  uint32_t has_bits_offset;  // of an array of uint32_t
  uint32_t has_bits_words;
};

// What a repeated field keeps per element, and a union member needs.
constexpr size_t StoredBytes(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return 1;
    case FieldType::kFloat:
    case FieldType::kInt32:
    case FieldType::kFixed32:
    case FieldType::kUint32:
    case FieldType::kEnum:
    case FieldType::kSfixed32:
    case FieldType::kSint32:
      return 4;
    case FieldType::kString:
    case FieldType::kBytes:
      return 16;
    default:
      return 8;
  }
}

constexpr bool IsText(FieldType type) {
  return type == FieldType::kString || type == FieldType::kBytes;
}

constexpr bool IsMessage(FieldType type) {
  return type == FieldType::kMessage || type == FieldType::kGroup;
}

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_LAYOUT_H_
