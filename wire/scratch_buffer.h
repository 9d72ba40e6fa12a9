// ScratchBuffer: contiguous octets whose number is not known before they are there, up to a bound.
// What is decompressed or compressed is gathered in one, and the same one serves for the next.
//
//     buffer.Begin(bytes_max);
//     while (more) buffer.Commit(WriteSomeInto(buffer.Room()));
//     Use(buffer.bytes());
//
// Ownership: bytes() and Room() live until the next Room(), Begin() or Trim().
// Limits:    never holds more than Begin() allowed; it doubles as it fills, so that it follows what
//            was written and not what somebody announced. Trim() gives back what is more than
//            kIdleBytesMax.
#ifndef PENSTOCK_WIRE_SCRATCH_BUFFER_H_
#define PENSTOCK_WIRE_SCRATCH_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::wire {

class ScratchBuffer {
 public:
  // What stays between two messages.
  static constexpr size_t kIdleBytesMax = 64 * 1024;

  ScratchBuffer() = default;
  ScratchBuffer(const ScratchBuffer&) = delete;
  ScratchBuffer& operator=(const ScratchBuffer&) = delete;

  // Forgets what it holds.
  void Begin(size_t bytes_max) {
    size_ = 0;
    bytes_max_ = bytes_max;
  }

  // Free room behind bytes(), at least one octet of it; empty when bytes_max are used.
  MutableBytes Room() {
    if (PENSTOCK_UNLIKELY(size_ == capacity_) && size_ < bytes_max_) Grow(size_ + 1);
    return {octets_.get() + size_, (capacity_ < bytes_max_ ? capacity_ : bytes_max_) - size_};
  }
  // The same with room for `bytes` more, which are within the bound.
  uint8_t* RoomFor(size_t bytes) {
    PENSTOCK_DCHECK(bytes <= bytes_max_ - size_, "within the bound");
    if (capacity_ - size_ < bytes) Grow(size_ + bytes);
    return octets_.get() + size_;
  }
  // The first `bytes` octets of the newest room are filled.
  void Commit(size_t bytes) { size_ += bytes; }

  Bytes bytes() const { return {octets_.get(), size_}; }
  size_t size() const { return size_; }
  size_t bytes_max() const { return bytes_max_; }
  size_t capacity_bytes() const { return capacity_; }

  // Forgets what it holds, and lets go of the memory of an unusually large message.
  void Trim() {
    size_ = 0;
    if (PENSTOCK_LIKELY(capacity_ <= kIdleBytesMax)) return;
    octets_.reset();
    capacity_ = 0;
  }

 private:
  PENSTOCK_COLD void Grow(size_t needed_bytes);

  std::unique_ptr<uint8_t[]> octets_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t bytes_max_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_SCRATCH_BUFFER_H_
