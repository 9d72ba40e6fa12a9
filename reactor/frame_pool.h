// FramePool: the memory of coroutine frames. What a frame leaves is the next one's of its size:
// last in, first out, so that it is warm in the cache and the steady state asks the heap for
// nothing.
//
// A frame remembers its pool, so that it may end outside of a turn. Coroutines that begin where no
// shard turns (a test, a blocking facade) have their frames from the heap.
//
// Ownership: Take() lends memory until Give(). All of it is back before the pool dies.
// Threading: one shard.
// Limits:    keeps at most `idle_bytes_max` for later; frames above kFrameBytesMax are the heap's.
#ifndef PENSTOCK_REACTOR_FRAME_POOL_H_
#define PENSTOCK_REACTOR_FRAME_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "penstock/wire/check.h"

namespace penstock::reactor {

class FramePool {
 public:
  static constexpr size_t kFrameBytesMax = 4096;
  static constexpr size_t kIdleBytesMaxDefault = 4 * 1024 * 1024;

  explicit FramePool(size_t idle_bytes_max = kIdleBytesMaxDefault)
      : idle_bytes_max_(idle_bytes_max) {}
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // From `pool`, or from the heap where that is null. Aligned to 16.
  static void* Take(FramePool* pool, size_t bytes);
  // To where it came from.
  static void Give(void* frame) noexcept;

  // Of the shard whose turn this thread is in; null outside.
  static FramePool* Current();

  // While it lives, Current() of this thread is the pool.
  class Turn {
   public:
    explicit Turn(FramePool* pool);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    FramePool* const outer_;
  };

  size_t lent_count() const { return lent_count_; }
  size_t lent_bytes() const { return lent_bytes_; }

 private:
  static constexpr size_t kStepBytes = 64;
  static constexpr size_t kSizesCount = kFrameBytesMax / kStepBytes;

  // Stands before every frame.
  struct alignas(16) Header {
    FramePool* pool;  // null: the heap's
    union {
      size_t size_index;  // of a pool's: (size_index + 1) * kStepBytes in all
      Header* next;       // of an idle one
    };
  };

  static Header* TakeFromHeap(size_t bytes);
  static void GiveToHeap(Header* header) noexcept;

  const size_t idle_bytes_max_;
  size_t idle_bytes_ = 0;
  size_t lent_count_ = 0;
  size_t lent_bytes_ = 0;
  std::array<Header*, kSizesCount> idle_{};
};

// Base of promises whose frames are the pool's.
struct PooledFrame {
  static void* operator new(size_t bytes) { return FramePool::Take(FramePool::Current(), bytes); }
  static void operator delete(void* frame) noexcept { FramePool::Give(frame); }
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_FRAME_POOL_H_
