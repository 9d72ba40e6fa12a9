#include "penstock/rpc/message_queue.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "penstock/wire/check.h"
#include "penstock/wire/large_blocks.h"

namespace penstock::rpc {
namespace {

using wire::kMessagePrefixBytes;

}  // namespace

MessageQueue::Fault MessageQueue::Append(wire::Bytes data) {
  if (PENSTOCK_UNLIKELY(fault_ != Fault::kNone)) return fault_;
  data = data.subspan(AppendWhole(data));
  while (!data.empty()) {
    if (!is_under_way()) {
      const size_t piece = std::min(kMessagePrefixBytes - prefix_filled_, data.size());
      std::memcpy(prefix_ + prefix_filled_, data.data(), piece);
      prefix_filled_ += static_cast<uint8_t>(piece);
      data = data.subspan(piece);
      if (prefix_filled_ < kMessagePrefixBytes) return Fault::kNone;
      fault_ = JudgePrefix();
      if (PENSTOCK_UNLIKELY(fault_ != Fault::kNone)) return fault_;
      BeginMessage(data.size());
    }
    TakePiece(&data);
  }
  return Fault::kNone;
}

// The small plain messages at the front of `data`, each with its prefix in one copy, as far as the
// last block has room. Returns their octets; the rest is to be looked at one by one.
// Bench: tools/bench --streams, 16 octets: with inbox.h's batches of credit, from 1,905 to 1,611
// instructions a message.
size_t MessageQueue::AppendWhole(wire::Bytes data) {
  if (PENSTOCK_UNLIKELY(prefix_filled_ != 0 || last_ == nullptr)) return 0;
  size_t taken_bytes = 0;
  while (data.size() - taken_bytes >= kMessagePrefixBytes) {
    const uint8_t* const at = data.data() + taken_bytes;
    const wire::MessagePrefix prefix = wire::LoadMessagePrefix(at);
    const size_t whole_bytes = kMessagePrefixBytes + size_t{prefix.length_bytes};
    if (prefix.flag != 0 || prefix.length_bytes > message_bytes_max_ ||
        whole_bytes > data.size() - taken_bytes ||
        whole_bytes > last_->room_bytes - last_->filled_bytes) {
      break;
    }
    std::memcpy(last_->data() + last_->filled_bytes, at, whole_bytes);
    last_->filled_bytes += static_cast<uint32_t>(whole_bytes);
    ++count_;
    bytes_ += whole_bytes;
    taken_bytes += whole_bytes;
  }
  return taken_bytes;
}

MessageQueue::Fault MessageQueue::JudgePrefix() {
  const wire::MessagePrefix prefix = wire::LoadMessagePrefix(prefix_);
  length_bytes_ = prefix.length_bytes;
  if (PENSTOCK_UNLIKELY(prefix.flag > 1)) return Fault::kBadFlag;
  if (PENSTOCK_UNLIKELY(prefix.length_bytes > message_bytes_max_)) return Fault::kTooLarge;
  if (PENSTOCK_UNLIKELY(prefix.flag == 1) && !allows_compressed_) return Fault::kCompressed;
  return Fault::kNone;
}

// `next_bytes` lie behind its prefix, of it or of others.
void MessageQueue::BeginMessage(size_t next_bytes) {
  missing_bytes_ = length_bytes_;
  const size_t slab_room_bytes = memory_.slabs->payload_bytes() - sizeof(Block);
  if (length_bytes_ > slab_room_bytes - kMessagePrefixBytes) {
    GrowLarge(static_cast<uint32_t>(std::min<size_t>(length_bytes_, next_bytes)));
  } else {
    const size_t whole_bytes = kMessagePrefixBytes + length_bytes_;
    const bool fits = last_ != nullptr && !last_->is_large &&
                      last_->room_bytes - last_->filled_bytes >= whole_bytes;
    if (!fits) Link(NewSlabBlock());
    block_under_way_ = last_;
  }
  std::memcpy(block_under_way_->data() + block_under_way_->filled_bytes, prefix_,
              kMessagePrefixBytes);
}

void MessageQueue::TakePiece(wire::Bytes* data) {
  const auto piece = static_cast<uint32_t>(std::min<size_t>(missing_bytes_, data->size()));
  if (piece > 0) {
    const uint32_t arrived_bytes = length_bytes_ - missing_bytes_;
    if (block_under_way_->is_large) GrowLarge(arrived_bytes + piece);
    uint8_t* message =
        block_under_way_->data() + block_under_way_->filled_bytes + kMessagePrefixBytes;
    std::memcpy(message + arrived_bytes, data->data(), piece);
    missing_bytes_ -= piece;
    *data = data->subspan(piece);
  }
  if (missing_bytes_ == 0) FinishMessage();
}

void MessageQueue::FinishMessage() {
  const auto whole_bytes = static_cast<uint32_t>(kMessagePrefixBytes + length_bytes_);
  block_under_way_->filled_bytes += whole_bytes;
  if (block_under_way_->is_large) Link(block_under_way_);
  block_under_way_ = nullptr;
  prefix_filled_ = 0;
  ++count_;
  bytes_ += whole_bytes;
}

wire::Bytes MessageQueue::Take() {
  PENSTOCK_DCHECK(count_ != 0, "there is a message");
  LetGo();
  const uint8_t* at = first_->data() + read_bytes_;
  const wire::MessagePrefix prefix = wire::LoadMessagePrefix(at);
  const uint32_t length_bytes = prefix.length_bytes;
  taken_is_compressed_ = prefix.flag == 1;
  read_bytes_ += static_cast<uint32_t>(kMessagePrefixBytes + length_bytes);
  --count_;
  bytes_ -= kMessagePrefixBytes + length_bytes;
  return {at + kMessagePrefixBytes, length_bytes};
}

void MessageQueue::LetGo() {
  while (first_ != nullptr && read_bytes_ == first_->filled_bytes) {
    if (first_ == block_under_way_) return;
    Block* read = first_;
    first_ = read->next;
    if (first_ == nullptr) last_ = nullptr;
    read_bytes_ = 0;
    Free(read);
  }
}

void MessageQueue::Drop() {
  if (is_under_way() && block_under_way_->is_large) Free(block_under_way_);
  block_under_way_ = nullptr;
  prefix_filled_ = 0;
  count_ = bytes_ = 0;
  last_ = read_bytes_ != 0 ? first_ : nullptr;  // what was taken last lies in it
  Block* dropped = last_ != nullptr ? last_->next : first_;
  if (last_ != nullptr) {
    last_->filled_bytes = read_bytes_;
    last_->next = nullptr;
  } else {
    first_ = nullptr;
  }
  while (dropped != nullptr) {
    Block* next = dropped->next;
    Free(dropped);
    dropped = next;
  }
}

MessageQueue::~MessageQueue() {
  Drop();
  LetGo();
}

// --- Memory

void MessageQueue::Link(Block* block) {
  (last_ == nullptr ? first_ : last_->next) = block;
  last_ = block;
}

MessageQueue::Block* MessageQueue::NewSlabBlock() {
  const auto payload_bytes = static_cast<uint32_t>(memory_.slabs->payload_bytes());
  memory_bytes_ += payload_bytes;
  return new (memory_.slabs->Take()->data())
      Block{nullptr, 0, payload_bytes - static_cast<uint32_t>(sizeof(Block)), false};
}

// The message under way gets room for `needed_bytes` at least.
void MessageQueue::GrowLarge(uint32_t needed_bytes) {
  Block* const had = block_under_way_;
  if (had != nullptr && needed_bytes + kMessagePrefixBytes <= had->room_bytes) return;
  constexpr size_t kBesideBytes = sizeof(Block) + kMessagePrefixBytes;
  using wire::LargeBlocks;
  LargeBlocks& blocks = memory_.slabs->large();
  wire::LargeBlock* large = LargeBlocks::EarnsIdle(needed_bytes, length_bytes_)
                                ? blocks.TakeIdle(kBesideBytes + length_bytes_)
                                : nullptr;
  if (large == nullptr) {
    large = blocks.Take(kBesideBytes + LargeBlocks::RoomAhead(needed_bytes, length_bytes_));
  }
  const auto room_bytes =
      static_cast<uint32_t>(std::min<size_t>(large->room_bytes - sizeof(Block), UINT32_MAX));
  block_under_way_ = new (large->data()) Block{nullptr, 0, room_bytes, true};
  memory_.large_bytes += room_bytes;
  memory_bytes_ += room_bytes;
  if (had == nullptr) return;
  std::memcpy(block_under_way_->data(), had->data(),
              kMessagePrefixBytes + length_bytes_ - missing_bytes_);
  Free(had);
}

void MessageQueue::Free(Block* block) {
  if (block->is_large) {
    memory_.large_bytes -= block->room_bytes;
    memory_bytes_ -= block->room_bytes;
    return memory_.slabs->large().Give(reinterpret_cast<wire::LargeBlock*>(block) - 1);
  }
  memory_bytes_ -= memory_.slabs->payload_bytes();
  memory_.slabs->Give(reinterpret_cast<wire::Slab*>(block) - 1);
}

}  // namespace penstock::rpc
