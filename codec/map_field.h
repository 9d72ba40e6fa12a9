// MapField<Key, Value>: a map field of a message, with the names of Protocol Buffers' Map.
//
//     for (const auto& [word, count] : reply.counts()) ...
//     (*reply.mutable_counts())["water"] += 1;
//     if (auto it = reply.counts().find("water"); it != reply.counts().end()) ... it->second ...
//
// Keys are numbers, bools or std::string_view; values those, enums (as int32_t), or messages. A
// text value is shown as std::string_view and stored by assigning to map[key]. Entries stand in no
// order.
//
// Ownership: keys and values lie in the arena of the message. A reference to a value stays good
//            until its entry is erased.
#ifndef PENSTOCK_CODEC_MAP_FIELD_H_
#define PENSTOCK_CODEC_MAP_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/codec/map_base.h"

namespace penstock::codec {

// Key and value of an entry.
template <typename Key, typename Value>
struct MapPair {
  Key first;
  Value second;
};

// A text value that may be changed.
class MapText {
 public:
  MapText(MessageHead& head, std::string_view* text, uint32_t* capacity)
      : head_(head), text_(text), capacity_(capacity) {}

  operator std::string_view() const { return *text_; }  // NOLINT: reads like the text it stands for
  std::string_view view() const { return *text_; }
  MapText& operator=(std::string_view text) {
    PENSTOCK_CHECK(AssignText(head_, text, false, text_, capacity_), "a text stays below 2 GiB");
    return *this;
  }
  MapText& operator=(const MapText& other) { return *this = other.view(); }
  friend bool operator==(const MapText& a, std::string_view b) { return a.view() == b; }

 private:
  MessageHead& head_;
  std::string_view* text_;
  uint32_t* capacity_;
};

template <typename Key, typename Value>
class MapField : public MapBase {
 public:
  using key_type = Key;
  using mapped_type = Value;
  using value_type = MapPair<Key, Value>;
  using size_type = size_t;

  // What the layout of the entries says.
  static constexpr uint32_t kKeyOffset = kMapKeyOffset;
  static constexpr uint32_t kValueOffset = kMapKeyOffset + offsetof(value_type, second);
  static constexpr uint32_t kNodeBytes = kMapKeyOffset + sizeof(value_type);

  template <typename Pair>
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Pair;
    using difference_type = std::ptrdiff_t;
    using pointer = Pair*;
    using reference = Pair&;

    Iterator() = default;
    Iterator(const MapBase* map, MapNode* node) : map_(map), node_(node) {}
    operator Iterator<const Pair>() const { return {map_, node_}; }  // NOLINT: as all iterators do

    Pair& operator*() const { return node_->template At<Pair>(kKeyOffset); }
    Pair* operator->() const { return &**this; }
    Iterator& operator++() {
      node_ = map_->Next(node_);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.node_ == b.node_; }

   private:
    const MapBase* map_ = nullptr;
    MapNode* node_ = nullptr;
  };
  using const_iterator = Iterator<const value_type>;
  using iterator = Iterator<value_type>;

  const_iterator begin() const { return {this, First()}; }
  const_iterator end() const { return {this, nullptr}; }
  const_iterator find(Key key) const { return {this, Find(KeyFor(key), sizeof(Key))}; }
  bool contains(Key key) const { return Find(KeyFor(key), sizeof(Key)) != nullptr; }
  size_t count(Key key) const { return contains(key) ? 1 : 0; }
  // The entry must be there.
  const Value& at(Key key) const {
    const MapNode* node = Find(KeyFor(key), sizeof(Key));
    PENSTOCK_CHECK(node != nullptr, "at() names a key of the map");
    return node->At<Value>(kValueOffset);
  }

 private:
  template <typename, typename>
  friend class MutableMap;

  static MapKey KeyFor(Key key) {
    if constexpr (std::is_same_v<Key, std::string_view>) {
      return {0, key};
    } else if constexpr (sizeof(Key) == 8) {
      return {static_cast<uint64_t>(key), {}};
    } else {
      return {static_cast<uint32_t>(key), {}};
    }
  }
};

// What mutable_x() of a map gives: use it like a pointer to the map.
// Ownership: as long as the message.
template <typename Key, typename Value>
class MutableMap {
 public:
  using Map = MapField<Key, Value>;
  using iterator = typename Map::iterator;

  MutableMap(Map& map, MessageHead& head, const MessageLayout& entry)
      : map_(map), head_(head), entry_(entry) {}

  MutableMap* operator->() { return this; }
  MutableMap& operator*() & { return *this; }
  // By value, so that `for (auto& [key, value] : *message.mutable_x())` keeps it.
  MutableMap operator*() && { return *this; }

  size_t size() const { return map_.size(); }
  bool empty() const { return map_.empty(); }
  bool contains(Key key) const { return map_.contains(key); }
  iterator begin() const { return {&map_, map_.First()}; }
  iterator end() const { return {&map_, nullptr}; }
  iterator find(Key key) const { return {&map_, map_.Find(Map::KeyFor(key), sizeof(Key))}; }

  // The value of that key, made when there is none: Value&, or MapText where values are text.
  decltype(auto) operator[](Key key) const { return ValueOf(*FindOrAdd(key)); }
  decltype(auto) at(Key key) const {
    MapNode* node = map_.Find(Map::KeyFor(key), sizeof(Key));
    PENSTOCK_CHECK(node != nullptr, "at() names a key of the map");
    return ValueOf(*node);
  }

  // Adds an entry unless its key is there; the answer says whether it was added.
  std::pair<iterator, bool> insert(const MapPair<Key, Value>& entry) const
    requires(std::is_trivially_copyable_v<Value>)
  {
    const size_t size_before = size();
    MapNode* node = FindOrAdd(entry.first);
    const bool added = size() != size_before;
    if (added) ValueOf(*node) = entry.second;
    return {iterator(&map_, node), added};
  }

  // How many entries were erased: 0 or 1.
  size_t erase(Key key) const { return map_.Erase(Map::KeyFor(key), entry_) ? 1 : 0; }
  // The iterator behind the erased one.
  iterator erase(iterator at) const {
    iterator next = at;
    ++next;
    erase(at->first);
    return next;
  }
  void clear() const { map_.Clear(entry_); }

 private:
  MapNode* FindOrAdd(Key key) const { return map_.FindOrAdd(head_, Map::KeyFor(key), entry_); }
  decltype(auto) ValueOf(MapNode& node) const {
    if constexpr (std::is_same_v<Value, std::string_view>) {
      return MapText(head_, &node.At<Value>(Map::kValueOffset), &node.value_capacity);
    } else {
      return (node.At<Value>(Map::kValueOffset));
    }
  }

  Map& map_;
  MessageHead& head_;
  const MessageLayout& entry_;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MAP_FIELD_H_
