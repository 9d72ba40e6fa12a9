#include "penstock/codec/message_head.h"

#include <algorithm>
#include <cstring>

#include "penstock/codec/limits.h"

namespace penstock::codec {
namespace {

// The arena of a free-standing message, with a first block that most small messages fit.
struct OwnedArena {
  static constexpr size_t kFirstBlockBytes = 256;

  OwnedArena() : arena(wire::MutableBytes(first_block, kFirstBlockBytes), nullptr) {}

  wire::Arena arena;  // first: MessageHead holds its address
  alignas(wire::Arena::kAlignMax) uint8_t first_block[kFirstBlockBytes];
};

constexpr uint32_t kUnknownCapacityMin = 56;

}  // namespace

void MessageHead::MakeArena() {
  arena_ = &(new OwnedArena)->arena;
  ownership_ = Ownership::kOwned;
}

void MessageHead::DeleteArena() {
  delete reinterpret_cast<OwnedArena*>(arena_);
  arena_ = nullptr;
  ownership_ = Ownership::kBorrowed;
}

void MessageHead::AppendUnknown(wire::Bytes field) {
  const size_t old_bytes = unknown_bytes();
  const size_t new_bytes = old_bytes + field.size();
  PENSTOCK_CHECK(new_bytes <= kMessageBytesMax, "unknown fields of one message stay below 2 GiB");
  if (unknown_ == nullptr || new_bytes > unknown_->capacity) {
    const size_t capacity = std::max<size_t>({new_bytes, old_bytes * 2, kUnknownCapacityMin});
    auto* grown = static_cast<UnknownBytes*>(
        ArenaForContent().Allocate(sizeof(UnknownBytes) + capacity, alignof(UnknownBytes)));
    grown->capacity = static_cast<uint32_t>(capacity);
    if (old_bytes != 0) std::memcpy(grown->octets(), unknown_->octets(), old_bytes);
    unknown_ = grown;
  }
  if (!field.empty()) std::memcpy(unknown_->octets() + old_bytes, field.data(), field.size());
  unknown_->size = static_cast<uint32_t>(new_bytes);
}

}  // namespace penstock::codec
