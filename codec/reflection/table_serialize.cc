// Sizes and serialising by layout.
#include "penstock/codec/field_access.h"
#include "penstock/codec/map_base.h"
#include "penstock/codec/reflection/table_functions.h"
#include "penstock/codec/wire_type.h"
#include "penstock/codec/writer.h"
#include "penstock/wire/varint.h"

namespace penstock::codec::reflection {
namespace {

// Octets that each value of the type takes; 0: it varies.
size_t FixedBytes(FieldType type) {
  switch (WireTypeOf(type)) {
    case kWireFixed32:
      return 4;
    case kWireFixed64:
      return 8;
    default:
      return type == FieldType::kBool ? 1 : 0;
  }
}

// The values of a repeated field, without tags and length.
size_t SizeOfNumbers(FieldType type, const RepeatedBase& values) {
  if (const size_t fixed = FixedBytes(type); fixed != 0) return values.size() * fixed;
  switch (type) {
    case FieldType::kInt64:
    case FieldType::kUint64:
      return Writer::SizeOfInt64s(values);
    case FieldType::kUint32:
      return Writer::SizeOfUint32s(values);
    case FieldType::kSint32:
      return Writer::SizeOfSint32s(values);
    case FieldType::kSint64:
      return Writer::SizeOfSint64s(values);
    default:
      return Writer::SizeOfInt32s(values);
  }
}

uint8_t* WriteRun(uint8_t* p, FieldType type, const RepeatedBase& values, size_t bytes) {
  if (FixedBytes(type) != 0) return Writer::Raw(p, values.raw_data(), bytes);
  switch (type) {
    case FieldType::kInt64:
    case FieldType::kUint64:
      return Writer::Int64s(p, values, bytes);
    case FieldType::kUint32:
      return Writer::Uint32s(p, values, bytes);
    case FieldType::kSint32:
      return Writer::Sint32s(p, values, bytes);
    case FieldType::kSint64:
      return Writer::Sint64s(p, values, bytes);
    default:
      return Writer::Int32s(p, values, bytes);
  }
}

// With its tags.
size_t SizeOfMessage(const MessageHead& message, const FieldLayout& field, size_t tag_bytes) {
  const size_t bytes = field.message->ByteSize(message);
  return field.type == FieldType::kGroup ? 2 * tag_bytes + bytes
                                         : tag_bytes + Writer::SizeOfLength(bytes);
}

size_t SizeOfRepeated(const RepeatedBase& values, const FieldLayout& field, size_t tag_bytes) {
  size_t bytes = 0;
  if (IsMessage(field.type)) {
    for (size_t i = 0; i < values.size(); ++i) {
      bytes += SizeOfMessage(*ElementAt(values, i), field, tag_bytes);
    }
    return bytes;
  }
  if (IsText(field.type)) {
    const auto* texts = static_cast<const StringField*>(values.raw_data());
    for (size_t i = 0; i < values.size(); ++i) {
      bytes += tag_bytes + Writer::SizeOfLength(texts[i].size());
    }
    return bytes;
  }
  bytes = SizeOfNumbers(field.type, values);
  return (field.traits & kPackedField) != 0 ? tag_bytes + Writer::SizeOfLength(bytes)
                                            : values.size() * tag_bytes + bytes;
}

size_t SizeOfField(const MessageHead& message, const FieldLayout& field) {
  const size_t tag_bytes = wire::VarintSize(uint64_t{field.number} << 3);
  if (field.shape == FieldShape::kMap) {
    return Writer::SizeOfMap(At<MapBase>(message, field.offset), *field.message, tag_bytes);
  }
  if (field.shape == FieldShape::kRepeated) {
    return SizeOfRepeated(At<RepeatedBase>(message, field.offset), field, tag_bytes);
  }
  if (IsMessage(field.type)) {
    return SizeOfMessage(*ChildAt(message, field.offset), field, tag_bytes);
  }
  if (IsText(field.type)) {
    return tag_bytes + Writer::SizeOfLength(At<StringField>(message, field.offset).size());
  }
  return tag_bytes + Writer::SizeOfNumber(field.type, &At<char>(message, field.offset));
}

uint8_t* WriteMessage(uint8_t* p, const MessageHead& message, const FieldLayout& field,
                      MapOrder order) {
  p = Writer::Varint(p, TagOf(field.number, field.type));
  if (field.type == FieldType::kMessage) p = Writer::Varint(p, message.cached_bytes());
  p = field.message->Serialize(message, p, order);
  if (field.type == FieldType::kGroup) p = Writer::Varint(p, field.number << 3 | kWireGroupEnd);
  return p;
}

uint8_t* WriteRepeated(uint8_t* p, const RepeatedBase& values, const FieldLayout& field,
                       MapOrder order) {
  if (IsMessage(field.type)) {
    for (size_t i = 0; i < values.size(); ++i) {
      p = WriteMessage(p, *ElementAt(values, i), field, order);
    }
    return p;
  }
  const uint32_t tag = TagOf(field.number, field.type);
  if (IsText(field.type)) {
    const auto* texts = static_cast<const StringField*>(values.raw_data());
    for (size_t i = 0; i < values.size(); ++i) {
      p = Writer::Text(Writer::Varint(p, tag), texts[i].view());
    }
    return p;
  }
  if ((field.traits & kPackedField) != 0) {
    // Summed once more: a layout has no room to remember it in, as generated messages do.
    const size_t bytes = SizeOfNumbers(field.type, values);
    p = Writer::Varint(p, field.number << 3 | kWireLength);
    p = Writer::Varint(p, bytes);
    return WriteRun(p, field.type, values, bytes);
  }
  const size_t element_bytes = StoredBytes(field.type);
  const char* element = static_cast<const char*>(values.raw_data());
  for (size_t i = 0; i < values.size(); ++i, element += element_bytes) {
    p = Writer::Number(Writer::Varint(p, tag), field.type, element);
  }
  return p;
}

uint8_t* WriteField(uint8_t* p, const MessageHead& message, const FieldLayout& field,
                    MapOrder order) {
  const uint32_t tag = TagOf(field.number, field.type);
  if (field.shape == FieldShape::kMap) {
    return Writer::Map(p, At<MapBase>(message, field.offset), *field.message, tag, order);
  }
  if (field.shape == FieldShape::kRepeated) {
    return WriteRepeated(p, At<RepeatedBase>(message, field.offset), field, order);
  }
  if (IsMessage(field.type)) {
    return WriteMessage(p, *ChildAt(message, field.offset), field, order);
  }
  p = Writer::Varint(p, tag);
  if (IsText(field.type)) {
    return Writer::Text(p, At<StringField>(message, field.offset).view());
  }
  return Writer::Number(p, field.type, &At<char>(message, field.offset));
}

}  // namespace

size_t SizeByTable(const MessageHead& message, const MessageLayout& layout) {
  size_t bytes = message.unknown_bytes();
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (IsPresent(message, field, layout)) bytes += SizeOfField(message, field);
  }
  message.set_cached_bytes(bytes);
  return bytes;
}

uint8_t* SerializeByTable(const MessageHead& message, const MessageLayout& layout, uint8_t* p,
                          MapOrder order) {
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (IsPresent(message, field, layout)) p = WriteField(p, message, field, order);
  }
  return Writer::Unknown(p, message);
}

const TableFunctions kTableFunctions = {
    .parse = &ParseByTable, .byte_size = &SizeByTable, .serialize = &SerializeByTable};

}  // namespace penstock::codec::reflection
