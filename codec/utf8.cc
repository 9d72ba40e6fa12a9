#include "penstock/codec/utf8.h"

namespace penstock::codec {
namespace {

bool IsContinuation(unsigned char octet) { return (octet & 0xc0) == 0x80; }

// Octets of the sequence that starts at p, or 0 when it is not a valid one.
size_t SequenceBytes(const unsigned char* p, size_t left) {
  const unsigned char first = p[0];
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;  // a continuation, or an overlong two-octet form
  if (first < 0xe0) return left >= 2 && IsContinuation(p[1]) ? 2 : 0;
  if (first < 0xf0) {
    if (left < 3 || !IsContinuation(p[1]) || !IsContinuation(p[2])) return 0;
    if (first == 0xe0 && p[1] < 0xa0) return 0;   // overlong
    if (first == 0xed && p[1] >= 0xa0) return 0;  // surrogates
    return 3;
  }
  if (first > 0xf4) return 0;
  if (left < 4 || !IsContinuation(p[1]) || !IsContinuation(p[2]) || !IsContinuation(p[3])) return 0;
  if (first == 0xf0 && p[1] < 0x90) return 0;   // overlong
  if (first == 0xf4 && p[1] >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace

bool IsValidUtf8Slow(const char* text, size_t bytes) {
  constexpr uint64_t kHighBits = 0x8080808080808080u;
  const auto* p = reinterpret_cast<const unsigned char*>(text);
  const unsigned char* end = p + bytes;
  while (p != end) {
    while (end - p >= 8) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      if ((word & kHighBits) != 0) break;
      p += 8;
    }
    if (p == end) break;
    const size_t sequence_bytes = SequenceBytes(p, static_cast<size_t>(end - p));
    if (sequence_bytes == 0) return false;
    p += sequence_bytes;
  }
  return true;
}

}  // namespace penstock::codec
