// Encodes header fields into HPACK blocks for one direction of one connection.
//
//   uint8_t* at = encoder.BeginBlock(out);       // room: EncodedBytesMax of all fields
//   at = encoder.Encode(at, ":status", "200");
//   at = encoder.Encode(at, "content-type", "application/grpc");
//   at = encoder.Encode(at, "x-user", user, IndexingPolicy::kNoIndex);
//
// Every block that was encoded must be sent, and in that order: the peer's table follows ours.
//
// A block whose encoding left generation() as it was before BeginBlock depends on nothing but the
// table's present state. Its bytes may be kept and sent again, without the encoder, for as long as
// generation() stays the same. (The first encoding of a field inserts it, so it is the second block
// that can be kept: one octet per field.)
//
// Spec:    RFC 7541 §4.2, §6; §7.1.3 for kNever
// Limits:  the table is min(peer's SETTINGS_HEADER_TABLE_SIZE, the constructor's bound), whatever
//          the peer allows
#ifndef PENSTOCK_HTTP2_HPACK_ENCODER_H_
#define PENSTOCK_HTTP2_HPACK_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_table.h"

namespace penstock::http2 {

enum class IndexingPolicy : uint8_t {
  kIndex,    // store it in the table; for what will be sent again
  kNoIndex,  // for what changes with every message (content-length, a date)
  kNever,    // for secrets: never compressed against other bytes, here or at any later hop
};

// What a general user of HTTP/2 would choose: kNever for credentials and short cookies, kNoIndex
// for values that rarely repeat, else kIndex.
IndexingPolicy SuggestedIndexing(std::string_view name, std::string_view value);

class HpackEncoder {
 public:
  // `table_bytes_max` bounds the table whatever the peer allows. Before the peer's SETTINGS have
  // come, HTTP/2 grants 4096.
  explicit HpackEncoder(uint32_t table_bytes_max = 4096);
  HpackEncoder(HpackEncoder&&) = default;
  HpackEncoder& operator=(HpackEncoder&&) = default;

  // The peer's SETTINGS_HEADER_TABLE_SIZE. A change is told to the peer's decoder by the next
  // BeginBlock (the lowest size in between, then the final one).
  void SetPeerTableBytesMax(uint32_t bytes);

  // Huffman saves about a quarter of a literal's bytes and costs CPU at both ends. On by default;
  // it is used where it makes a string shorter.
  void set_huffman(bool on) { huffman_ = on; }
  bool huffman() const { return huffman_; }

  // Room to have before BeginBlock: kBlockBytesMax and, for each field, EncodedBytesMax.
  static constexpr size_t kBlockBytesMax = 12;
  static constexpr size_t EncodedBytesMax(size_t name_bytes, size_t value_bytes) {
    return name_bytes + value_bytes + 16;
  }

  // Each returns the end of what was written.
  uint8_t* BeginBlock(uint8_t* out) { return size_update_pending_ ? WriteSizeUpdates(out) : out; }
  // The name must be lower case and valid; neither string may lie inside the encoder.
  uint8_t* Encode(uint8_t* out, std::string_view name, std::string_view value,
                  IndexingPolicy policy = IndexingPolicy::kIndex);

  // Changes with every insertion, eviction and change of size.
  uint64_t generation() const { return generation_; }
  // For a reason outside of the encoder, kept bytes must not be sent again.
  void EndGeneration() { ++generation_; }

  uint32_t table_bytes_max() const { return table_.bytes_max(); }
  uint32_t table_entries() const { return table_.count(); }
  uint32_t table_bytes() const { return table_.bytes(); }
  // Bytes this encoder holds on the heap.
  size_t heap_bytes() const;

 private:
  // Entries are found through two hash tables with chains that run from newer to older entries. An
  // evicted entry is older than all that live, so a chain simply ends at the first one.
  struct Note {
    uint32_t pair_hash;
    uint32_t name_hash;
    uint32_t next_pair;  // numbers of entries, see HpackTable
    uint32_t next_name;
  };

  uint8_t* WriteSizeUpdates(uint8_t* out);
  uint8_t* WriteString(uint8_t* out, std::string_view text) const;
  // HPACK's index of an entry, or 0.
  uint32_t FindPair(uint32_t pair_hash, std::string_view name, std::string_view value) const;
  uint32_t FindName(uint32_t name_hash, std::string_view name) const;
  template <typename IsWanted>
  uint32_t FindInChain(uint32_t number, uint32_t Note::* next, const IsWanted& is_wanted) const;
  void Insert(std::string_view name, std::string_view value, uint32_t pair_hash,
              uint32_t name_hash);
  void RebuildChains();
  void Link(uint32_t number);

  HpackTable<Note> table_;
  std::unique_ptr<uint32_t[]> buckets_;  // bucket_count_ of pairs, then as many of names
  uint32_t bucket_count_ = 0;
  uint32_t bound_bytes_max_;
  uint32_t lowest_bytes_max_;  // since the last block
  bool size_update_pending_ = false;
  bool huffman_ = true;
  uint64_t generation_ = 1;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_ENCODER_H_
