// Writing extensions: by their layout, as no code is generated for each.
#include "penstock/codec/extension_value.h"

#include "penstock/codec/repeated_field.h"
#include "penstock/codec/string_field.h"
#include "penstock/codec/wire_type.h"
#include "penstock/codec/writer.h"

namespace penstock::codec {
namespace {

size_t TagBytes(uint32_t number) { return wire::VarintSize(uint64_t{number} << 3); }

// What an item of a message set has around its message: start, type id, the message's tag, end.
size_t ItemBytes(uint32_t number) { return 4 + wire::VarintSize(number); }

const void* ElementOf(const RepeatedBase& values, FieldType type, size_t index) {
  return static_cast<const char*>(values.raw_data()) + index * StoredBytes(type);
}

const MessageHead& MessageIn(const void* stored) {
  return **static_cast<MessageHead* const*>(stored);
}

// Octets of one value behind its tag; a group's second tag included. `stored` is as StoredBytes()
// says.
size_t SizeOfOne(const FieldLayout& field, const void* stored) {
  if (IsText(field.type)) {
    return Writer::SizeOfLength(static_cast<const StringField*>(stored)->size());
  }
  if (!IsMessage(field.type)) return Writer::SizeOfNumber(field.type, stored);
  const size_t bytes = field.message->ByteSize(MessageIn(stored));
  return field.type == FieldType::kGroup ? bytes + TagBytes(field.number)
                                         : Writer::SizeOfLength(bytes);
}

uint8_t* WriteOne(uint8_t* p, const FieldLayout& field, const void* stored, MapOrder order) {
  if (IsText(field.type)) {
    return Writer::Text(p, static_cast<const StringField*>(stored)->view());
  }
  if (!IsMessage(field.type)) return Writer::Number(p, field.type, stored);
  const MessageHead& message = MessageIn(stored);
  if (field.type == FieldType::kMessage) p = Writer::Varint(p, message.cached_bytes());
  p = field.message->Serialize(message, p, order);
  if (field.type == FieldType::kGroup) p = Writer::Varint(p, field.number << 3 | kWireGroupEnd);
  return p;
}

size_t SizeOfNumbers(const FieldLayout& field, const RepeatedBase& values) {
  size_t bytes = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    bytes += Writer::SizeOfNumber(field.type, ElementOf(values, field.type, i));
  }
  return bytes;
}

}  // namespace

size_t ExtensionValue::ByteSize() const {
  const FieldLayout& field = layout->field;
  size_t bytes = head.unknown_bytes();
  if (!IsPresent()) return bytes;
  if (layout->is_item()) return bytes + ItemBytes(field.number) + SizeOfOne(field, content());
  const size_t tag_bytes = TagBytes(field.number);
  if (!layout->repeated()) return bytes + tag_bytes + SizeOfOne(field, content());
  const auto& values = Content<RepeatedBase>();
  if ((field.traits & kPackedField) != 0) {
    const size_t run = SizeOfNumbers(field, values);
    run_bytes.Set(run);
    return bytes + tag_bytes + Writer::SizeOfLength(run);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    bytes += tag_bytes + SizeOfOne(field, ElementOf(values, field.type, i));
  }
  return bytes;
}

uint8_t* ExtensionValue::WriteTo(uint8_t* p, MapOrder order) const {
  const FieldLayout& field = layout->field;
  const uint32_t tag = TagOf(field.number, field.type);
  if (!IsPresent()) {
    // Nothing but what is no value.
  } else if (layout->is_item()) {
    *p++ = kItemStartTag;
    *p++ = kItemTypeIdTag;
    p = Writer::Varint(p, field.number);
    *p++ = kItemMessageTag;
    p = WriteOne(p, field, content(), order);
    *p++ = kItemEndTag;
  } else if (!layout->repeated()) {
    p = WriteOne(Writer::Varint(p, tag), field, content(), order);
  } else {
    const auto& values = Content<RepeatedBase>();
    const bool packed = (field.traits & kPackedField) != 0;
    if (packed) {
      p = Writer::Varint(p, field.number << 3 | kWireLength);
      p = Writer::Varint(p, run_bytes.Get());
    }
    for (size_t i = 0; i < values.size(); ++i) {
      if (!packed) p = Writer::Varint(p, tag);
      p = WriteOne(p, field, ElementOf(values, field.type, i), order);
    }
  }
  return Writer::Unknown(p, head);
}

}  // namespace penstock::codec
