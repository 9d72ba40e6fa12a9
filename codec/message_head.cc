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
  PENSTOCK_CHECK(GrowUnknown(unknown_bytes() + field.size(), false),
                 "unknown fields of one message stay below 2 GiB");
  if (field.empty()) return;
  std::memcpy(unknown_->octets() + unknown_->size, field.data(), field.size());
  unknown_->size += static_cast<uint32_t>(field.size());
}

bool MessageHead::TryAppendUnknown(wire::Bytes field) {
  if (!GrowUnknown(unknown_bytes() + field.size(), true)) return false;
  std::memcpy(unknown_->octets() + unknown_->size, field.data(), field.size());
  unknown_->size += static_cast<uint32_t>(field.size());
  return true;
}

// Makes room for `new_bytes` in all. Doubling bounds what growing field by field costs.
bool MessageHead::GrowUnknown(size_t new_bytes, bool capped) {
  if (unknown_ != nullptr && new_bytes <= unknown_->capacity) return true;
  if (new_bytes > kMessageBytesMax) return false;
  const size_t old_bytes = unknown_bytes();
  const size_t capacity = std::max<size_t>({new_bytes, old_bytes * 2, kUnknownCapacityMin});
  const size_t bytes = sizeof(UnknownBytes) + capacity;
  wire::Arena& arena = ArenaForContent();
  void* room = capped ? arena.TryAllocate(bytes) : arena.Allocate(bytes);
  if (room == nullptr) return false;
  auto* grown = static_cast<UnknownBytes*>(room);
  grown->size = static_cast<uint32_t>(old_bytes);
  grown->capacity = static_cast<uint32_t>(capacity);
  if (old_bytes != 0) std::memcpy(grown->octets(), unknown_->octets(), old_bytes);
  unknown_ = grown;
  return true;
}

}  // namespace penstock::codec
