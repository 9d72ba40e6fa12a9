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
  while (idle_count_ > 0) FreeOldest();
}

LargeBlock* LargeBlocks::TakeIdle(size_t bytes) {
  for (size_t i = idle_count_; i-- > 0;) {
    const Idle found = idle_[i];
    if (found.room_bytes < bytes || found.room_bytes / kSlackFactorMax > bytes) continue;
    std::copy(idle_.begin() + i + 1, idle_.begin() + idle_count_, idle_.begin() + i);
    --idle_count_;
    idle_bytes_ -= found.room_bytes;
    lent_bytes_ += found.room_bytes;
    found.block->next = nullptr;
    found.block->holders_count = 1;
    return found.block;
  }
  return nullptr;
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
  while (idle_count_ == kIdleCountMax || idle_bytes_ + room_bytes > kIdleBytesMax) FreeOldest();
  idle_[idle_count_++] = {block, room_bytes};
  idle_bytes_ += room_bytes;
}

void LargeBlocks::FreeOldest() {
  idle_bytes_ -= idle_[0].room_bytes;
  LargeBlock::Free(idle_[0].block);
  std::copy(idle_.begin() + 1, idle_.begin() + idle_count_, idle_.begin());
  --idle_count_;
}

}  // namespace penstock::wire
