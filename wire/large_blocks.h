// LargeBlocks: a stock of blocks of memory for what does not fit a slab, a message of a megabyte
// for example. What was given back lately is handed out again: the pages of fresh memory cost more
// than all the copying of such a message.
//
//     LargeBlock* block = pool.large().Take(bytes);
//     ...
//     pool.large().Give(block);
//
// Ownership: Take() lends a block; Share() adds a holder, and it is back when each has given it.
// Threading: one shard.
// Limits:    keeps at most kIdleBytesMax and kIdleCountMax idle blocks; beyond either the one that
//            lay idle longest is freed. A small one, below kLargeBytesMin, takes the place of small
//            ones alone.
// Bench:     unary messages of 1 MiB, tools/bench: docs/benchmarks.md, "large messages".
#ifndef PENSTOCK_WIRE_LARGE_BLOCKS_H_
#define PENSTOCK_WIRE_LARGE_BLOCKS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "penstock/wire/check.h"

namespace penstock::wire {

// Header of a block; its room follows it. `next` belongs to whoever holds the block alone.
struct alignas(16) LargeBlock {
  LargeBlock* next;
  size_t room_bytes;
  uint32_t holders_count;

  uint8_t* data() { return reinterpret_cast<uint8_t*>(this + 1); }

  // From the heap and back, for who has no stock.
  static LargeBlock* New(size_t room_bytes);
  static void Free(LargeBlock* block);
};

class LargeBlocks {
 public:
  static constexpr size_t kIdleBytesMax = 8 * 1024 * 1024;
  static constexpr size_t kIdleCountMax = 64;
  // An idle block of more than this many times what is asked for is left for others, so whoever
  // takes one may hold so much more than its own bound.
  static constexpr size_t kSlackFactorMax = 2;
  // Smaller blocks have few pages to save: however many come, they drive none of megabytes out.
  static constexpr size_t kLargeBytesMin = 64 * 1024;

  LargeBlocks() = default;
  ~LargeBlocks();
  LargeBlocks(const LargeBlocks&) = delete;
  LargeBlocks& operator=(const LargeBlocks&) = delete;

  // Room for `bytes` at least.
  [[nodiscard]] LargeBlock* Take(size_t bytes) {
    LargeBlock* const idle = TakeIdle(bytes);
    return idle != nullptr ? idle : TakeFresh(bytes);
  }
  // The same, but null where no idle block is fit for it: takes nothing from the system. The least
  // that is fit, of these the newest: longer ones are left to longer messages.
  [[nodiscard]] LargeBlock* TakeIdle(size_t bytes);

  // Of a message of `length_bytes` of which only `arrived_bytes` are there, a peer may never send
  // the rest. Room for what has arrived: kRoomGrowth times it at most, from kFirstRoomBytes on, and
  // of few sizes, so that the blocks of one message fit the next.
  static size_t RoomAhead(size_t arrived_bytes, size_t length_bytes) {
    size_t room_bytes = kFirstRoomBytes;
    while (room_bytes < arrived_bytes) room_bytes *= kRoomGrowth;
    return std::min(room_bytes, length_bytes);
  }
  // Whether it may have an idle block for all of it. Others' messages put idle blocks back again
  // and again: so these, too, must not be had for a prefix.
  static bool EarnsIdle(size_t arrived_bytes, size_t length_bytes) {
    return arrived_bytes >= length_bytes / kIdleGrowth;
  }
  static constexpr size_t kFirstRoomBytes = 16 * 1024;
  static constexpr size_t kRoomGrowth = 4;
  static constexpr size_t kIdleGrowth = 16;

  // Another holder, who gives the block back as well.
  static void Share(LargeBlock* block) { ++block->holders_count; }
  void Give(LargeBlock* block);

  // Of blocks that somebody holds.
  size_t lent_bytes() const { return lent_bytes_; }
  size_t idle_bytes() const { return idle_bytes_; }

 private:
  LargeBlock* TakeFresh(size_t bytes);
  bool HasRoomFor(size_t room_bytes) const {
    return idle_count_ < kIdleCountMax && idle_bytes_ + room_bytes <= kIdleBytesMax;
  }
  size_t OldestBelow(size_t room_bytes) const;
  LargeBlock* RemoveIdle(size_t index);

  // Beside each other, so that a search touches no block. The newest is the last.
  struct Idle {
    LargeBlock* block;
    size_t room_bytes;
  };
  std::array<Idle, kIdleCountMax> idle_;
  size_t idle_count_ = 0;
  size_t idle_bytes_ = 0;
  size_t lent_bytes_ = 0;
};

// A block for the length of a scope, whatever ends that.
class LentBlock {
 public:
  LentBlock(LargeBlocks& blocks, size_t bytes) : blocks_(blocks), block_(blocks.Take(bytes)) {}
  ~LentBlock() { blocks_.Give(block_); }
  LentBlock(const LentBlock&) = delete;
  LentBlock& operator=(const LentBlock&) = delete;

  LargeBlock* get() const { return block_; }
  uint8_t* data() const { return block_->data(); }

 private:
  LargeBlocks& blocks_;
  LargeBlock* const block_;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_LARGE_BLOCKS_H_
