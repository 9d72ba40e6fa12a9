#include "penstock/wire/varint.h"

namespace penstock::wire {

const uint8_t* DecodeVarint64Slow(const uint8_t* p, const uint8_t* end, uint64_t* value) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 64 && p < end; shift += 7) {
    const uint8_t octet = *p++;
    if (shift == 63 && octet > 1) return nullptr;
    result |= static_cast<uint64_t>(octet & 0x7f) << shift;
    if (octet < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

}  // namespace penstock::wire
