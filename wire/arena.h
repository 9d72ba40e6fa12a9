// Arena: memory that is given back all at once. A call's messages and metadata live in one.
//
//     Arena arena(&shard_pool);
//     HelloReply* reply = arena.New<HelloReply>(&arena);
//
// Small requests are cut from a block; the first may be the caller's own (no allocation at all),
// later ones come from the pool, or from the heap where there is no pool. What does not fit a block
// gets a large block of its own, of the pool's stock or from the heap.
//
// Ownership: everything lives until Reset() or the arena's end. Destructors are NOT run.
// Threading: one at a time; the pool's shard when there is a pool.
// Limits:    set_bytes_max() caps the blocks that TryAllocate() takes: for memory that a peer's
//            data asks for. The last of them may have up to twice the room it was asked for, of a
//            block that lay idle. What the program asks for, by Allocate(), is never refused.
#ifndef PENSTOCK_WIRE_ARENA_H_
#define PENSTOCK_WIRE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::wire {

class Arena {
 public:
  static constexpr size_t kAlignMax = 16;

  // Blocks from the heap.
  Arena() = default;
  // Blocks from `pool`, which must outlive the arena.
  explicit Arena(SlabPool* pool) : pool_(pool) {}
  // The first `first.size()` octets are the caller's and are used before any block.
  Arena(MutableBytes first, SlabPool* pool)
      : cursor_(first.data()), end_(first.data() + first.size()), first_(first), pool_(pool) {}
  ~Arena() {
    if (PENSTOCK_UNLIKELY(blocks_ != nullptr || large_ != nullptr)) ReleaseBlocks();
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Never null; `align` is a power of two of at most kAlignMax.
  void* Allocate(size_t bytes, size_t align = 8) {
    void* room = AllocateInBlock(bytes, align);
    return PENSTOCK_LIKELY(room != nullptr) ? room : AllocateSlow(bytes, align);
  }

  // The same, but null when the blocks would come to more than bytes_max().
  void* TryAllocate(size_t bytes, size_t align = 8) {
    void* room = AllocateInBlock(bytes, align);
    return PENSTOCK_LIKELY(room != nullptr) ? room : TryAllocateSlow(bytes, align);
  }

  // From a large block that lies idle in the pool, or null: for what may not be needed after all.
  [[nodiscard]] void* TryAllocateIdle(size_t bytes);

  size_t bytes_max() const { return bytes_max_; }
  void set_bytes_max(size_t bytes) { bytes_max_ = bytes; }

  // Constructs a T whose destructor will not be run.
  template <typename T, typename... Args>
  T* New(Args&&... args) {
    static_assert(alignof(T) <= kAlignMax);
    return new (Allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }

  // A copy of `text` that lives as long as the arena.
  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* copy = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }
  Bytes Copy(Bytes bytes) { return AsBytes(Copy(AsString(bytes))); }

  // Grows the newest allocation in place when `old` is the newest and there is room.
  bool TryExtend(void* old, size_t old_bytes, size_t new_bytes) {
    uint8_t* start = static_cast<uint8_t*>(old);
    if (start + old_bytes != cursor_ || new_bytes > static_cast<size_t>(end_ - start)) return false;
    cursor_ = start + new_bytes;
    return true;
  }

  // Forgets everything; the first block of the caller is used again.
  void Reset() {
    if (PENSTOCK_UNLIKELY(blocks_ != nullptr || large_ != nullptr)) ReleaseBlocks();
    cursor_ = first_.data();
    end_ = first_.data() + first_.size();
  }

  // Octets that blocks taken so far have room for, the caller's first one not counted.
  size_t block_bytes() const { return block_bytes_; }

 private:
  // Null when the block under way has no room.
  void* AllocateInBlock(size_t bytes, size_t align) {
    const uintptr_t start = (reinterpret_cast<uintptr_t>(cursor_) + align - 1) & ~(align - 1);
    const uintptr_t end = reinterpret_cast<uintptr_t>(end_);
    if (PENSTOCK_UNLIKELY(start >= end || bytes > end - start)) return nullptr;
    cursor_ = reinterpret_cast<uint8_t*>(start + bytes);
    return reinterpret_cast<void*>(start);
  }
  // What AllocateSlow() would take.
  size_t BlockBytesFor(size_t bytes) const;
  PENSTOCK_COLD void* AllocateSlow(size_t bytes, size_t align);
  PENSTOCK_COLD void* TryAllocateSlow(size_t bytes, size_t align);
  PENSTOCK_COLD void* KeepLarge(LargeBlock* block);
  PENSTOCK_COLD void ReleaseBlocks();

  uint8_t* cursor_ = nullptr;
  uint8_t* end_ = nullptr;
  MutableBytes first_;
  SlabPool* pool_ = nullptr;
  Slab* blocks_ = nullptr;       // from the pool, or from the heap where there is none
  LargeBlock* large_ = nullptr;  // one allocation each
  size_t block_bytes_ = 0;
  size_t bytes_max_ = SIZE_MAX;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_ARENA_H_
