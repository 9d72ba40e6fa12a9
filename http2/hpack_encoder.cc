#include "penstock/http2/hpack_encoder.h"

#include <algorithm>
#include <cstring>

#include "penstock/http2/hpack_huffman.h"
#include "penstock/http2/hpack_integer.h"
#include "penstock/http2/hpack_static_table.h"
#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

// What HTTP/2 grants before the peer's SETTINGS. Spec: RFC 9113 §6.5.2
constexpr uint32_t kProtocolTableBytes = 4096;
constexpr uint32_t kBucketsAtFirst = 8;
constexpr size_t kShortCookieBytes = 20;

// Good enough to tell some hundred entries apart: the bytes are compared afterwards.
uint32_t HashOf(std::string_view text, uint64_t seed) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15;
  uint64_t hash = (seed ^ text.size()) * kMultiplier;
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    hash = (hash ^ (hash >> 29) ^ word) * kMultiplier;
  }
  uint64_t word = 0;
  for (; left != 0; --left) word = word << 8 | static_cast<uint8_t>(at[left - 1]);
  hash = (hash ^ (hash >> 29) ^ word) * kMultiplier;
  return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

IndexingPolicy SuggestedIndexing(std::string_view name, std::string_view value) {
  if (name == "authorization" || name == "proxy-authorization" ||
      (name == "cookie" && value.size() < kShortCookieBytes)) {
    return IndexingPolicy::kNever;
  }
  for (const std::string_view rare : {"content-length", "age", "etag", "if-modified-since",
                                      "if-none-match", "location", "set-cookie", ":path"}) {
    if (name == rare) return IndexingPolicy::kNoIndex;
  }
  return IndexingPolicy::kIndex;
}

HpackEncoder::HpackEncoder(uint32_t table_bytes_max)
    : table_(std::min(table_bytes_max, kProtocolTableBytes)),
      bound_bytes_max_(std::min(table_bytes_max, kHpackTableBytesCeiling)),
      lowest_bytes_max_(table_.bytes_max()),
      size_update_pending_(table_bytes_max < kProtocolTableBytes) {}

void HpackEncoder::SetPeerTableBytesMax(uint32_t bytes) {
  bytes = std::min(bytes, bound_bytes_max_);
  if (bytes == table_.bytes_max()) return;
  lowest_bytes_max_ = size_update_pending_ ? std::min(lowest_bytes_max_, bytes) : bytes;
  size_update_pending_ = true;
  table_.SetBytesMax(bytes);
  table_.ReleaseEvicted();
  ++generation_;
}

uint8_t* HpackEncoder::WriteSizeUpdates(uint8_t* out) {
  constexpr uint8_t kSizeUpdateBits = 0x20;
  if (lowest_bytes_max_ < table_.bytes_max()) {
    out = WriteHpackInteger(out, kSizeUpdateBits, 5, lowest_bytes_max_);
  }
  out = WriteHpackInteger(out, kSizeUpdateBits, 5, table_.bytes_max());
  size_update_pending_ = false;
  ++generation_;
  return out;
}

uint8_t* HpackEncoder::Encode(uint8_t* out, std::string_view name, std::string_view value,
                              IndexingPolicy policy) {
  PENSTOCK_DCHECK(!size_update_pending_, "Encode before BeginBlock");
  const StaticMatch known = FindStatic(name, value);
  if (known.whole && policy != IndexingPolicy::kNever) {
    return WriteHpackInteger(out, 0x80, 7, known.index);
  }
  const uint32_t name_hash = HashOf(name, 0);
  const uint32_t pair_hash = HashOf(value, name_hash);
  uint32_t name_index = known.index;
  if (policy != IndexingPolicy::kNever) {
    if (const uint32_t index = FindPair(pair_hash, name, value); index != 0) {
      return WriteHpackInteger(out, 0x80, 7, index);
    }
  }
  if (name_index == 0) name_index = FindName(name_hash, name);
  // An entry that would push most others out does not pay.
  const size_t bytes = name.size() + value.size() + kFieldOverheadBytes;
  if (policy == IndexingPolicy::kIndex && bytes > table_.bytes_max() / 4 * 3) {
    policy = IndexingPolicy::kNoIndex;
  }
  switch (policy) {
    case IndexingPolicy::kIndex:
      out = WriteHpackInteger(out, 0x40, 6, name_index);
      break;
    case IndexingPolicy::kNoIndex:
      out = WriteHpackInteger(out, 0x00, 4, name_index);
      break;
    case IndexingPolicy::kNever:
      out = WriteHpackInteger(out, 0x10, 4, name_index);
      break;
  }
  if (name_index == 0) out = WriteString(out, name);
  out = WriteString(out, value);
  if (policy == IndexingPolicy::kIndex) Insert(name, value, pair_hash, name_hash);
  return out;
}

uint8_t* HpackEncoder::WriteString(uint8_t* out, std::string_view text) const {
  if (huffman_) {
    const size_t encoded_bytes = HuffmanEncodedBytes(text);
    if (encoded_bytes < text.size()) {
      out = WriteHpackInteger(out, 0x80, 7, static_cast<uint32_t>(encoded_bytes));
      return HuffmanEncode(out, text);
    }
  }
  out = WriteHpackInteger(out, 0x00, 7, static_cast<uint32_t>(text.size()));
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Walks a chain from newer to older entries. Ages that do not grow are numbers of long ago.
template <typename IsWanted>
uint32_t HpackEncoder::FindInChain(uint32_t number, uint32_t Note::* next,
                                   const IsWanted& is_wanted) const {
  uint32_t age_min = 0;
  for (;;) {
    const uint32_t age = table_.newest_number() - number;
    if (age >= table_.count() || age < age_min) return 0;
    const auto& entry = table_.EntryOf(number);
    if (is_wanted(entry)) return kStaticTableEntries + 1 + age;
    number = entry.note.*next;
    age_min = age + 1;
  }
}

uint32_t HpackEncoder::FindPair(uint32_t pair_hash, std::string_view name,
                                std::string_view value) const {
  if (bucket_count_ == 0) return 0;
  return FindInChain(buckets_[pair_hash & (bucket_count_ - 1)], &Note::next_pair,
                     [&](const HpackTable<Note>::Entry& entry) {
                       return entry.note.pair_hash == pair_hash && table_.NameOf(entry) == name &&
                              table_.ValueOf(entry) == value;
                     });
}

uint32_t HpackEncoder::FindName(uint32_t name_hash, std::string_view name) const {
  if (bucket_count_ == 0) return 0;
  return FindInChain(buckets_[bucket_count_ + (name_hash & (bucket_count_ - 1))], &Note::next_name,
                     [&](const HpackTable<Note>::Entry& entry) {
                       return entry.note.name_hash == name_hash && table_.NameOf(entry) == name;
                     });
}

void HpackEncoder::Insert(std::string_view name, std::string_view value, uint32_t pair_hash,
                          uint32_t name_hash) {
  const auto text_bytes = static_cast<uint32_t>(name.size() + value.size());
  table_.EvictTo(table_.bytes_max() - text_bytes - kFieldOverheadBytes);
  table_.ReleaseEvicted();
  if (!table_.HasRoomFor(text_bytes)) static_cast<void>(table_.Grow(text_bytes));
  Note& note = table_.Append(name, value).note;
  note.pair_hash = pair_hash;
  note.name_hash = name_hash;
  if (table_.count() > bucket_count_) {
    RebuildChains();
  } else {
    Link(table_.newest_number());
  }
  ++generation_;
}

void HpackEncoder::Link(uint32_t number) {
  Note& note = table_.EntryOf(number).note;
  uint32_t& pair = buckets_[note.pair_hash & (bucket_count_ - 1)];
  note.next_pair = pair;
  pair = number;
  uint32_t& name = buckets_[bucket_count_ + (note.name_hash & (bucket_count_ - 1))];
  note.next_name = name;
  name = number;
}

void HpackEncoder::RebuildChains() {
  bucket_count_ = bucket_count_ == 0 ? kBucketsAtFirst : bucket_count_ * 2;
  buckets_.reset(new uint32_t[2 * bucket_count_]);
  const uint32_t older_than_all = table_.newest_number() - table_.count();
  std::fill_n(buckets_.get(), 2 * bucket_count_, older_than_all);
  for (uint32_t i = 1; i <= table_.count(); ++i) Link(older_than_all + i);
}

size_t HpackEncoder::heap_bytes() const {
  return table_.heap_bytes() + 2 * size_t{bucket_count_} * sizeof(uint32_t);
}

}  // namespace penstock::http2
