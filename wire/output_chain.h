// OutputChain: bytes on their way out, appended at the back and sent from the front.
//
// Frames are written where they will be sent from: Reserve() contiguous room, fill it, Commit().
// The bytes stand in slabs and never move, so a send in flight may point at the front while more is
// appended behind it. Those of a large message are not copied: the chain shares the block in which
// they stand until they are consumed.
//
//     uint8_t* p = chain.Reserve(9);
//     chain.Commit(WriteFrameHeader(p, ...) - p);
//     ...
//     size_t count = chain.Gather(pieces);
//     chain.Consume(writev(pieces...));
//
// Ownership: holds slabs of the pool, which must outlive it, and shares of the pool's large blocks;
//            an empty chain holds none.
// Limits:    its slabs, and those octets of blocks that it will send, are some three times size()
//            at most and a slab: each short frame behind shared octets may have a slab of its own.
//            But a block is held whole for one octet: that is for who appends to bound.
// Invariant: size() is the sum of what Gather() would show with room for every piece.
#ifndef PENSTOCK_WIRE_OUTPUT_CHAIN_H_
#define PENSTOCK_WIRE_OUTPUT_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::wire {

class OutputChain {
 public:
  explicit OutputChain(SlabPool* pool) : pool_(pool) {}
  ~OutputChain() { Clear(); }
  OutputChain(const OutputChain&) = delete;
  OutputChain& operator=(const OutputChain&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // All that Consume() ever took.
  uint64_t consumed_bytes() const { return consumed_bytes_; }

  // The most that one Reserve() may ask for.
  size_t contiguous_bytes_max() const { return pool_->payload_bytes() - sizeof(Extent); }

  // Room for `bytes` contiguous octets at the back. Valid until the next call that appends; only
  // what is then committed counts.
  uint8_t* Reserve(size_t bytes) {
    if (PENSTOCK_UNLIKELY(back_ == nullptr || extent(back_).end + bytes > pool_->payload_bytes())) {
      return ReserveInFreshSlab(bytes);
    }
    return back_->data() + extent(back_).end;
  }

  // The first `bytes` octets of the newest Reserve() are filled and belong to the chain.
  void Commit(size_t bytes) {
    extent(back_).end += static_cast<uint32_t>(bytes);
    size_ += bytes;
  }

  // Appends a copy, split over slabs as it fits.
  void Append(Bytes bytes);

  // Appends a copy of `lead`, a frame's header, and `bytes`. These are not copied if they stand in
  // `block`, of the pool's, and are kShareBytesMin or more: they must not change from now on. The
  // caller keeps its own share of the block. Null: they stand elsewhere.
  void AppendShared(Bytes lead, Bytes bytes, LargeBlock* block);
  static constexpr size_t kLeadBytesMax = 14;
  // Below this a copy is worth more than a link: what is appended behind a link begins a slab.
  static constexpr size_t kShareBytesMin = 8 * 1024;

  // Moves everything of `other` (same pool) behind this chain without copying.
  void Splice(OutputChain& other);

  // Appends `lead` and moves up to `bytes` from the front of `other` (same pool) behind it, by
  // copying what is not shared. Returns how many were moved.
  size_t MoveFrom(OutputChain& other, size_t bytes, Bytes lead = {});

  // Views of the front pieces in order, as many as `pieces` holds. Returns the number filled.
  size_t Gather(std::span<Bytes> pieces) const;
  // The same of what stands behind the first `skipped_bytes`, at most size().
  size_t GatherBehind(size_t skipped_bytes, std::span<Bytes> pieces) const;

  // The block in which the octets at the front stand, or null: the chain's own.
  LargeBlock* front_block() const;

  // Drops `bytes` octets from the front; slabs that became empty go back to the pool.
  void Consume(size_t bytes);

  void Clear();

 private:
  // Where the unsent octets of a slab stand, counted from data(); kept at the slab's beginning.
  struct Extent {
    uint32_t begin;
    uint32_t end;  // kShared: a SharedLink stands in the place of the slab
  };
  static constexpr uint32_t kShared = UINT32_MAX;  // no slab is so large: nothing is appended to it
  struct SharedLink;
  static bool IsShared(const Slab* slab) { return extent(slab).end == kShared; }
  static SharedLink& shared(Slab* slab);
  static const SharedLink& shared(const Slab* slab);

  static Extent& extent(Slab* slab) { return *reinterpret_cast<Extent*>(slab->data()); }
  static const Extent& extent(const Slab* slab) {
    return *reinterpret_cast<const Extent*>(slab->data());
  }
  uint8_t* ReserveInFreshSlab(size_t bytes);
  void Link(Slab* slab);
  void DropFront();

  SlabPool* pool_;
  Slab* front_ = nullptr;
  Slab* back_ = nullptr;
  size_t size_ = 0;
  uint64_t consumed_bytes_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_OUTPUT_CHAIN_H_
