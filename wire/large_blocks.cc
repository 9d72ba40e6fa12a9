#include "penstock/wire/large_blocks.h"

#include <algorithm>
#include <bit>
#include <new>

namespace penstock::wire {
namespace {

constexpr size_t kPageBytes = 4096;

// Up to an eighth more, so that messages of about the same length fit each other's blocks. Pages
// that nobody writes to cost nothing.
size_t RoomFor(size_t bytes) {
  const size_t step = std::max(kPageBytes, std::bit_floor(bytes) / 8);
  return bytes > SIZE_MAX - step ? bytes : (bytes + step - 1) / step * step;
}

}  // namespace

LargeBlock* LargeBlock::New(size_t room_bytes) {
  void* const memory =
      ::operator new(sizeof(LargeBlock) + room_bytes, std::align_val_t{alignof(LargeBlock)});
  return new (memory) LargeBlock{nullptr, room_bytes, 1};
}

void LargeBlock::Free(LargeBlock* block) {
  ::operator delete(block, std::align_val_t{alignof(LargeBlock)});
}

LargeBlocks::~LargeBlocks() {
  PENSTOCK_CHECK(lent_bytes_ == 0, "every block is back before its stock dies");
  while (idle_count_ > 0) LargeBlock::Free(RemoveIdle(idle_count_ - 1));
}

LargeBlock* LargeBlocks::TakeIdle(size_t bytes) {
  size_t best = idle_count_;
  size_t best_bytes = SIZE_MAX;
  for (size_t i = idle_count_; i-- > 0;) {
    const size_t room_bytes = idle_[i].room_bytes;
    if (room_bytes < bytes || room_bytes >= best_bytes) continue;
    best = i;
    best_bytes = room_bytes;
  }
  if (best == idle_count_ || best_bytes / kSlackFactorMax > bytes) return nullptr;
  LargeBlock* const block = RemoveIdle(best);
  lent_bytes_ += best_bytes;
  block->next = nullptr;
  block->holders_count = 1;
  return block;
}

LargeBlock* LargeBlocks::TakeFresh(size_t bytes) {
  LargeBlock* const block = LargeBlock::New(RoomFor(bytes));
  lent_bytes_ += block->room_bytes;
  return block;
}

void LargeBlocks::Give(LargeBlock* block) {
  if (--block->holders_count > 0) return;
  const size_t room_bytes = block->room_bytes;
  lent_bytes_ -= room_bytes;
  if (room_bytes > kIdleBytesMax) return LargeBlock::Free(block);
  const size_t leaves_below = room_bytes < kLargeBytesMin ? kLargeBytesMin : SIZE_MAX;
  while (!HasRoomFor(room_bytes)) {
    const size_t oldest = OldestBelow(leaves_below);
    if (oldest == idle_count_) return LargeBlock::Free(block);
    LargeBlock::Free(RemoveIdle(oldest));
  }
  idle_[idle_count_++] = {block, room_bytes};
  idle_bytes_ += room_bytes;
}

// The count of idle blocks: there is none.
size_t LargeBlocks::OldestBelow(size_t room_bytes) const {
  size_t i = 0;
  while (i < idle_count_ && idle_[i].room_bytes >= room_bytes) ++i;
  return i;
}

LargeBlock* LargeBlocks::RemoveIdle(size_t index) {
  LargeBlock* const block = idle_[index].block;
  idle_bytes_ -= idle_[index].room_bytes;
  std::copy(idle_.begin() + index + 1, idle_.begin() + idle_count_, idle_.begin() + index);
  --idle_count_;
  return block;
}

}  // namespace penstock::wire
