#include "penstock/wire/output_chain.h"

#include <algorithm>
#include <cstring>

namespace penstock::wire {

uint8_t* OutputChain::ReserveInFreshSlab(size_t bytes) {
  PENSTOCK_CHECK(bytes <= contiguous_bytes_max(), "a reservation fits one slab");
  Slab* slab = pool_->Take();
  extent(slab) = {sizeof(Extent), sizeof(Extent)};
  slab->next = nullptr;
  (back_ == nullptr ? front_ : back_->next) = slab;
  back_ = slab;
  return slab->data() + sizeof(Extent);
}

void OutputChain::Append(Bytes bytes) {
  while (!bytes.empty()) {
    uint8_t* room = Reserve(1);
    const size_t room_bytes = pool_->payload_bytes() - extent(back_).end;
    const size_t piece = std::min(room_bytes, bytes.size());
    std::memcpy(room, bytes.data(), piece);
    Commit(piece);
    bytes = bytes.subspan(piece);
  }
}

void OutputChain::Splice(OutputChain& other) {
  PENSTOCK_DCHECK(pool_ == other.pool_, "slabs go back to the pool they came from");
  if (other.front_ == nullptr) return;
  (back_ == nullptr ? front_ : back_->next) = other.front_;
  back_ = other.back_;
  size_ += other.size_;
  other.front_ = other.back_ = nullptr;
  other.size_ = 0;
}

size_t OutputChain::MoveFrom(OutputChain& other, size_t bytes) {
  size_t moved = 0;
  while (moved < bytes && !other.empty()) {
    Bytes piece;
    other.Gather({&piece, 1});
    piece = piece.first(std::min(piece.size(), bytes - moved));
    Append(piece);
    moved += piece.size();
    other.Consume(piece.size());
  }
  return moved;
}

size_t OutputChain::Gather(std::span<Bytes> pieces) const {
  size_t count = 0;
  for (const Slab* slab = front_; slab != nullptr && count < pieces.size(); slab = slab->next) {
    const Extent& part = extent(slab);
    if (part.begin == part.end) continue;  // reserved, nothing committed
    pieces[count++] = {slab->data() + part.begin, part.end - part.begin};
  }
  return count;
}

void OutputChain::Consume(size_t bytes) {
  PENSTOCK_DCHECK(bytes <= size_, "consumes what was gathered");
  size_ -= bytes;
  consumed_bytes_ += bytes;
  while (front_ != nullptr) {
    Extent& part = extent(front_);
    const size_t piece = std::min<size_t>(bytes, part.end - part.begin);
    part.begin += static_cast<uint32_t>(piece);
    bytes -= piece;
    if (part.begin != part.end) return;
    Slab* empty = front_;
    front_ = empty->next;
    if (front_ == nullptr) back_ = nullptr;
    pool_->Give(empty);
  }
}

void OutputChain::Clear() {
  while (front_ != nullptr) {
    Slab* slab = front_;
    front_ = slab->next;
    pool_->Give(slab);
  }
  back_ = nullptr;
  size_ = 0;
}

}  // namespace penstock::wire
