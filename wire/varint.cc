#include "penstock/wire/varint.h"

namespace penstock::wire {

const uint8_t* DecodeVarint64Slow(const uint8_t* p, const uint8_t* end, uint64_t* value) {
  uint64_t result = 0;
  unsigned shift = 0;
  if (end - p >= 8) {
    const VarintWord word = DecodeVarintWord(p);
    if (PENSTOCK_LIKELY(word.after != nullptr)) {
      *value = word.value;
      return word.after;
    }
    result = word.value;
    shift = 7 * 8;
    p += 8;
  }
  for (; shift < 7 * kVarintBytesMax && p < end; shift += 7) {
    const uint8_t octet = *p++;
    result |= static_cast<uint64_t>(octet & 0x7f) << shift;
    if (octet < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

}  // namespace penstock::wire
