// BlockMemo: the header block that a shard decoded last. The same octets again, from the same peer
// with the same tables, mean the same fields: they need not be decoded and judged anew.
//
// A client that calls one method over and over sends one block over and over (indices alone, or
// h2load's literals), and what a connection received comes in batches: all but the first request of
// a batch cost a comparison. A block that changes the dynamic table (a Go client's new
// grpc-timeout) is not held. Bench: connection_bench.
//
// Ownership: keeps a copy of the block, for the decoded fields view it.
// Invariant: while a block is held, Workspace::fields are what its owner's decoder says of it.
#ifndef PENSTOCK_HTTP2_BLOCK_MEMO_H_
#define PENSTOCK_HTTP2_BLOCK_MEMO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "penstock/wire/bytes.h"

namespace penstock::http2 {

class BlockMemo {
 public:
  static constexpr size_t kBlockBytesMax = 256;

  // `owner` stands for the tables with which the block is decoded: a connection.
  bool Holds(const void* owner, wire::Bytes block) const {
    return owner == owner_ && block.size() == bytes_ &&
           std::memcmp(block.data(), block_.data(), bytes_) == 0;
  }

  // Holds a copy of `block` from now on, and returns it: decode that one. A block that is too long
  // is returned as it is, and nothing is held.
  wire::Bytes Hold(const void* owner, wire::Bytes block) {
    Forget();
    if (block.empty() || block.size() > kBlockBytesMax) return block;
    owner_ = owner;
    bytes_ = block.size();
    std::memcpy(block_.data(), block.data(), bytes_);
    return {block_.data(), bytes_};
  }

  void Forget() {
    owner_ = nullptr;
    judged_ = false;
  }
  // What belongs to `owner` is void: its tables are about to change, or to go.
  void ForgetOf(const void* owner) {
    if (owner_ == owner) Forget();
  }

  // Whether the held block has been found to be a well-formed request.
  bool judged() const { return judged_; }
  void set_judged() { judged_ = owner_ != nullptr; }

 private:
  const void* owner_ = nullptr;  // null: nothing is held
  size_t bytes_ = 0;
  bool judged_ = false;
  std::array<uint8_t, kBlockBytesMax> block_;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_BLOCK_MEMO_H_
