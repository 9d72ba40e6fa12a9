// Cursor: reads a byte string from front to back and never past its end.
//
// Every Read* either succeeds and advances, or returns false and leaves the cursor where it was, so
// that offset() still names the place of the fault.
#ifndef PENSTOCK_WIRE_CURSOR_H_
#define PENSTOCK_WIRE_CURSOR_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/varint.h"

namespace penstock::wire {

// Ownership: views the bytes it was made from.
class Cursor {
 public:
  explicit Cursor(Bytes bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool empty() const { return at_ == end_; }
  size_t remaining_bytes() const { return static_cast<size_t>(end_ - at_); }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  Bytes rest() const { return {at_, end_}; }

  [[nodiscard]] bool ReadBytes(size_t count, Bytes* out) {
    if (remaining_bytes() < count) return false;
    *out = {at_, count};
    at_ += count;
    return true;
  }

  [[nodiscard]] bool Skip(size_t count) {
    if (remaining_bytes() < count) return false;
    at_ += count;
    return true;
  }

  [[nodiscard]] bool ReadByte(uint8_t* out) {
    if (empty()) return false;
    *out = *at_++;
    return true;
  }

  [[nodiscard]] bool ReadBig16(uint16_t* out) {
    if (remaining_bytes() < 2) return false;
    *out = LoadBig16(at_);
    at_ += 2;
    return true;
  }

  [[nodiscard]] bool ReadBig32(uint32_t* out) {
    if (remaining_bytes() < 4) return false;
    *out = LoadBig32(at_);
    at_ += 4;
    return true;
  }

  [[nodiscard]] bool ReadVarint64(uint64_t* out) {
    const uint8_t* after = DecodeVarint64(at_, end_, out);
    if (after == nullptr) return false;
    at_ = after;
    return true;
  }

 private:
  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_CURSOR_H_
