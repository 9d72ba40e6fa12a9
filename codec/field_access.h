// Looking into a message through its layout: for code that knows no generated class.
#ifndef PENSTOCK_CODEC_FIELD_ACCESS_H_
#define PENSTOCK_CODEC_FIELD_ACCESS_H_

#include <cstddef>
#include <cstdint>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/repeated_field.h"

namespace penstock::codec {

template <typename T>
T& At(MessageHead& message, uint32_t offset) {
  return *reinterpret_cast<T*>(reinterpret_cast<char*>(&message) + offset);
}
template <typename T>
const T& At(const MessageHead& message, uint32_t offset) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(&message) + offset);
}

// A pointer to a message is stored as void* or as M*, and read here as void*, which may alias both.
inline MessageHead* ChildAt(const MessageHead& message, uint32_t offset) {
  return static_cast<MessageHead*>(At<void*>(message, offset));
}

inline MessageHead* ElementAt(const RepeatedBase& field, size_t index) {
  return static_cast<MessageHead*>(static_cast<void**>(field.raw_data())[index]);
}

// Repeated fields and maps are present when they are not empty.
bool IsPresent(const MessageHead& message, const FieldLayout& field, const MessageLayout& layout);

// Sets the has-bit, or makes the field, with an empty value, the one of its oneof that is present.
// Nothing for other shapes.
void MarkPresent(MessageHead& message, const FieldLayout& field, const MessageLayout& layout);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_FIELD_ACCESS_H_
