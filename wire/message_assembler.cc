#include "penstock/wire/message_assembler.h"

#include <algorithm>
#include <cstring>

#include "penstock/wire/large_blocks.h"

namespace penstock::wire {

MessageAssembler::Result MessageAssembler::NextSlow(Bytes* input, Arena* arena,
                                                    AssembledMessage* message) {
  while (prefix_filled_ < kMessagePrefixBytes) {
    if (input->empty()) return Result::kNeedMore;
    prefix_[prefix_filled_++] = input->front();
    *input = input->subspan(1);
    if (prefix_filled_ < kMessagePrefixBytes) continue;
    length_bytes_ = LoadMessagePrefix(prefix_).length_bytes;
    filled_bytes_ = room_bytes_ = 0;
  }
  // Judged at every call, not only when the prefix completes: errors stay.
  if (flag() > 1) {
    if (prefix_filled_ != kDiscarding) return Result::kBadFlag;
    *input = {};
    return Result::kNeedMore;
  }
  if (length_bytes_ > message_bytes_max_) return Result::kTooLarge;
  const uint32_t missing = length_bytes_ - filled_bytes_;
  if (filled_bytes_ == 0 && input->size() >= missing) {  // only the prefix was split
    *message = {input->first(missing), prefix_[0] == 1, true};
    *input = input->subspan(missing);
    prefix_filled_ = 0;
    return Result::kMessage;
  }
  const uint32_t piece = static_cast<uint32_t>(std::min<size_t>(missing, input->size()));
  if (piece > 0) {
    GrowTo(filled_bytes_ + piece, arena);
    std::memcpy(gathered_ + filled_bytes_, input->data(), piece);
    filled_bytes_ += piece;
    *input = input->subspan(piece);
  }
  if (filled_bytes_ < length_bytes_) return Result::kNeedMore;
  *message = {{gathered_, length_bytes_}, prefix_[0] == 1, false};
  prefix_filled_ = 0;
  return Result::kMessage;
}

void MessageAssembler::GrowTo(uint32_t needed_bytes, Arena* arena) {
  if (needed_bytes <= room_bytes_) return;
  size_t room = length_bytes_;
  void* grown = LargeBlocks::EarnsIdle(needed_bytes, room) ? arena->TryAllocateIdle(room) : nullptr;
  if (grown == nullptr) {
    room = LargeBlocks::RoomAhead(needed_bytes, length_bytes_);
    grown = arena->Allocate(room, 1);
  }
  if (filled_bytes_ > 0) std::memcpy(grown, gathered_, filled_bytes_);
  gathered_ = static_cast<uint8_t*>(grown);
  room_bytes_ = static_cast<uint32_t>(room);
}

}  // namespace penstock::wire
