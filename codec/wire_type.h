// Wire types, and which of them a value of each field type travels as.
//
// Spec: protobuf.dev, "Encoding", message structure.
#ifndef PENSTOCK_CODEC_WIRE_TYPE_H_
#define PENSTOCK_CODEC_WIRE_TYPE_H_

#include <cstdint>

#include "penstock/codec/message_layout.h"

namespace penstock::codec {

enum WireType : uint32_t {
  kWireVarint = 0,
  kWireFixed64 = 1,
  kWireLength = 2,
  kWireGroupStart = 3,
  kWireGroupEnd = 4,
  kWireFixed32 = 5,
};

constexpr WireType WireTypeOf(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return kWireFixed64;
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return kWireFixed32;
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kMessage:
      return kWireLength;
    case FieldType::kGroup:
      return kWireGroupStart;
    default:
      return kWireVarint;
  }
}

constexpr uint32_t TagOf(uint32_t number, FieldType type) { return number << 3 | WireTypeOf(type); }

// An item of a message set: group 1 around the number of the extension and its message.
// Spec: wire_format_lite.h of Protocol Buffers, "MessageSet"; descriptor.proto,
//       MessageOptions.message_set_wire_format.
inline constexpr uint32_t kItemStartTag = 1 << 3 | kWireGroupStart;
inline constexpr uint32_t kItemEndTag = 1 << 3 | kWireGroupEnd;
inline constexpr uint32_t kItemTypeIdTag = 2 << 3 | kWireVarint;
inline constexpr uint32_t kItemMessageTag = 3 << 3 | kWireLength;

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_WIRE_TYPE_H_
