#include "penstock/codec/map_base.h"

#include <algorithm>
#include <cstring>

#include "penstock/codec/limits.h"
#include "penstock/codec/message_operations.h"

namespace penstock::codec {
namespace {

constexpr size_t kTextBytes = 16;
constexpr uint32_t kBucketCountMin = 8;
constexpr uint64_t kOddConstant = 0x9e3779b97f4a7c15u;  // 2^64 divided by the golden ratio

// Both halves of the product: every bit of the operands reaches every bit of the result.
uint64_t Mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t HashText(std::string_view text, uint64_t seed) {
  uint64_t hash = seed ^ text.size();
  const char* p = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = Mix(hash ^ word, kOddConstant);
  }
  uint64_t word = 0;
  if (left != 0) std::memcpy(&word, p, left);
  return Mix(hash ^ word, kOddConstant ^ seed);
}

const FieldLayout& KeyField(const MessageLayout& entry) { return entry.fields[0]; }
const FieldLayout& ValueField(const MessageLayout& entry) { return entry.fields[1]; }

}  // namespace

bool AssignText(MessageHead& head, std::string_view text, bool capped, std::string_view* slot,
                uint32_t* capacity) {
  char* room = const_cast<char*>(slot->data());  // the message's own where there is capacity
  if (text.size() > *capacity) {
    if (text.size() > kMessageBytesMax) return false;
    const size_t doubled = std::min<size_t>(size_t{*capacity} * 2, kMessageBytesMax);
    const size_t bytes = std::max<size_t>((text.size() + 7) & ~size_t{7}, doubled);
    wire::Arena& arena = head.ArenaForContent();
    room = static_cast<char*>(capped ? arena.TryAllocate(bytes, 1) : arena.Allocate(bytes, 1));
    if (room == nullptr) return false;
    *capacity = static_cast<uint32_t>(bytes);
  }
  if (!text.empty()) std::memmove(room, text.data(), text.size());
  *slot = std::string_view(room, text.size());
  return true;
}

MapKey MapBase::KeyOf(const MapNode& node, size_t key_bytes) {
  switch (key_bytes) {
    case 1:
      return {node.At<uint8_t>(kMapKeyOffset), {}};
    case 4:
      return {node.At<uint32_t>(kMapKeyOffset), {}};
    case 8:
      return {node.At<uint64_t>(kMapKeyOffset), {}};
    default:
      return {0, node.At<std::string_view>(kMapKeyOffset)};
  }
}

uint32_t MapBase::HashOf(const MapKey& key, size_t key_bytes) const {
  const uint64_t seed = reinterpret_cast<uintptr_t>(buckets_) * kOddConstant;
  const uint64_t hash = key_bytes == kTextBytes ? HashText(key.text, seed)
                                                : Mix(key.number ^ seed, kOddConstant ^ seed);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

MapNode* MapBase::FirstFrom(size_t bucket) const {
  for (; bucket < bucket_count_; ++bucket) {
    if (buckets_[bucket] != nullptr) return buckets_[bucket];
  }
  return nullptr;
}

MapNode* MapBase::Next(const MapNode* node) const {
  return node->next != nullptr ? node->next : FirstFrom(BucketOf(node->hash) + 1);
}

MapNode* MapBase::Find(const MapKey& key, size_t key_bytes) const {
  if (size_ == 0) return nullptr;
  const uint32_t hash = HashOf(key, key_bytes);
  for (MapNode* node = buckets_[BucketOf(hash)]; node != nullptr; node = node->next) {
    if (node->hash != hash) continue;
    const MapKey other = KeyOf(*node, key_bytes);
    if (other.number == key.number && other.text == key.text) return node;
  }
  return nullptr;
}

void MapBase::Link(MapNode* node) {
  MapNode*& bucket = buckets_[BucketOf(node->hash)];
  node->next = bucket;
  bucket = node;
  ++size_;
}

void MapBase::Unlink(MapNode* node) {
  MapNode** link = &buckets_[BucketOf(node->hash)];
  while (*link != node) link = &(*link)->next;
  *link = node->next;
  --size_;
}

// The new table's address is another seed: every key is hashed again.
bool MapBase::TryGrow(MessageHead& head, size_t key_bytes, bool capped) {
  const size_t count = std::max<size_t>(kBucketCountMin, size_t{bucket_count_} * 2);
  wire::Arena& arena = head.ArenaForContent();
  const size_t bytes = count * sizeof(MapNode*);
  void* room = capped ? arena.TryAllocate(bytes) : arena.Allocate(bytes);
  if (room == nullptr) return false;
  std::memset(room, 0, bytes);
  MapNode** old = buckets_;
  const size_t old_count = bucket_count_;
  buckets_ = static_cast<MapNode**>(room);
  bucket_count_ = static_cast<uint32_t>(count);
  size_ = 0;
  for (size_t i = 0; i < old_count; ++i) {
    for (MapNode* node = old[i]; node != nullptr;) {
      MapNode* next = node->next;
      node->hash = HashOf(KeyOf(*node, key_bytes), key_bytes);
      Link(node);
      node = next;
    }
  }
  return true;
}

MapNode* MapBase::TakeNode(MessageHead& head, const MessageLayout& entry, bool capped) {
  const FieldLayout& value = ValueField(entry);
  if (free_ != nullptr) {
    MapNode* node = free_;
    free_ = node->next;
    return node;
  }
  wire::Arena& arena = head.ArenaForContent();
  void* room = capped ? arena.TryAllocate(entry.bytes) : arena.Allocate(entry.bytes);
  if (room == nullptr) return nullptr;
  std::memset(room, 0, entry.bytes);
  auto* node = static_cast<MapNode*>(room);
  if (IsMessage(value.type)) node->At<MessageHead>(value.offset).BecomeChildOf(head);
  return node;
}

MapNode* MapBase::TryTakeNode(MessageHead& head, const MessageLayout& entry) {
  return TakeNode(head, entry, true);
}

// Texts keep their room, messages what they have.
void MapBase::GiveNode(MapNode* node, const MessageLayout& entry) {
  const FieldLayout& key = KeyField(entry);
  const FieldLayout& value = ValueField(entry);
  if (IsText(key.type)) {
    auto& text = node->At<std::string_view>(kMapKeyOffset);
    text = std::string_view(node->key_capacity == 0 ? nullptr : text.data(), 0);
  } else {
    std::memset(&node->At<char>(kMapKeyOffset), 0, StoredBytes(key.type));
  }
  if (IsMessage(value.type)) {
    MessageOperations::Clear(node->At<MessageHead>(value.offset), *value.message);
  } else if (IsText(value.type)) {
    auto& text = node->At<std::string_view>(value.offset);
    text = std::string_view(node->value_capacity == 0 ? nullptr : text.data(), 0);
  } else {
    std::memset(&node->At<char>(value.offset), 0, StoredBytes(value.type));
  }
  node->next = free_;
  free_ = node;
}

bool MapBase::TryInsert(MessageHead& head, MapNode* node, const MessageLayout& entry) {
  const size_t key_bytes = StoredBytes(KeyField(entry).type);
  const MapKey key = KeyOf(*node, key_bytes);
  if (MapNode* old = Find(key, key_bytes)) {
    Unlink(old);
    GiveNode(old, entry);
  } else if (size_ == bucket_count_ && !TryGrow(head, key_bytes, true)) {
    return false;
  }
  node->hash = HashOf(key, key_bytes);
  Link(node);
  return true;
}

MapNode* MapBase::FindOrAdd(MessageHead& head, const MapKey& key, const MessageLayout& entry) {
  const size_t key_bytes = StoredBytes(KeyField(entry).type);
  if (MapNode* found = Find(key, key_bytes)) return found;
  if (size_ == bucket_count_) (void)TryGrow(head, key_bytes, false);
  MapNode* node = TakeNode(head, entry, false);
  if (key_bytes == kTextBytes) {
    PENSTOCK_CHECK(AssignText(head, key.text, false, &node->At<std::string_view>(kMapKeyOffset),
                              &node->key_capacity),
                   "a key stays below 2 GiB");
  } else {
    std::memcpy(&node->At<char>(kMapKeyOffset), &key.number, key_bytes);
  }
  node->hash = HashOf(key, key_bytes);
  Link(node);
  return node;
}

bool MapBase::Erase(const MapKey& key, const MessageLayout& entry) {
  MapNode* node = Find(key, StoredBytes(KeyField(entry).type));
  if (node == nullptr) return false;
  Unlink(node);
  GiveNode(node, entry);
  return true;
}

void MapBase::Clear(const MessageLayout& entry) {
  for (size_t i = 0; i < bucket_count_ && size_ != 0; ++i) {
    while (MapNode* node = buckets_[i]) {
      buckets_[i] = node->next;
      --size_;
      GiveNode(node, entry);
    }
  }
}

}  // namespace penstock::codec
