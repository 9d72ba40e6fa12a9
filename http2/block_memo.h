// BlockMemo: the header blocks that a shard decoded last. The same octets again, from the same peer
// with the same tables, mean the same fields: they need not be decoded and judged anew.
//
// A client that calls one method over and over sends one block over and over (indices alone, or
// h2load's literals), a server that answers it two, of heads and of trailers; and what a connection
// received comes in batches: all but the first call of a batch cost comparisons. A block that
// changes the dynamic table (a Go client's new grpc-timeout) is not held. Bench: connection_bench,
// and `tools/bench --generators` for responses.
//
// Ownership: keeps copies of the blocks, for the decoded fields view them, their owner's dynamic
//            table and its literals (hpack_literal_cache.h): they are forgotten when those change.
#ifndef PENSTOCK_HTTP2_BLOCK_MEMO_H_
#define PENSTOCK_HTTP2_BLOCK_MEMO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/message_head.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

class BlockMemo {
 public:
  static constexpr size_t kBlockBytesMax = 256;

  // What a block has been found to be, well-formed.
  enum class JudgedAs : uint8_t { kNothing, kRequest, kResponse, kTrailers };

  class Entry {
   public:
    FieldList fields;
    MessageHead head;  // of `fields`, if they were judged as one
    JudgedAs judged_as = JudgedAs::kNothing;

   private:
    friend class BlockMemo;
    bool Holds(const void* owner, wire::Bytes block) const {
      return owner == owner_ && block.size() == bytes_ &&
             std::memcmp(block.data(), block_.data(), bytes_) == 0;
    }
    void Forget() {
      owner_ = nullptr;
      judged_as = JudgedAs::kNothing;
    }

    const void* owner_ = nullptr;  // null: nothing is held
    size_t bytes_ = 0;
    std::array<uint8_t, kBlockBytesMax> block_;
  };

  // Whether `block` is held; then latest() is its entry. `owner` stands for the tables with which
  // it is decoded: a connection.
  bool Find(const void* owner, wire::Bytes block) {
    if (latest_->Holds(owner, block)) return true;
    Entry& other = Other();
    if (!other.Holds(owner, block)) return false;
    latest_ = &other;
    return true;
  }

  // latest() is for `block` from now on, and holds the copy of it that is returned: decode that
  // one. A block that is too long is returned as it is, and nothing is held.
  wire::Bytes Hold(const void* owner, wire::Bytes block) {
    latest_ = &Other();
    latest_->Forget();
    if (block.empty() || block.size() > kBlockBytesMax) return block;
    latest_->owner_ = owner;
    latest_->bytes_ = block.size();
    std::memcpy(latest_->block_.data(), block.data(), block.size());
    return {latest_->block_.data(), block.size()};
  }

  // Of the block that was decoded, or found, last.
  Entry& latest() { return *latest_; }
  const Entry& latest() const { return *latest_; }

  // What belongs to `owner` is void: its tables are about to change, or have, or go.
  void ForgetOf(const void* owner) {
    for (Entry& entry : entries_) {
      if (entry.owner_ == owner) entry.Forget();
    }
  }
  // The same, but for the latest.
  void ForgetOthersOf(const void* owner) {
    if (Entry& other = Other(); other.owner_ == owner) other.Forget();
  }

 private:
  Entry& Other() { return entries_[latest_ == &entries_[0] ? 1 : 0]; }

  std::array<Entry, 2> entries_;
  Entry* latest_ = &entries_[0];
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_BLOCK_MEMO_H_
