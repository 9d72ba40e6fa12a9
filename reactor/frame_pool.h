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
  static void* Take(FramePool* pool, size_t bytes) {
    const size_t whole_bytes = bytes + sizeof(Header);
    if (PENSTOCK_UNLIKELY(pool == nullptr || whole_bytes > kFrameBytesMax)) {
      return TakeFromHeap(whole_bytes);
    }
    const size_t size_index = (whole_bytes - 1) / kStepBytes;
    ++pool->lent_count_;
    Header* const header = pool->idle_[size_index];
    if (PENSTOCK_UNLIKELY(header == nullptr)) return pool->TakeFresh(size_index);
    pool->idle_bytes_ -= BytesOf(size_index);
    pool->idle_[size_index] = header->next;
    header->size_index = size_index;
    return header + 1;
  }
  // To where it came from.
  static void Give(void* frame) noexcept {
    Header* const header = static_cast<Header*>(frame) - 1;
    FramePool* const pool = header->pool;
    if (PENSTOCK_UNLIKELY(pool == nullptr)) return GiveToHeap(header);
    const size_t size_index = header->size_index;
    --pool->lent_count_;
    const size_t idle_bytes = pool->idle_bytes_ + BytesOf(size_index);
    if (PENSTOCK_UNLIKELY(!kUsesAgain || idle_bytes > pool->idle_bytes_max_)) {
      return pool->Free(header);
    }
    pool->idle_bytes_ = idle_bytes;
    header->next = pool->idle_[size_index];
    pool->idle_[size_index] = header;
  }

  // Of the shard whose turn this thread is in; null outside.
  static FramePool* Current() { return current_; }

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
  size_t lent_bytes() const { return held_bytes_ - idle_bytes_; }

 private:
  static constexpr size_t kStepBytes = 64;
  static constexpr size_t kSizesCount = kFrameBytesMax / kStepBytes;

  // Memory that is used again hides from AddressSanitizer whoever touches a frame that has ended.
#if defined(__SANITIZE_ADDRESS__)
  static constexpr bool kUsesAgain = false;
#elif defined(__has_feature)
  static constexpr bool kUsesAgain = !__has_feature(address_sanitizer);
#else
  static constexpr bool kUsesAgain = true;
#endif

  // Stands before every frame.
  struct alignas(16) Header {
    FramePool* pool;  // null: the heap's
    union {
      size_t size_index;  // of a pool's that is lent
      Header* next;       // of an idle one
    };
  };

  // Of a frame with its header.
  static constexpr size_t BytesOf(size_t size_index) { return (size_index + 1) * kStepBytes; }

  PENSTOCK_COLD static void* TakeFromHeap(size_t whole_bytes);
  PENSTOCK_COLD static void GiveToHeap(Header* header) noexcept;
  PENSTOCK_COLD void* TakeFresh(size_t size_index);
  PENSTOCK_COLD void Free(Header* header) noexcept;

  static inline constinit thread_local FramePool* current_ = nullptr;

  const size_t idle_bytes_max_;
  size_t held_bytes_ = 0;  // lent and idle
  size_t lent_count_ = 0;
  size_t idle_bytes_ = 0;
  std::array<Header*, kSizesCount> idle_{};
};

// Base of promises whose frames are the pool's.
struct PooledFrame {
  static void* operator new(size_t bytes) { return FramePool::Take(FramePool::Current(), bytes); }
  static void operator delete(void* frame) noexcept { FramePool::Give(frame); }
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_FRAME_POOL_H_
