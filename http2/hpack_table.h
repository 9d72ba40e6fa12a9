// The dynamic table of one direction: entries in a ring, their bytes in another, both empty at
// first and grown on demand. `Note` is what the owner remembers with an entry (the decoder: what
// the field means; the encoder: hashes to find it by).
//
//   entries  [ . | oldest | ... | newest | . ]     numbered by insertion, slot = number & mask
//   bytes    [ newest | free | oldest ... | ... | unused end ]     each entry's lie together
//
// Insertion is cheap at a full table (a Go client with deadlines inserts almost every time): the
// oldest entries are forgotten, the new bytes are copied behind the newest ones.
//
// Views into the table outlive eviction until ReleaseEvicted(), so that the fields of the block
// being decoded stay valid: bytes of evicted entries are not free for new ones before.
//
// Spec:       RFC 7541 §2.3.2, §4
// Ownership:  views are valid until ReleaseEvicted() and an Append after it, or Grow(), which hands
//             the old storage to the caller
// Limits:     kHpackTableBytesCeiling; the byte ring stays below twice the table's size rounded up
//             to a power of two
#ifndef PENSTOCK_HTTP2_HPACK_TABLE_H_
#define PENSTOCK_HTTP2_HPACK_TABLE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "penstock/http2/hpack_field.h"
#include "penstock/wire/check.h"

namespace penstock::http2 {

// Lengths are kept in 16 bits. A table of 4096 is what gRPC uses; browsers ask for 65536.
inline constexpr uint32_t kHpackTableBytesCeiling = 65536;

template <typename Note>
class HpackTable {
 public:
  struct Entry {
    uint32_t at;
    uint16_t name_bytes;
    uint16_t value_bytes;
    Note note;
  };

  explicit HpackTable(uint32_t bytes_max) : bytes_max_(bytes_max) {
    PENSTOCK_CHECK(bytes_max <= kHpackTableBytesCeiling, "an HPACK table above its ceiling");
  }

  uint32_t count() const { return count_; }
  // Size of all entries. Spec: RFC 7541 §4.1
  uint32_t bytes() const { return bytes_; }
  uint32_t bytes_max() const { return bytes_max_; }
  // Changes with every insertion and every eviction.
  uint64_t version() const { return uint64_t{next_number_} << 32 | count_; }
  size_t heap_bytes() const { return storage_bytes_ + size_t{slot_count()} * sizeof(Entry); }

  // Entries are numbered by insertion, modulo 2^32. The newest has newest_number().
  uint32_t newest_number() const { return next_number_ - 1; }
  bool IsLive(uint32_t number) const { return next_number_ - 1 - number < count_; }
  const Entry& EntryOf(uint32_t number) const { return slots_[number & slot_mask_]; }
  Entry& EntryOf(uint32_t number) { return slots_[number & slot_mask_]; }
  // `age` 0 is the newest, that with HPACK's index 62.
  const Entry& EntryOfAge(uint32_t age) const { return EntryOf(next_number_ - 1 - age); }

  // The entries by age, for a loop that keeps everything in registers.
  struct NewestEntries {
    const Entry* slots;
    const char* storage;
    uint32_t newest;
    uint32_t mask;
    uint32_t count;

    const Entry& operator[](uint32_t age) const { return slots[(newest - age) & mask]; }
  };
  NewestEntries newest_entries() const {
    return {slots_.get(), storage_.get(), newest_number(), slot_mask_, count_};
  }

  std::string_view NameOf(const Entry& entry) const {
    return {storage_.get() + entry.at, entry.name_bytes};
  }
  std::string_view ValueOf(const Entry& entry) const {
    return {storage_.get() + entry.at + entry.name_bytes, entry.value_bytes};
  }

  // The largest size to be used from now on; evicts down to it.
  void SetBytesMax(uint32_t bytes_max) {
    PENSTOCK_CHECK(bytes_max <= kHpackTableBytesCeiling, "an HPACK table above its ceiling");
    bytes_max_ = bytes_max;
    EvictTo(bytes_max);
  }

  // Evicts until the entries take at most `bytes`. Returns how many went.
  uint32_t EvictTo(uint32_t bytes) {
    const uint32_t before = count_;
    while (bytes_ > bytes) EvictOldest();
    return before - count_;
  }

  // Whether Append of so many bytes finds room without Grow().
  bool HasRoomFor(uint32_t text_bytes) const { return FindRoom(text_bytes) != kNoRoom; }

  // Bytes of evicted entries may be overwritten from now on.
  void ReleaseEvicted() { holds_evicted_ = false; }
  bool holds_evicted() const { return holds_evicted_; }

  // Moves the live entries to larger storage, with room for `text_bytes` more. The old storage
  // goes to the caller, who keeps it for as long as somebody may look at it.
  std::unique_ptr<char[]> Grow(uint32_t text_bytes);

  // Adds an entry: the caller has evicted (EvictTo) and made room. `name` and `value` may be views
  // into this table's live or evicted but not released entries. The note is the caller's to write,
  // member by member: copying one just put together made the processor wait for its stores.
  Entry& Append(std::string_view name, std::string_view value) {
    const uint32_t at = FindRoom(static_cast<uint32_t>(name.size() + value.size()));
    PENSTOCK_DCHECK(at != kNoRoom, "Append without room");
    if (count_ == slot_count()) GrowSlots();
    char* text = storage_.get() + at;
    CopyText(text, name);
    CopyText(text + name.size(), value);
    head_ = static_cast<uint32_t>(at + name.size() + value.size());
    bytes_ += static_cast<uint32_t>(name.size() + value.size()) + kFieldOverheadBytes;
    ++count_;
    Entry& entry = slots_[next_number_++ & slot_mask_];
    entry.at = at;
    entry.name_bytes = static_cast<uint16_t>(name.size());
    entry.value_bytes = static_cast<uint16_t>(value.size());
    return entry;
  }

  // All storage there is, for whoever must know whether a view lies in it.
  const char* storage() const { return storage_.get(); }
  uint32_t storage_bytes() const { return storage_bytes_; }

  void CheckInvariants() const;

 private:
  static constexpr uint32_t kNoRoom = ~uint32_t{0};
  static constexpr uint32_t kSlotsAtFirst = 8;
  static constexpr uint32_t kStorageBytesAtFirst = 128;

  uint32_t slot_count() const { return slots_ == nullptr ? 0 : slot_mask_ + 1; }
  const Entry& Oldest() const { return EntryOf(next_number_ - count_); }

  void EvictOldest() {
    const Entry& oldest = Oldest();
    if (!holds_evicted_) {
      holds_evicted_ = true;
      held_at_ = oldest.at;
    }
    bytes_ -= uint32_t{oldest.name_bytes} + oldest.value_bytes + kFieldOverheadBytes;
    --count_;
  }

  // Where so many bytes fit behind the newest entry, or kNoRoom. The bytes in use run from the tail
  // to the head, around the end if head < tail; a gap of one byte keeps the two cases apart.
  uint32_t FindRoom(uint32_t text_bytes) const {
    if (count_ == 0 && !holds_evicted_) return text_bytes <= storage_bytes_ ? 0 : kNoRoom;
    const uint32_t tail = holds_evicted_ ? held_at_ : Oldest().at;
    if (head_ < tail) return text_bytes < tail - head_ ? head_ : kNoRoom;
    if (text_bytes <= storage_bytes_ - head_) return head_;
    return text_bytes < tail ? 0 : kNoRoom;
  }

  // Names and values are short: two overlapping words cost less than a call of memcpy.
  static void CopyText(char* to, std::string_view text) {
    const size_t bytes = text.size();
    if (bytes >= 8 && bytes <= 16) {
      uint64_t first;
      uint64_t last;
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + bytes - 8, 8);
      std::memcpy(to, &first, 8);
      std::memcpy(to + bytes - 8, &last, 8);
    } else if (bytes != 0) {
      std::memcpy(to, text.data(), bytes);
    }
  }

  void GrowSlots();

  std::unique_ptr<Entry[]> slots_;
  std::unique_ptr<char[]> storage_;
  uint32_t slot_mask_ = 0;
  uint32_t count_ = 0;
  uint32_t next_number_ = 0;
  uint32_t bytes_ = 0;
  uint32_t bytes_max_;
  uint32_t storage_bytes_ = 0;
  uint32_t head_ = 0;     // end of the newest entry's bytes
  uint32_t held_at_ = 0;  // start of the oldest evicted entry that is held
  bool holds_evicted_ = false;
};

template <typename Note>
std::unique_ptr<char[]> HpackTable<Note>::Grow(uint32_t text_bytes) {
  const uint32_t live_bytes = bytes_ - count_ * kFieldOverheadBytes;
  uint32_t grown = storage_bytes_ == 0 ? kStorageBytesAtFirst : storage_bytes_;
  // Twice what lives is enough for ever: whatever the ring's state, one of its two gaps fits the
  // next entry. So a table that is full does not grow any more.
  if (storage_bytes_ != 0 && live_bytes + text_bytes > storage_bytes_ / 2) grown *= 2;
  while (grown < live_bytes + text_bytes) grown *= 2;
  std::unique_ptr<char[]> storage(new char[grown]);
  uint32_t at = 0;
  for (uint32_t i = 0; i < count_; ++i) {
    Entry& entry = EntryOf(next_number_ - count_ + i);
    const uint32_t entry_bytes = uint32_t{entry.name_bytes} + entry.value_bytes;
    if (entry_bytes != 0) std::memcpy(storage.get() + at, storage_.get() + entry.at, entry_bytes);
    entry.at = at;
    at += entry_bytes;
  }
  head_ = at;
  holds_evicted_ = false;
  storage_bytes_ = grown;
  std::swap(storage, storage_);
  return storage;
}

template <typename Note>
void HpackTable<Note>::GrowSlots() {
  const uint32_t grown = slots_ == nullptr ? kSlotsAtFirst : slot_count() * 2;
  std::unique_ptr<Entry[]> slots(new Entry[grown]);
  for (uint32_t i = 0; i < count_; ++i) {
    const uint32_t number = next_number_ - count_ + i;
    slots[number & (grown - 1)] = EntryOf(number);
  }
  slots_ = std::move(slots);
  slot_mask_ = grown - 1;
}

template <typename Note>
void HpackTable<Note>::CheckInvariants() const {
  uint32_t bytes = 0;
  uint32_t at = count_ == 0 ? head_ : Oldest().at;
  for (uint32_t i = 0; i < count_; ++i) {
    const Entry& entry = EntryOf(next_number_ - count_ + i);
    PENSTOCK_CHECK(entry.at == at || entry.at == 0, "entries lie in order, but for one jump");
    at = entry.at + entry.name_bytes + entry.value_bytes;
    PENSTOCK_CHECK(at <= storage_bytes_, "an entry lies inside the storage");
    bytes += uint32_t{entry.name_bytes} + entry.value_bytes + kFieldOverheadBytes;
  }
  PENSTOCK_CHECK(count_ == 0 || at == head_, "the newest entry ends at the head");
  PENSTOCK_CHECK(bytes == bytes_, "the size is the sum of the entries");
  PENSTOCK_CHECK(bytes_ <= bytes_max_, "the table is not above its size");
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_TABLE_H_
