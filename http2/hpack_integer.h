// HPACK's integers: a prefix of N bits, then septets, the lowest first.
//
//   10 in 5 bits:    | x x x 0 1 0 1 0 |
//   1337 in 5 bits:  | x x x 1 1 1 1 1 | 1 0 0 1 1 0 1 0 | 0 0 0 0 1 0 1 0 |
//
// Spec:    RFC 7541 §5.1
// Limits:  32 bits and five octets behind the prefix, so that endless zero septets are an error
#ifndef PENSTOCK_HTTP2_HPACK_INTEGER_H_
#define PENSTOCK_HTTP2_HPACK_INTEGER_H_

#include <cstddef>
#include <cstdint>

#include "penstock/http2/hpack_error.h"
#include "penstock/wire/check.h"

namespace penstock::http2 {

// The octets of the longest integer, prefix included.
inline constexpr size_t kHpackIntegerBytesMax = 6;

HpackError ReadHpackIntegerSlow(const uint8_t*& cursor, const uint8_t* end, uint32_t& value);

// Reads the integer that begins in the low `prefix_bits` of *cursor and moves the cursor behind it.
// On an error the cursor is somewhere in between.
inline HpackError ReadHpackInteger(const uint8_t*& cursor, const uint8_t* end, int prefix_bits,
                                   uint32_t& value) {
  if (PENSTOCK_UNLIKELY(cursor == end)) return HpackError::kTruncated;
  const uint32_t prefix_max = (uint32_t{1} << prefix_bits) - 1;
  value = *cursor++ & prefix_max;
  if (PENSTOCK_LIKELY(value < prefix_max)) return HpackError::kOk;
  return ReadHpackIntegerSlow(cursor, end, value);
}

// Writes `value` behind the bits of `first` that lie above the prefix. Returns the end.
inline uint8_t* WriteHpackInteger(uint8_t* out, uint8_t first, int prefix_bits, uint32_t value) {
  const uint32_t prefix_max = (uint32_t{1} << prefix_bits) - 1;
  if (PENSTOCK_LIKELY(value < prefix_max)) {
    *out++ = static_cast<uint8_t>(first | value);
    return out;
  }
  *out++ = static_cast<uint8_t>(first | prefix_max);
  for (value -= prefix_max; value >= 0x80; value >>= 7) {
    *out++ = static_cast<uint8_t>(0x80 | (value & 0x7f));
  }
  *out++ = static_cast<uint8_t>(value);
  return out;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_INTEGER_H_
