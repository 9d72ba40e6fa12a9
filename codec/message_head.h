// MessageHead: the first member of every message: where its memory comes from, the fields it did
// not know, and its size when it was last computed.
//
// A message is either *free-standing*: it then owns an arena of its own, made when it first needs
// memory; or it lives *in an arena*: its fields go there and nothing is ever freed before the
// arena.
//
// Invariant: a new message is all zero octets behind its first 16 (arena, ownership, size).
// Threading: const methods of a message may run on several threads at once; the remembered size is
//            written with relaxed atomic stores for that reason.
#ifndef PENSTOCK_CODEC_MESSAGE_HEAD_H_
#define PENSTOCK_CODEC_MESSAGE_HEAD_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::codec {

enum class Ownership : uint32_t {
  kBorrowed,  // the arena is the caller's; or there is none yet, and the message is free-standing
  kOwned,     // the arena is this message's own
  kNested,    // the arena belongs to the free-standing message around this one
};

class MessageHead {
 public:
  constexpr MessageHead() = default;
  explicit MessageHead(wire::Arena* arena) : arena_(arena) {}
  constexpr ~MessageHead() {
    if (ownership_ == Ownership::kOwned) DeleteArena();
  }
  MessageHead(const MessageHead&) = delete;
  MessageHead& operator=(const MessageHead&) = delete;

  // Null while a free-standing message has not needed memory.
  wire::Arena* arena() const { return arena_; }

  // Where this message's content goes.
  wire::Arena& ArenaForContent() {
    if (PENSTOCK_UNLIKELY(arena_ == nullptr)) MakeArena();
    return *arena_;
  }

  bool free_standing() const { return arena_ == nullptr || ownership_ == Ownership::kOwned; }
  bool nested() const { return ownership_ == Ownership::kNested; }

  // Makes this the head of a message that lies inside `parent`, whose arena exists.
  void BecomeChildOf(const MessageHead& parent) {
    arena_ = parent.arena_;
    ownership_ =
        parent.ownership_ == Ownership::kBorrowed ? Ownership::kBorrowed : Ownership::kNested;
  }

  // Fields of numbers or types that the .proto does not have, as they came; written back behind the
  // known ones.
  wire::Bytes unknown_fields() const {
    return unknown_ == nullptr ? wire::Bytes() : wire::Bytes(unknown_->octets(), unknown_->size);
  }
  size_t unknown_bytes() const { return unknown_ == nullptr ? 0 : unknown_->size; }
  void AppendUnknown(wire::Bytes field);
  // For what a peer sent: false when the arena's cap allows no more.
  [[nodiscard]] bool TryAppendUnknown(wire::Bytes field);
  void ClearUnknown() {
    if (unknown_ != nullptr) unknown_->size = 0;
  }

  // The result of the last ByteSize().
  uint32_t cached_bytes() const { return __atomic_load_n(&cached_bytes_, __ATOMIC_RELAXED); }
  void set_cached_bytes(size_t bytes) const {
    __atomic_store_n(&cached_bytes_, static_cast<uint32_t>(bytes), __ATOMIC_RELAXED);
  }

 private:
  friend class MessageOperations;

  struct UnknownBytes {
    uint32_t size;
    uint32_t capacity;
    uint8_t* octets() { return reinterpret_cast<uint8_t*>(this + 1); }
  };

  bool GrowUnknown(size_t new_bytes, bool capped);
  PENSTOCK_COLD void MakeArena();
  PENSTOCK_COLD void DeleteArena();

  wire::Arena* arena_ = nullptr;
  Ownership ownership_ = Ownership::kBorrowed;
  mutable uint32_t cached_bytes_ = 0;
  UnknownBytes* unknown_ = nullptr;
};

static_assert(sizeof(MessageHead) == 24, "part of every message, however small");

// A remembered size: of a packed run, between ByteSize() and SerializeTo().
// Threading: as MessageHead's.
class CachedSize {
 public:
  uint32_t Get() const { return __atomic_load_n(&bytes_, __ATOMIC_RELAXED); }
  void Set(size_t bytes) const {
    __atomic_store_n(&bytes_, static_cast<uint32_t>(bytes), __ATOMIC_RELAXED);
  }

 private:
  mutable uint32_t bytes_ = 0;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_HEAD_H_
