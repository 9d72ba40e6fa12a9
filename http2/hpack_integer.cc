#include "penstock/http2/hpack_integer.h"

namespace penstock::http2 {

// `value` comes in as the full prefix.
HpackError ReadHpackIntegerSlow(const uint8_t*& cursor, const uint8_t* end, uint32_t& value) {
  uint64_t sum = value;
  for (int shift = 0; shift <= 28; shift += 7) {
    if (cursor == end) return HpackError::kTruncated;
    const uint8_t octet = *cursor++;
    sum += uint64_t{octet & 0x7fu} << shift;
    if (octet < 0x80) {
      if (sum > ~uint32_t{0}) return HpackError::kIntegerTooLarge;
      value = static_cast<uint32_t>(sum);
      return HpackError::kOk;
    }
  }
  return HpackError::kIntegerTooLarge;
}

}  // namespace penstock::http2
