#include "penstock/reactor/frame_pool.h"

#include <new>

namespace penstock::reactor {

FramePool::~FramePool() {
  PENSTOCK_CHECK(lent_count_ == 0, "every frame is back before its pool dies");
  for (Header*& idle : idle_) {
    while (idle != nullptr) GiveToHeap(std::exchange(idle, idle->next));
  }
}

FramePool::Turn::Turn(FramePool* pool) : outer_(std::exchange(current_, pool)) {}

FramePool::Turn::~Turn() { current_ = outer_; }

void* FramePool::TakeFromHeap(size_t whole_bytes) {
  auto* const header =
      static_cast<Header*>(::operator new(whole_bytes, std::align_val_t{alignof(Header)}));
  header->pool = nullptr;
  return header + 1;
}

void FramePool::GiveToHeap(Header* header) noexcept {
  ::operator delete(header, std::align_val_t{alignof(Header)});
}

// It remembers its pool for as long as that holds it.
void* FramePool::TakeFresh(size_t size_index) {
  held_bytes_ += BytesOf(size_index);
  auto* const header = static_cast<Header*>(TakeFromHeap(BytesOf(size_index))) - 1;
  header->pool = this;
  header->size_index = size_index;
  return header + 1;
}

void FramePool::Free(Header* header) noexcept {
  held_bytes_ -= BytesOf(header->size_index);
  GiveToHeap(header);
}

}  // namespace penstock::reactor
