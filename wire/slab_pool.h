// SlabPool: a last-in-first-out stock of equal blocks, so that the block handed out is the one that
// is warm in the cache. Output chains and call arenas draw on it; a shard owns one. Beside it stand
// the blocks for what does not fit a slab.
//
// Ownership: Take() lends a block until Give(). All blocks must be back before the pool dies.
// Threading: one shard.
// Limits:    keeps at most `slabs_idle_max` idle blocks and frees the rest, so that the memory of a
//            burst returns to the system.
#ifndef PENSTOCK_WIRE_SLAB_POOL_H_
#define PENSTOCK_WIRE_SLAB_POOL_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/check.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/object_pool.h"

namespace penstock::wire {

// Header of every block; its payload follows it. `next` belongs to whoever holds the block.
struct alignas(16) Slab {
  Slab* next;

  uint8_t* data() { return reinterpret_cast<uint8_t*>(this + 1); }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(this + 1); }
};

class SlabPool {
 public:
  // A DATA frame of the usual 16,384 octets with its header fits one slab.
  static constexpr size_t kSlabBytesDefault = 16 * 1024 + 128;

  // `slab_bytes`: size of a block with its header.
  explicit SlabPool(size_t slab_bytes = kSlabBytesDefault, size_t slabs_idle_max = 256);
  ~SlabPool();
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  // Usable octets of each block.
  size_t payload_bytes() const { return slab_bytes_ - sizeof(Slab); }

  Slab* Take() {
    ++slabs_lent_count_;
    if (PENSTOCK_UNLIKELY(idle_ == nullptr)) return TakeFresh();
    Slab* slab = idle_;
    idle_ = slab->next;
    --slabs_idle_count_;
    slab->next = nullptr;
    return slab;
  }

  void Give(Slab* slab) {
    --slabs_lent_count_;
    if (PENSTOCK_UNLIKELY(slabs_idle_count_ >= slabs_idle_max_)) return Free(slab);
    slab->next = idle_;
    idle_ = slab;
    ++slabs_idle_count_;
  }

  size_t slabs_lent_count() const { return slabs_lent_count_; }
  size_t slabs_idle_count() const { return slabs_idle_count_; }

  // For a link of an output chain that stands in no slab; to be given back as a slab is.
  static constexpr size_t kLinkBytes = 64;
  void* TakeLink() { return links_.New(); }
  void GiveLink(void* link) { links_.Delete(static_cast<Link*>(link)); }

  LargeBlocks& large() { return large_; }
  const LargeBlocks& large() const { return large_; }

 private:
  static constexpr size_t kLinksIdleMax = 1024;
  struct alignas(16) Link {
    unsigned char bytes[kLinkBytes];
  };

  PENSTOCK_COLD Slab* TakeFresh();
  PENSTOCK_COLD void Free(Slab* slab);

  const size_t slab_bytes_;
  const size_t slabs_idle_max_;
  Slab* idle_ = nullptr;
  size_t slabs_idle_count_ = 0;
  size_t slabs_lent_count_ = 0;
  ObjectPool<Link> links_{kLinksIdleMax};
  LargeBlocks large_;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_SLAB_POOL_H_
