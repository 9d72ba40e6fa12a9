#include "penstock/codec/extension_set.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "penstock/codec/limits.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/required_fields.h"
#include "penstock/codec/wire_type.h"
#include "penstock/codec/writer.h"

namespace penstock::codec {
namespace {

// Guards the arenas of messages while extensions are decoded in const ones. Several, so that shards
// do not wait for each other: a mutex in each arena would cost every message.
std::mutex& DecodingMutexOf(const wire::Arena* arena) {
  constexpr size_t kStripes = 32;
  static constinit std::mutex mutexes[kStripes];
  return mutexes[(reinterpret_cast<uintptr_t>(arena) >> 6) % kStripes];
}

}  // namespace

bool ExtensionNode::IsEmpty() const {
  return is_set ? value.load(std::memory_order_relaxed)->IsEmpty() : size == 0;
}

void ExtensionNode::DropValue() {
  if (ExtensionValue* old = value.load(std::memory_order_relaxed)) spare = old;
  value.store(nullptr, std::memory_order_relaxed);
  is_set = false;
}

void ExtensionNode::Clear() {
  DropValue();
  size = 0;
  if (capacity == 0) data = nullptr;
}

// Doubling bounds what growing field by field costs.
bool ExtensionNode::AppendPieces(MessageHead& head, std::initializer_list<wire::Bytes> pieces,
                                 bool capped) {
  size_t new_size = size;
  for (const wire::Bytes piece : pieces) new_size += piece.size();
  if (new_size > kMessageBytesMax) return false;
  if (new_size > capacity) {
    constexpr size_t kCapacityMin = 8;
    const size_t wanted = std::max({new_size, size_t{size} * 2, kCapacityMin});
    const size_t new_capacity = std::min((wanted + 7) & ~size_t{7}, kMessageBytesMax);
    wire::Arena& arena = head.ArenaForContent();
    if (capacity == 0 || !arena.TryExtend(data, capacity, new_capacity)) {
      void* grown = capped ? arena.TryAllocate(new_capacity, 1) : arena.Allocate(new_capacity, 1);
      if (grown == nullptr) return false;
      if (size != 0) std::memcpy(grown, data, size);
      data = static_cast<uint8_t*>(grown);
    }
    capacity = static_cast<uint32_t>(new_capacity);
  }
  uint8_t* p = data + size;
  for (const wire::Bytes piece : pieces) p = Writer::Raw(p, piece.data(), piece.size());
  size = static_cast<uint32_t>(new_size);
  DropValue();
  return true;
}

ExtensionValue* ExtensionNode::TakeValue(const MessageHead& head, const ExtensionLayout& layout,
                                         bool capped) {
  if (spare != nullptr && spare->layout == &layout) {
    ExtensionValue* taken = std::exchange(spare, nullptr);
    MessageOperations::Clear(taken->head, layout.as_message);
    return taken;
  }
  wire::Arena& arena = *head.arena();
  constexpr size_t kBytes = sizeof(ExtensionValue);
  void* room = capped ? arena.TryAllocate(kBytes) : arena.Allocate(kBytes);
  return room == nullptr ? nullptr : new (room) ExtensionValue(head, layout);
}

ExtensionNode* ExtensionCursor::Next() {
  if (depth_ == 0) return nullptr;
  ExtensionNode* node = stack_[--depth_];
  for (int side : {1, 0}) {
    if (node->children[side] != nullptr) stack_[depth_++] = node->children[side];
  }
  return node;
}

ExtensionNode* ExtensionSet::FindNode(uint32_t number) const {
  ExtensionNode* node = root_;
  for (uint32_t bit = 1u << 31; node != nullptr && node->number < number; bit >>= 1) {
    node = node->children[(number & bit) != 0];
  }
  return node != nullptr && node->number == number ? node : nullptr;
}

// A new node takes the place of the first one on its way that has a higher number; that one then
// goes on its own way further down.
ExtensionNode* ExtensionSet::FindOrAdd(MessageHead& head, uint32_t number, bool capped) {
  if (ExtensionNode* found = FindNode(number)) return found;
  wire::Arena& arena = head.ArenaForContent();
  void* room = capped ? arena.TryAllocate(sizeof(ExtensionNode), alignof(ExtensionNode))
                      : arena.Allocate(sizeof(ExtensionNode), alignof(ExtensionNode));
  if (room == nullptr) return nullptr;
  auto* added = new (room) ExtensionNode(number);
  ++node_count_;
  ExtensionNode* falling = added;
  ExtensionNode** place = &root_;
  for (uint32_t bit = 1u << 31; *place != nullptr; bit >>= 1) {
    ExtensionNode* there = *place;
    if (falling->number < there->number) {
      std::swap(falling->children, there->children);
      *place = falling;
      std::swap(falling, there);
    }
    place = &there->children[(falling->number & bit) != 0];
  }
  *place = falling;
  return added;
}

const ExtensionValue* ExtensionSet::Find(const MessageHead& head,
                                         const ExtensionLayout& layout) const {
  ExtensionNode* node = FindNode(layout.number());
  if (node == nullptr) return nullptr;
  const ExtensionValue* value = ValueOf(head, *node, layout);
  return value != nullptr && value->IsPresent() ? value : nullptr;
}

// Null when there is nothing, or no memory to decode it.
ExtensionValue* ExtensionSet::ValueOf(const MessageHead& head, ExtensionNode& node,
                                      const ExtensionLayout& layout) const {
  ExtensionValue* value = node.value.load(std::memory_order_acquire);
  if (value == nullptr) {
    if (node.size == 0) return nullptr;
    value = Decode(head, node, layout);
  }
  PENSTOCK_CHECK(value == nullptr || value->layout == &layout,
                 "a number of a message is one extension: there are two declarations of it");
  return value;
}

ExtensionValue* ExtensionSet::Decode(const MessageHead& head, ExtensionNode& node,
                                     const ExtensionLayout& layout) const {
  const std::lock_guard lock(DecodingMutexOf(head.arena()));
  if (ExtensionValue* value = node.value.load(std::memory_order_relaxed)) return value;
  ExtensionValue* value = node.TakeValue(head, layout, true);
  if (value == nullptr) return nullptr;
  value->result = Parser::DecodeExtension(node.octets(), static_cast<int>(depth_), *value);
  if (!value->result.ok()) MessageOperations::Clear(value->head, layout.as_message);
  node.value.store(value, std::memory_order_release);
  return value;
}

ExtensionValue& ExtensionSet::Mutable(MessageHead& head, const ExtensionLayout& layout) {
  ExtensionNode& node = *FindOrAdd(head, layout.number(), false);
  ExtensionValue* value = ValueOf(head, node, layout);
  if (node.is_set) return *value;
  if (value == nullptr) {
    value = node.TakeValue(head, layout, false);
    node.value.store(value, std::memory_order_relaxed);
  }
  value->result = {};
  // Its texts view the octets, which therefore stay where they are and are nobody's.
  node.data = nullptr;
  node.size = node.capacity = 0;
  node.is_set = true;
  return *value;
}

ParseResult ExtensionSet::Check(const MessageHead& head, const ExtensionLayout& layout) const {
  ExtensionNode* node = FindNode(layout.number());
  if (node == nullptr || node->IsEmpty()) return {};
  const ExtensionValue* value = ValueOf(head, *node, layout);
  if (value == nullptr) return {ParseError::kMemoryLimit, 0};
  if (!value->result.ok() || HasRequiredFields(value->head, layout.as_message)) {
    return value->result;
  }
  return {ParseError::kMissingField, node->size};
}

void ExtensionSet::Clear(uint32_t number) {
  if (ExtensionNode* node = FindNode(number)) node->Clear();
}

std::string ExtensionSet::Octets(uint32_t number) const {
  const ExtensionNode* node = FindNode(number);
  if (node == nullptr) return {};
  if (!node->is_set) return std::string(wire::AsString(node->octets()));
  const ExtensionValue* value = node->value.load(std::memory_order_relaxed);
  std::string written(value->ByteSize(), '\0');
  value->WriteTo(reinterpret_cast<uint8_t*>(written.data()), MapOrder::kAsStored);
  return written;
}

void ExtensionSet::SetOctets(MessageHead& head, uint32_t number, wire::Bytes fields) {
  Clear(number);
  AppendOctets(head, number, fields);
}

void ExtensionSet::AppendOctets(MessageHead& head, uint32_t number, wire::Bytes fields) {
  ExtensionNode& node = *FindOrAdd(head, number, false);
  if (node.is_set) {
    // Written once and read again: nobody does this often.
    const std::string written = Octets(number);
    node.Clear();
    PENSTOCK_CHECK(node.Append(head, wire::AsBytes(written), false), "extensions stay below 2 GiB");
  }
  PENSTOCK_CHECK(node.Append(head, fields, false), "extensions stay below 2 GiB");
}

ExtensionValue* ExtensionSet::SetValue(uint32_t number) {
  const ExtensionNode* node = FindNode(number);
  return node != nullptr && node->is_set ? node->value.load(std::memory_order_relaxed) : nullptr;
}

bool ExtensionSet::TryAppend(MessageHead& head, uint32_t number, wire::Bytes fields, bool may_view,
                             int depth) {
  ExtensionNode* node = FindOrAdd(head, number, true);
  if (node == nullptr) return false;
  depth_ = std::max(depth_, static_cast<uint32_t>(depth));
  const bool follows = node->capacity == 0 && node->data + node->size == fields.data();
  if (!may_view || (node->size != 0 && !follows)) return node->Append(head, fields, true);
  if (node->size == 0) {
    node->data = const_cast<uint8_t*>(fields.data());  // capacity 0: never written through
    node->capacity = 0;
  }
  node->size += static_cast<uint32_t>(fields.size());  // part of one input, below 2 GiB
  node->DropValue();
  return true;
}

bool ExtensionSet::TryAppendItem(MessageHead& head, uint32_t type_id, wire::Bytes message,
                                 int depth) {
  ExtensionNode* node = FindOrAdd(head, type_id, true);
  if (node == nullptr) return false;
  depth_ = std::max(depth_, static_cast<uint32_t>(depth));
  uint8_t start[3 + 2 * wire::kVarintBytesMax] = {kItemStartTag, kItemTypeIdTag};
  uint8_t* p = Writer::Varint(start + 2, type_id);
  *p++ = kItemMessageTag;
  p = Writer::Varint(p, message.size());
  const uint8_t end = kItemEndTag;
  return node->AppendPieces(head, {wire::Bytes(start, p), message, wire::Bytes(&end, 1)}, true);
}

size_t ExtensionSet::ByteSizeOfAll() const {
  size_t bytes = 0;
  ExtensionCursor cursor(root_);
  while (const ExtensionNode* node = cursor.Next()) {
    bytes += node->is_set ? node->value.load(std::memory_order_relaxed)->ByteSize() : node->size;
  }
  return bytes;
}

uint8_t* ExtensionSet::WriteRange(uint8_t* p, uint32_t first, uint32_t last, MapOrder order) const {
  ExtensionCursor cursor(root_);
  while (const ExtensionNode* node = cursor.Next()) {
    if (node->number < first) continue;
    if (node->number > last) break;
    p = node->is_set ? node->value.load(std::memory_order_relaxed)->WriteTo(p, order)
                     : Writer::Raw(p, node->data, node->size);
  }
  return p;
}

}  // namespace penstock::codec
