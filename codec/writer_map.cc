// Maps: an entry is a message with the key as field 1 and the value as field 2, both always there.
#include <algorithm>
#include <vector>

#include "penstock/codec/message_operations.h"
#include "penstock/codec/wire_type.h"
#include "penstock/codec/writer.h"

namespace penstock::codec {
namespace {

constexpr size_t kTagBytes = 1;  // of the numbers 1 and 2

size_t SizeOfPart(const MapNode& node, const FieldLayout& field, bool measured) {
  if (IsText(field.type)) {
    return kTagBytes + Writer::SizeOfLength(node.At<std::string_view>(field.offset).size());
  }
  if (!IsMessage(field.type)) {
    return kTagBytes + Writer::SizeOfNumber(field.type, &node.At<char>(field.offset));
  }
  const auto& message = node.At<MessageHead>(field.offset);
  const size_t bytes = measured ? message.cached_bytes() : field.message->ByteSize(message);
  return field.type == FieldType::kGroup ? 2 * kTagBytes + bytes
                                         : kTagBytes + Writer::SizeOfLength(bytes);
}

uint8_t* WritePart(uint8_t* p, const MapNode& node, const FieldLayout& field, MapOrder order) {
  *p++ = static_cast<uint8_t>(TagOf(field.number, field.type));
  if (IsText(field.type)) return Writer::Text(p, node.At<std::string_view>(field.offset));
  if (!IsMessage(field.type)) return Writer::Number(p, field.type, &node.At<char>(field.offset));
  const auto& message = node.At<MessageHead>(field.offset);
  if (field.type == FieldType::kMessage) p = Writer::Varint(p, message.cached_bytes());
  p = field.message->Serialize(message, p, order);
  if (field.type == FieldType::kGroup) {
    *p++ = static_cast<uint8_t>(field.number << 3 | kWireGroupEnd);
  }
  return p;
}

uint8_t* WriteEntry(uint8_t* p, const MapNode& node, const MessageLayout& entry, uint32_t tag,
                    MapOrder order) {
  const FieldLayout& key = entry.fields[0];
  const FieldLayout& value = entry.fields[1];
  p = Writer::Varint(p, tag);
  p = Writer::Varint(p, SizeOfPart(node, key, true) + SizeOfPart(node, value, true));
  p = WritePart(p, node, key, order);
  return WritePart(p, node, value, order);
}

// Whether keys of that type are compared with their signs.
bool IsSigned(FieldType type) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kInt64:
    case FieldType::kSint32:
    case FieldType::kSint64:
    case FieldType::kSfixed32:
    case FieldType::kSfixed64:
      return true;
    default:
      return false;
  }
}

std::vector<const MapNode*> SortedNodes(const MapBase& map, FieldType key_type) {
  std::vector<const MapNode*> nodes;
  nodes.reserve(map.size());
  for (const MapNode* node = map.First(); node != nullptr; node = map.Next(node)) {
    nodes.push_back(node);
  }
  const size_t key_bytes = StoredBytes(key_type);
  // Flipping the sign puts negative numbers in front of the others.
  const uint64_t flip = IsSigned(key_type) ? uint64_t{1} << (8 * key_bytes - 1) : 0;
  std::sort(nodes.begin(), nodes.end(), [&](const MapNode* a, const MapNode* b) {
    const MapKey of_a = MapBase::KeyOf(*a, key_bytes);
    const MapKey of_b = MapBase::KeyOf(*b, key_bytes);
    if (of_a.number != of_b.number) return (of_a.number ^ flip) < (of_b.number ^ flip);
    return of_a.text < of_b.text;
  });
  return nodes;
}

}  // namespace

size_t Writer::SizeOfEntries(const MapBase& map, const MessageLayout& entry, size_t tag_bytes) {
  size_t bytes = map.size() * tag_bytes;
  for (const MapNode* node = map.First(); node != nullptr; node = map.Next(node)) {
    bytes += SizeOfLength(SizeOfPart(*node, entry.fields[0], false) +
                          SizeOfPart(*node, entry.fields[1], false));
  }
  return bytes;
}

// Sorting takes memory from the heap: it is for digests, caches and tests.
uint8_t* Writer::Entries(uint8_t* p, const MapBase& map, const MessageLayout& entry, uint32_t tag,
                         MapOrder order) {
  if (order == MapOrder::kSorted) {
    for (const MapNode* node : SortedNodes(map, entry.fields[0].type)) {
      p = WriteEntry(p, *node, entry, tag, order);
    }
    return p;
  }
  for (const MapNode* node = map.First(); node != nullptr; node = map.Next(node)) {
    p = WriteEntry(p, *node, entry, tag, order);
  }
  return p;
}

}  // namespace penstock::codec
