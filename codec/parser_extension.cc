// Extensions: kept as they came when a message is parsed, read by their layout when they are asked
// for.
#include <cstring>

#include "penstock/codec/extension_set.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/wire_type.h"

namespace penstock::codec {
namespace {

bool IsPackable(FieldType type) { return !IsText(type) && !IsMessage(type); }

bool EnumLacks(const FieldLayout& field, int32_t number) {
  return field.type == FieldType::kEnum && field.closed_enum != nullptr &&
         !field.closed_enum->Has(number);
}

}  // namespace

const uint8_t* Parser::ReadExtension(const uint8_t* field, const uint8_t* end, Tag tag,
                                     MessageHead& head, ExtensionSet& set) {
  const uint32_t number = tag.value >> 3;
  if (ExtensionValue* value = set.SetValue(number)) {
    return ReadExtensionField(field, tag, end, *value);
  }
  if ((tag.value & 7) > kWireFixed32) return Reject(ParseError::kBadTag, field);
  const uint8_t* after = SkipField(tag.after, end, tag.value);
  if (after == nullptr) return nullptr;
  if (!set.TryAppend(head, number, {field, after}, rule_ == StringRule::kAlias,
                     kParseDepthMax - depth_left_)) {
    return Reject(ParseError::kMemoryLimit, field);
  }
  return after;
}

ParseResult Parser::DecodeExtension(wire::Bytes octets, int depth, ExtensionValue& value) {
  Parser parser(octets, StringRule::kAlias);
  parser.depth_left_ = kParseDepthMax - depth;
  const uint8_t* p = parser.begin_;
  const uint8_t* end = p + octets.size();
  const bool is_item = value.layout->is_item();
  while (p != nullptr && p != end) {
    if (is_item) {
      p = parser.ReadKeptItem(p, end, value);
      continue;
    }
    const Tag tag = parser.ReadTag(p, end);
    p = tag.after == nullptr ? nullptr : parser.ReadExtensionField(p, tag, end, value);
  }
  return p == nullptr ? parser.Failure() : ParseResult();
}

const uint8_t* Parser::ReadExtensionField(const uint8_t* field, Tag tag, const uint8_t* end,
                                          ExtensionValue& value) {
  const FieldLayout& layout = value.layout->field;
  const uint32_t wire_type = tag.value & 7;
  const bool repeated = value.layout->repeated();
  if (tag.value >> 3 == layout.number) {
    if (wire_type == WireTypeOf(layout.type)) {
      return repeated ? AddExtension(field, tag.after, end, value)
                      : ReadSingularExtension(field, tag.after, end, value);
    }
    if (repeated && wire_type == kWireLength && IsPackable(layout.type)) {
      return ReadPackedExtension(tag.after, end, value);
    }
  }
  return ReadUnknown(field, end, tag, value.head);
}

const uint8_t* Parser::ReadSingularExtension(const uint8_t* field, const uint8_t* p,
                                             const uint8_t* end, ExtensionValue& value) {
  const FieldLayout& layout = value.layout->field;
  if (IsMessage(layout.type)) {
    void*& child = value.Content<void*>();
    if (child == nullptr) child = MessageOperations::TryNewChild(value.head, *layout.message);
    if (child == nullptr) return Reject(ParseError::kMemoryLimit, p);
    value.MarkPresent();
    auto& message = *static_cast<MessageHead*>(child);
    return layout.type == FieldType::kMessage
               ? ReadInto(p, end, message, *layout.message)
               : ReadGroupInto(p, end, layout.number, message, *layout.message);
  }
  if (IsText(layout.type)) {
    value.MarkPresent();
    auto& text = value.Content<StringField>();
    return (layout.traits & kUtf8Field) != 0 ? ReadString(p, end, value.head, text)
                                             : ReadBytes(p, end, value.head, text);
  }
  alignas(8) char number[8] = {};
  const uint8_t* after = ReadNumber(layout.type, p, end, number);
  if (after == nullptr) return nullptr;
  int32_t low;
  std::memcpy(&low, number, sizeof low);
  if (EnumLacks(layout, low)) return KeepUnknown(field, after, value.head);
  value.MarkPresent();
  std::memcpy(value.content(), number, StoredBytes(layout.type));
  return after;
}

// One element, by itself.
const uint8_t* Parser::AddExtension(const uint8_t* field, const uint8_t* p, const uint8_t* end,
                                    ExtensionValue& value) {
  const FieldLayout& layout = value.layout->field;
  auto& elements = value.Content<RepeatedBase>();
  const size_t count = elements.size();
  if (IsText(layout.type)) {
    auto& texts = value.Content<RepeatedString>();
    return (layout.traits & kUtf8Field) != 0 ? AddString(p, end, value.head, texts)
                                             : AddBytes(p, end, value.head, texts);
  }
  void* room = elements.TryAddRaw(value.head, StoredBytes(layout.type));
  if (room == nullptr) return Reject(ParseError::kMemoryLimit, p);
  if (IsMessage(layout.type)) {
    void*& child = *static_cast<void**>(room);
    if (child == nullptr) child = MessageOperations::TryNewChild(value.head, *layout.message);
    if (child == nullptr) {
      elements.SetSize(count);
      return Reject(ParseError::kMemoryLimit, p);
    }
    auto& message = *static_cast<MessageHead*>(child);
    return layout.type == FieldType::kMessage
               ? ReadInto(p, end, message, *layout.message)
               : ReadGroupInto(p, end, layout.number, message, *layout.message);
  }
  const uint8_t* after = ReadNumber(layout.type, p, end, room);
  if (after != nullptr &&
      (layout.type != FieldType::kEnum || !EnumLacks(layout, *static_cast<const int32_t*>(room)))) {
    return after;
  }
  elements.SetSize(count);
  return after == nullptr ? nullptr : KeepUnknown(field, after, value.head);
}

const uint8_t* Parser::ReadPackedExtension(const uint8_t* p, const uint8_t* end,
                                           ExtensionValue& value) {
  const FieldLayout& layout = value.layout->field;
  auto& out = value.Content<RepeatedBase>();
  switch (layout.type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return ReadPackedFixed64(p, end, value.head, out);
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return ReadPackedFixed32(p, end, value.head, out);
    case FieldType::kInt64:
    case FieldType::kUint64:
      return ReadPackedInt64(p, end, value.head, out);
    case FieldType::kBool:
      return ReadPackedBool(p, end, value.head, out);
    case FieldType::kSint32:
      return ReadPackedSint32(p, end, value.head, out);
    case FieldType::kSint64:
      return ReadPackedSint64(p, end, value.head, out);
    case FieldType::kEnum:
      if (layout.closed_enum != nullptr) {
        return ReadPackedClosedEnum(p, end, value.head, out, *layout.closed_enum, layout.number);
      }
      return ReadPackedInt32(p, end, value.head, out);
    default:
      return ReadPackedInt32(p, end, value.head, out);
  }
}

}  // namespace penstock::codec
