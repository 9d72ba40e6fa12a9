#include "penstock/reactor/frame_pool.h"

#include <new>

namespace penstock::reactor {
namespace {

thread_local FramePool* current_pool = nullptr;

// Memory that is used again hides from AddressSanitizer whoever touches a frame that has ended.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUsesAgain = false;
#elif defined(__has_feature)
constexpr bool kUsesAgain = !__has_feature(address_sanitizer);
#else
constexpr bool kUsesAgain = true;
#endif

}  // namespace

FramePool::~FramePool() {
  PENSTOCK_CHECK(lent_count_ == 0, "every frame is back before its pool dies");
  for (Header*& idle : idle_) {
    while (idle != nullptr) GiveToHeap(std::exchange(idle, idle->next));
  }
}

FramePool* FramePool::Current() { return current_pool; }

FramePool::Turn::Turn(FramePool* pool) : outer_(std::exchange(current_pool, pool)) {}

FramePool::Turn::~Turn() { current_pool = outer_; }

void* FramePool::Take(FramePool* pool, size_t bytes) {
  const size_t whole_bytes = bytes + sizeof(Header);
  if (PENSTOCK_UNLIKELY(pool == nullptr || whole_bytes > kFrameBytesMax)) {
    Header* header = TakeFromHeap(whole_bytes);
    header->pool = nullptr;
    return header + 1;
  }
  const size_t size_index = (whole_bytes - 1) / kStepBytes;
  const size_t taken_bytes = (size_index + 1) * kStepBytes;
  Header*& idle = pool->idle_[size_index];
  Header* header = idle;
  if (PENSTOCK_LIKELY(header != nullptr)) {
    idle = header->next;
    pool->idle_bytes_ -= taken_bytes;
  } else {
    header = TakeFromHeap(taken_bytes);
  }
  header->pool = pool;
  header->size_index = size_index;
  ++pool->lent_count_;
  pool->lent_bytes_ += taken_bytes;
  return header + 1;
}

void FramePool::Give(void* frame) noexcept {
  Header* header = static_cast<Header*>(frame) - 1;
  FramePool* pool = header->pool;
  if (PENSTOCK_UNLIKELY(pool == nullptr)) return GiveToHeap(header);
  const size_t size_index = header->size_index;
  const size_t bytes = (size_index + 1) * kStepBytes;
  --pool->lent_count_;
  pool->lent_bytes_ -= bytes;
  if (PENSTOCK_UNLIKELY(!kUsesAgain || pool->idle_bytes_ + bytes > pool->idle_bytes_max_)) {
    return GiveToHeap(header);
  }
  header->next = pool->idle_[size_index];
  pool->idle_[size_index] = header;
  pool->idle_bytes_ += bytes;
}

PENSTOCK_COLD FramePool::Header* FramePool::TakeFromHeap(size_t bytes) {
  return static_cast<Header*>(::operator new(bytes, std::align_val_t{alignof(Header)}));
}

PENSTOCK_COLD void FramePool::GiveToHeap(Header* header) noexcept {
  ::operator delete(header, std::align_val_t{alignof(Header)});
}

}  // namespace penstock::reactor
