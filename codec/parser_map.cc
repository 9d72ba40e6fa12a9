// The entries of maps: on the wire, messages with the key as field 1 and the value as field 2.
//
// Spec: protobuf.dev, "Encoding", maps: either may be missing and is then empty, either may come
//       several times, and an entry replaces the one that has its key.
#include "penstock/codec/parser.h"
#include "penstock/codec/wire_type.h"

namespace penstock::codec {

const uint8_t* Parser::ReadMapValue(const FieldLayout& field, const uint8_t* p, const uint8_t* end,
                                    MessageHead& head, MapNode& node) {
  if (field.type == FieldType::kMessage) {
    return ReadInto(p, end, node.At<MessageHead>(field.offset), *field.message);
  }
  if (field.type == FieldType::kGroup) {
    return ReadGroupInto(p, end, field.number, node.At<MessageHead>(field.offset), *field.message);
  }
  if (!IsText(field.type)) return ReadNumber(field.type, p, end, &node.At<char>(field.offset));
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  if ((field.traits & kUtf8Field) != 0 && !IsValidUtf8(TextAt(length))) {
    return Reject(ParseError::kInvalidUtf8, p);
  }
  const bool is_key = field.offset == kMapKeyOffset;
  uint32_t& capacity = is_key ? node.key_capacity : node.value_capacity;
  auto& text = node.At<std::string_view>(field.offset);
  if (rule_ == StringRule::kAlias) {
    text = TextAt(length);
    capacity = 0;
  } else if (!AssignText(head, TextAt(length), true, &text, &capacity)) {
    return Reject(ParseError::kMemoryLimit, p);
  }
  return length.after + length.value;
}

const uint8_t* Parser::ReadMapEntry(const uint8_t* field, const uint8_t* p, const uint8_t* end,
                                    MessageHead& head, MapBase& map, const MessageLayout& entry) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  if (--depth_left_ < 0) return Reject(ParseError::kTooDeep, p);
  MapNode* node = map.TryTakeNode(head, entry);
  if (node == nullptr) return Reject(ParseError::kMemoryLimit, p);
  const FieldLayout& key = entry.fields[0];
  const FieldLayout& value = entry.fields[1];
  const uint32_t key_tag = TagOf(key.number, key.type);
  const uint32_t value_tag = TagOf(value.number, value.type);
  end = length.after + length.value;
  for (p = length.after; p != end;) {
    const uint8_t* part = p;
    const Tag tag = ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    if (tag.value == key_tag) {
      p = ReadMapValue(key, tag.after, end, head, *node);
    } else if (tag.value == value_tag) {
      p = ReadMapValue(value, tag.after, end, head, *node);
    } else if (tag.value >> 3 == 0 || (tag.value & 7) > kWireFixed32) {
      return Reject(ParseError::kBadTag, part);
    } else if ((tag.value & 7) == kWireGroupEnd) {
      return Reject(ParseError::kUnmatchedGroup, part);
    } else {
      p = SkipField(tag.after, end, tag.value);
    }
    if (p == nullptr) return nullptr;
  }
  ++depth_left_;
  if (value.type == FieldType::kEnum && value.closed_enum != nullptr &&
      !value.closed_enum->Has(node->At<int32_t>(value.offset))) {
    map.GiveNode(node, entry);
    return KeepUnknown(field, end, head);
  }
  if (!map.TryInsert(head, node, entry)) return Reject(ParseError::kMemoryLimit, field);
  return end;
}

}  // namespace penstock::codec
