#include "penstock/wire/output_chain.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

namespace penstock::wire {

// Octets that stand in a large block, and what goes before them.
struct OutputChain::SharedLink {
  Slab slab;
  Extent extent;  // where that of a slab stands
  uint8_t lead_begin;
  uint8_t lead_end;
  uint8_t lead[kLeadBytesMax];
  Bytes bytes;
  LargeBlock* block;

  Bytes lead_bytes() const { return Bytes(lead).subspan(lead_begin, lead_end - lead_begin); }
  bool empty() const { return bytes.empty() && lead_begin == lead_end; }

  size_t Gather(std::span<Bytes> pieces) const {
    size_t count = 0;
    for (const Bytes part : {lead_bytes(), bytes}) {
      if (!part.empty() && count < pieces.size()) pieces[count++] = part;
    }
    return count;
  }
  // Returns how many were dropped.
  size_t Consume(size_t count) {
    const size_t of_lead = std::min(count, lead_bytes().size());
    const size_t of_bytes = std::min(count - of_lead, bytes.size());
    lead_begin += static_cast<uint8_t>(of_lead);
    bytes = bytes.subspan(of_bytes);
    return of_lead + of_bytes;
  }
};

OutputChain::SharedLink& OutputChain::shared(Slab* slab) {
  return *reinterpret_cast<SharedLink*>(slab);
}
const OutputChain::SharedLink& OutputChain::shared(const Slab* slab) {
  return *reinterpret_cast<const SharedLink*>(slab);
}

void OutputChain::Link(Slab* slab) {
  slab->next = nullptr;
  (back_ == nullptr ? front_ : back_->next) = slab;
  back_ = slab;
}

void OutputChain::DropFront() {
  Slab* const slab = front_;
  front_ = slab->next;
  if (front_ == nullptr) back_ = nullptr;
  if (PENSTOCK_LIKELY(!IsShared(slab))) return pool_->Give(slab);
  pool_->large().Give(shared(slab).block);
  pool_->GiveLink(slab);
}

uint8_t* OutputChain::ReserveInFreshSlab(size_t bytes) {
  PENSTOCK_CHECK(bytes <= contiguous_bytes_max(), "a reservation fits one slab");
  Slab* slab = pool_->Take();
  extent(slab) = {sizeof(Extent), sizeof(Extent)};
  Link(slab);
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

void OutputChain::AppendShared(Bytes lead, Bytes bytes, LargeBlock* block) {
  if (block == nullptr || bytes.size() < kShareBytesMin) {
    Append(lead);
    return Append(bytes);
  }
  static_assert(sizeof(SharedLink) <= SlabPool::kLinkBytes);
  static_assert(offsetof(SharedLink, extent) == sizeof(Slab), "found as that of a slab is");
  PENSTOCK_CHECK(lead.size() <= kLeadBytesMax, "a lead fits its link");
  LargeBlocks::Share(block);
  auto* const link =
      new (pool_->TakeLink()) SharedLink{{nullptr}, {0, kShared}, 0, 0, {}, bytes, block};
  std::copy(lead.begin(), lead.end(), link->lead);
  link->lead_end = static_cast<uint8_t>(lead.size());
  Link(&link->slab);
  size_ += lead.size() + bytes.size();
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

size_t OutputChain::MoveFrom(OutputChain& other, size_t bytes, Bytes lead) {
  size_t moved = 0;
  if (bytes == 0 || other.empty()) Append(lead);
  while (moved < bytes && !other.empty()) {
    Bytes piece;
    other.Gather({&piece, 1});
    const bool is_shared = IsShared(other.front_) && shared(other.front_).lead_bytes().empty();
    piece = piece.first(std::min(piece.size(), bytes - moved));
    AppendShared(lead, piece, is_shared ? shared(other.front_).block : nullptr);
    lead = {};
    moved += piece.size();
    other.Consume(piece.size());
  }
  return moved;
}

size_t OutputChain::Gather(std::span<Bytes> pieces) const {
  size_t count = 0;
  for (const Slab* slab = front_; slab != nullptr && count < pieces.size(); slab = slab->next) {
    const Extent& part = extent(slab);
    if (PENSTOCK_UNLIKELY(part.end == kShared)) {
      count += shared(slab).Gather(pieces.subspan(count));
      continue;
    }
    if (part.begin == part.end) continue;  // reserved, nothing committed
    pieces[count++] = {slab->data() + part.begin, part.end - part.begin};
  }
  return count;
}

size_t OutputChain::GatherBehind(size_t skipped_bytes, std::span<Bytes> pieces) const {
  PENSTOCK_DCHECK(skipped_bytes <= size_, "skips what was gathered");
  size_t count = 0;
  for (const Slab* slab = front_; slab != nullptr && count < pieces.size(); slab = slab->next) {
    const Extent& part = extent(slab);
    Bytes own[2];  // a slab's octets, or a link's lead and what it shares
    if (part.end == kShared) {
      shared(slab).Gather(own);
    } else {
      own[0] = {slab->data() + part.begin, part.end - part.begin};
    }
    for (Bytes piece : own) {
      const size_t skipped = std::min(skipped_bytes, piece.size());
      skipped_bytes -= skipped;
      piece = piece.subspan(skipped);
      if (!piece.empty() && count < pieces.size()) pieces[count++] = piece;
    }
  }
  return count;
}

LargeBlock* OutputChain::front_block() const {
  return front_ != nullptr && IsShared(front_) ? shared(front_).block : nullptr;
}

void OutputChain::Consume(size_t bytes) {
  PENSTOCK_DCHECK(bytes <= size_, "consumes what was gathered");
  size_ -= bytes;
  consumed_bytes_ += bytes;
  while (front_ != nullptr) {
    Extent& part = extent(front_);
    if (PENSTOCK_UNLIKELY(part.end == kShared)) {
      bytes -= shared(front_).Consume(bytes);
      if (!shared(front_).empty()) return;
    } else {
      const size_t piece = std::min<size_t>(bytes, part.end - part.begin);
      part.begin += static_cast<uint32_t>(piece);
      bytes -= piece;
      if (part.begin != part.end) return;
    }
    DropFront();
  }
}

void OutputChain::Clear() {
  while (front_ != nullptr) DropFront();
  size_ = 0;
}

}  // namespace penstock::wire
