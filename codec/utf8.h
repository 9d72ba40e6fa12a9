// UTF-8 validation: what proto3 demands of every string.
//
// Spec: RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef PENSTOCK_CODEC_UTF8_H_
#define PENSTOCK_CODEC_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/wire/check.h"

namespace penstock::codec {

// The part of IsValidUtf8 that looks at octets above 0x7f.
bool IsValidUtf8Slow(const char* text, size_t bytes);

// True when `text` is UTF-8 throughout. Eight octets at a time while they are ASCII.
PENSTOCK_ALWAYS_INLINE bool IsValidUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080u;
  const char* p = text.data();
  size_t left = text.size();
  if (PENSTOCK_LIKELY(left >= 8)) {
    // The last word overlaps the one before it, so that no octet is looked at alone.
    uint64_t seen;
    std::memcpy(&seen, p + left - 8, 8);
    for (; left > 8; left -= 8, p += 8) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      seen |= word;
    }
    if (PENSTOCK_LIKELY((seen & kHighBits) == 0)) return true;
    return IsValidUtf8Slow(text.data(), text.size());
  }
  unsigned char seen = 0;
  for (size_t i = 0; i < left; ++i) seen |= static_cast<unsigned char>(p[i]);
  if (PENSTOCK_LIKELY(seen < 0x80)) return true;
  return IsValidUtf8Slow(text.data(), text.size());
}

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_UTF8_H_
