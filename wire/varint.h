// Base-128 varints of Protocol Buffers: seven bits an octet, least significant first, the top bit
// says that more follow; at most ten octets for 64 bits.
#ifndef PENSTOCK_WIRE_VARINT_H_
#define PENSTOCK_WIRE_VARINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "penstock/wire/check.h"

namespace penstock::wire {

inline constexpr size_t kVarintBytesMax = 10;

// The seven low bits of each of eight octets, put together; the top bits are ignored.
PENSTOCK_ALWAYS_INLINE uint64_t JoinVarintGroups(uint64_t octets) {
  octets = (octets & 0x007f007f007f007fu) | (octets & 0x7f007f007f007f00u) >> 1;
  octets = (octets & 0x00003fff00003fffu) | (octets & 0x3fff00003fff0000u) >> 2;
  return (octets & 0x000000000fffffffu) | (octets & 0x0fffffff00000000u) >> 4;
}

// A varint of at most eight octets, where that many can be read; `after` is null when it is longer,
// and `value` is then what the eight say.
// The length of a varint is hard to predict, and this has no branch that depends on it.
struct VarintWord {
  const uint8_t* after;
  uint64_t value;
};
PENSTOCK_ALWAYS_INLINE VarintWord DecodeVarintWord(const uint8_t* p) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t word;
  std::memcpy(&word, p, 8);
  const uint64_t last_octets = ~word & 0x8080808080808080u;
  const uint8_t* after = p + (std::countr_zero(last_octets) + 1) / 8;
  word &= last_octets ^ (last_octets - 1);  // up to the first octet that is a last one
  return {PENSTOCK_LIKELY(last_octets != 0) ? after : nullptr, JoinVarintGroups(word)};
}

// The part of DecodeVarint64 that reads more than one octet.
const uint8_t* DecodeVarint64Slow(const uint8_t* p, const uint8_t* end, uint64_t* value);

// Reads one varint from [p, end). Returns the octet after it, or nullptr when the varint is cut off
// or longer than ten octets; *value is then untouched. Bits above the 64th are dropped, as every
// implementation does.
PENSTOCK_ALWAYS_INLINE const uint8_t* DecodeVarint64(const uint8_t* p, const uint8_t* end,
                                                     uint64_t* value) {
  if (PENSTOCK_LIKELY(p < end && *p < 0x80)) {
    *value = *p;
    return p + 1;
  }
  return DecodeVarint64Slow(p, end, value);
}

// Octets that EncodeVarint64 writes: 1..10.
inline size_t VarintSize(uint64_t value) {
  // ceil(bits / 7) without a division: exact for every bit width from 1 to 64.
  const unsigned bits = 64u - static_cast<unsigned>(__builtin_clzll(value | 1));
  return (bits * 9 + 64) / 64;
}

// Writes `value` and returns the octet after it. `p` has room for VarintSize(value) octets.
inline uint8_t* EncodeVarint64(uint8_t* p, uint64_t value) {
  while (value >= 0x80) {
    *p++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<uint8_t>(value);
  return p;
}

// sint32 and sint64 travel zigzag-coded, so that small negatives stay short.
inline uint64_t ZigZagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

inline int64_t ZigZagDecode(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_VARINT_H_
