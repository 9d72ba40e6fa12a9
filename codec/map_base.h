// MapBase: what every MapField is below its types: a hash table of nodes in the arena of the
// message. Parsing, merging, comparing and JSON work on this; programs use map_field.h.
//
// A node holds a MapNode and, at kMapKeyOffset, the pair that users see: key and value, one behind
// the other. Texts are std::string_views there, messages the message itself. So references to
// values stay good until their entry is erased.
//
// Limits: keys are hashed with the table's address, so that a peer cannot choose keys that collide.
#ifndef PENSTOCK_CODEC_MAP_BASE_H_
#define PENSTOCK_CODEC_MAP_BASE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/wire/check.h"

namespace penstock::codec {

// A key of any type: a text, or a number widened to 64 bits without looking at its sign.
struct MapKey {
  uint64_t number = 0;
  std::string_view text;
};

struct MapNode {
  MapNode* next;  // in its bucket, or in the list of free ones
  uint32_t hash;
  uint32_t key_capacity;    // of a text; 0 when it is viewed
  uint32_t value_capacity;  // as above

  template <typename T>
  T& At(size_t offset) {
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(this) + offset);
  }
  template <typename T>
  const T& At(size_t offset) const {
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(this) + offset);
  }
};

inline constexpr size_t kMapKeyOffset = sizeof(MapNode);
static_assert(kMapKeyOffset % 8 == 0);

// Stores a copy of `text` in memory of that message and shows it in *slot. With `capped` it is
// false when the arena's cap allows no more; otherwise always true.
bool AssignText(MessageHead& head, std::string_view text, bool capped, std::string_view* slot,
                uint32_t* capacity);

class MapBase {
 public:
  constexpr MapBase() = default;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Steps through the entries in the order of the table; null behind the last.
  MapNode* First() const { return size_ == 0 ? nullptr : FirstFrom(0); }
  MapNode* Next(const MapNode* node) const;

  // `key_bytes` is what a key takes in its node: 16 are a text.
  MapNode* Find(const MapKey& key, size_t key_bytes) const;

  // A node for Insert() with an empty value: one that was erased, or a new one. Null when the
  // arena's cap allows no more. `entry` is the layout of the entries.
  MapNode* TryTakeNode(MessageHead& head, const MessageLayout& entry);
  void GiveNode(MapNode* node, const MessageLayout& entry);

  // Adds a node whose key is set, and takes away the one that has the key so far. False when the
  // arena's cap allows no more buckets.
  [[nodiscard]] bool TryInsert(MessageHead& head, MapNode* node, const MessageLayout& entry);

  // The node of that key, which is made when there is none. For the program's own entries.
  MapNode* FindOrAdd(MessageHead& head, const MapKey& key, const MessageLayout& entry);
  bool Erase(const MapKey& key, const MessageLayout& entry);
  // Keeps the nodes for the next content.
  void Clear(const MessageLayout& entry);

  static MapKey KeyOf(const MapNode& node, size_t key_bytes);

 private:
  MapNode* FirstFrom(size_t bucket) const;
  uint32_t HashOf(const MapKey& key, size_t key_bytes) const;
  size_t BucketOf(uint32_t hash) const { return hash & (bucket_count_ - 1); }
  bool TryGrow(MessageHead& head, size_t key_bytes, bool capped);
  void Link(MapNode* node);
  void Unlink(MapNode* node);
  MapNode* TakeNode(MessageHead& head, const MessageLayout& entry, bool capped);

  MapNode** buckets_ = nullptr;
  MapNode* free_ = nullptr;
  uint32_t size_ = 0;
  uint32_t bucket_count_ = 0;  // a power of two, or 0
};

static_assert(sizeof(MapBase) == 24);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MAP_BASE_H_
