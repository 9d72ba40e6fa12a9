#include "penstock/wire/arena.h"

#include <algorithm>

namespace penstock::wire {
namespace {

// Heap blocks of an arena without a pool: the first is small, since most are for one free-standing
// message.
constexpr size_t kHeapBlockBytesMin = 256;
constexpr size_t kHeapBlockBytesMax = 32 * 1024;

Slab* NewHeapBlock(size_t payload_bytes) {
  return new (::operator new(sizeof(Slab) + payload_bytes, std::align_val_t{alignof(Slab)}))
      Slab{nullptr};
}

void FreeHeapBlocks(Slab* block) {
  while (block != nullptr) {
    Slab* next = block->next;
    ::operator delete(block, std::align_val_t{alignof(Slab)});
    block = next;
  }
}

}  // namespace

size_t Arena::BlockBytesFor(size_t bytes) const {
  const size_t payload_bytes =
      pool_ != nullptr ? pool_->payload_bytes()
                       : std::clamp(block_bytes_, kHeapBlockBytesMin, kHeapBlockBytesMax);
  // A block that one request would half fill is better kept for small ones.
  return bytes > payload_bytes / 2 ? bytes : payload_bytes;
}

void* Arena::TryAllocateSlow(size_t bytes, size_t align) {
  // Either may be near SIZE_MAX: nothing is added up.
  if (block_bytes_ > bytes_max_ || BlockBytesFor(bytes) > bytes_max_ - block_bytes_) return nullptr;
  return AllocateSlow(bytes, align);
}

void* Arena::AllocateSlow(size_t bytes, size_t align) {
  PENSTOCK_DCHECK(align <= kAlignMax && (align & (align - 1)) == 0, "a power of two up to 16");
  const size_t payload_bytes = BlockBytesFor(bytes);
  if (payload_bytes == bytes) {
    return KeepLarge(pool_ != nullptr ? pool_->large().Take(bytes) : LargeBlock::New(bytes));
  }
  Slab* block = pool_ != nullptr ? pool_->Take() : NewHeapBlock(payload_bytes);
  block->next = blocks_;
  blocks_ = block;
  block_bytes_ += payload_bytes;
  cursor_ = block->data() + bytes;  // a slab's payload starts aligned to 16
  end_ = block->data() + payload_bytes;
  return block->data();
}

void* Arena::TryAllocateIdle(size_t bytes) {
  if (pool_ == nullptr || BlockBytesFor(bytes) != bytes) return nullptr;
  LargeBlock* const block = pool_->large().TakeIdle(bytes);
  return block == nullptr ? nullptr : KeepLarge(block);
}

void* Arena::KeepLarge(LargeBlock* block) {
  block->next = large_;
  large_ = block;
  block_bytes_ += block->room_bytes;
  return block->data();
}

void Arena::ReleaseBlocks() {
  if (pool_ == nullptr) {
    FreeHeapBlocks(blocks_);
  } else {
    while (blocks_ != nullptr) {
      Slab* next = blocks_->next;
      pool_->Give(blocks_);
      blocks_ = next;
    }
  }
  while (large_ != nullptr) {
    LargeBlock* const next = large_->next;
    pool_ != nullptr ? pool_->large().Give(large_) : LargeBlock::Free(large_);
    large_ = next;
  }
  blocks_ = nullptr;
  block_bytes_ = 0;
}

}  // namespace penstock::wire
