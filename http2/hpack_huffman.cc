#include "penstock/http2/hpack_huffman.h"

#include <array>

#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

constexpr uint32_t kSymbols = 257;
constexpr uint32_t kEndOfString = 256;
constexpr int kCodeBitsMax = 30;

// Bits of each symbol's code. The code is canonical: shorter codes come first, those of one length
// ascend with their symbols, so the lengths tell everything.
constexpr uint8_t kCodeBits[kSymbols] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,
    7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
};

struct Code {
  uint32_t code;
  uint32_t bits;
};

constexpr std::array<Code, kSymbols> kCodes = [] {
  std::array<Code, kSymbols> codes{};
  uint32_t next = 0;
  for (uint32_t bits = 1; bits <= kCodeBitsMax; ++bits) {
    next <<= 1;
    for (uint32_t symbol = 0; symbol < kSymbols; ++symbol) {
      if (kCodeBits[symbol] == bits) codes[symbol] = {next++, bits};
    }
  }
  return codes;
}();
static_assert(kCodes['0'].code == 0x0 && kCodes['a'].code == 0x3 && kCodes['~'].code == 0x1ffd);
static_assert(kCodes[kEndOfString].code == 0x3fffffff);

// What the next 12 bits hold. `count` 0: a code longer than 12 bits.
constexpr int kWindowBits = 12;
struct Lookup {
  uint8_t symbols[2];
  uint8_t count : 4;
  uint8_t first_bits : 4;  // bits of the first symbol
  uint8_t bits;            // of both
};
static_assert(sizeof(Lookup) == 4, "the table is to fit the first-level cache");

constexpr uint32_t kWindows = 1u << kWindowBits;
constexpr std::array<Lookup, kWindows> kLookups = [] {
  std::array<Lookup, kWindows> lookups{};
  for (uint32_t symbol = 0; symbol < kSymbols; ++symbol) {
    const Code code = kCodes[symbol];
    if (code.bits > kWindowBits) continue;
    const uint32_t spread = 1u << (kWindowBits - code.bits);
    const auto bits = static_cast<uint8_t>(code.bits);
    for (uint32_t i = 0; i < spread; ++i) {
      lookups[code.code * spread + i] = {
          {static_cast<uint8_t>(symbol), 0}, 1, static_cast<uint8_t>(bits & 15), bits};
    }
  }
  std::array<Lookup, kWindows> paired = lookups;
  for (uint32_t window = 0; window < kWindows; ++window) {
    Lookup& lookup = paired[window];
    if (lookup.count == 0) continue;
    const Lookup& second = lookups[(window << lookup.bits) % kWindows];
    if (second.count == 0 || lookup.bits + second.bits > kWindowBits) continue;
    lookup.symbols[1] = second.symbols[0];
    lookup.count = 2;
    lookup.bits = static_cast<uint8_t>(lookup.bits + second.bits);
  }
  return paired;
}();

// Longer codes: for each length the end of its codes as the top of 32 bits, and the symbols in the
// order of their codes.
struct LongCodes {
  std::array<uint64_t, kCodeBitsMax + 1> end{};  // exclusive; 2^32 behind the last
  std::array<uint32_t, kCodeBitsMax + 1> first_code{};
  std::array<uint16_t, kCodeBitsMax + 1> first_symbol{};  // position in `symbols`
  std::array<uint16_t, kSymbols> symbols{};
};
constexpr LongCodes kLongCodes = [] {
  LongCodes longs{};
  uint16_t position = 0;
  uint32_t next = 0;
  for (uint32_t bits = 1; bits <= kCodeBitsMax; ++bits) {
    next <<= 1;
    longs.first_code[bits] = next;
    longs.first_symbol[bits] = position;
    for (uint32_t symbol = 0; symbol < kSymbols; ++symbol) {
      if (kCodeBits[symbol] != bits) continue;
      longs.symbols[position++] = static_cast<uint16_t>(symbol);
      ++next;
    }
    longs.end[bits] = uint64_t{next} << (32 - bits);
  }
  return longs;
}();

struct LongSymbol {
  uint32_t symbol;
  int bits;
};

// The symbol of more than 12 bits that `window`, the next 32 bits, begins with.
LongSymbol DecodeLong(uint32_t window) {
  int bits = kWindowBits + 1;
  while (window >= kLongCodes.end[static_cast<size_t>(bits)]) ++bits;
  const auto at = static_cast<size_t>(bits);
  const uint32_t code = window >> (32 - bits);
  return {kLongCodes.symbols[kLongCodes.first_symbol[at] + code - kLongCodes.first_code[at]], bits};
}

// Where decoded symbols go: to memory, or just counted.
struct Store {
  char* at;
  PENSTOCK_ALWAYS_INLINE void Put(const uint8_t* symbols, size_t count) {
    at[0] = static_cast<char>(symbols[0]);
    at[1] = static_cast<char>(symbols[1]);
    at += count;
  }
  PENSTOCK_ALWAYS_INLINE void PutOne(uint32_t symbol) { *at++ = static_cast<char>(symbol); }
};
struct Count {
  size_t bytes = 0;
  PENSTOCK_ALWAYS_INLINE void Put(const uint8_t*, size_t count) { bytes += count; }
  PENSTOCK_ALWAYS_INLINE void PutOne(uint32_t) { ++bytes; }
};

// The bits not yet decoded, the next one on top. Bits below `have` may already be right, too: they
// are loaded again.
struct BitBuffer {
  const uint8_t* cursor;
  const uint8_t* end;
  uint64_t bits = 0;
  int have = 0;

  PENSTOCK_ALWAYS_INLINE bool CanFillFast() const { return end - cursor >= 8; }
  PENSTOCK_ALWAYS_INLINE void FillFast() {  // to 56 bits or more
    bits |= wire::LoadBig64(cursor) >> have;
    cursor += (63 - have) >> 3;
    have |= 56;
  }
  // The same with fewer than eight octets to come, at least one.
  PENSTOCK_ALWAYS_INLINE void FillLast() {
    const auto left = static_cast<int>(end - cursor);
    uint64_t octets;
    if (left >= 4) {
      octets = uint64_t{wire::LoadBig32(cursor)} << 32 | uint64_t{wire::LoadBig32(end - 4)}
                                                             << (64 - 8 * left);
    } else {
      octets = uint64_t{cursor[0]} << 56 | uint64_t{cursor[left / 2]} << (56 - 8 * (left / 2)) |
               uint64_t{end[-1]} << (64 - 8 * left);
    }
    bits |= octets >> have;
    const int taken = left < (64 - have) / 8 ? left : (64 - have) / 8;
    cursor += taken;
    have += 8 * taken;
  }
  PENSTOCK_ALWAYS_INLINE void Drop(int count) {
    bits <<= count;
    have -= count;
  }
};

// Decodes the last bits, all of them in the buffer. Behind them come ones, which end the look-ups
// alike whatever the padding: a loop that counted bits would be mispredicted for every short
// string.
template <typename Sink>
PENSTOCK_ALWAYS_INLINE HpackError DecodeEnd(const BitBuffer& buffer, Sink& sink) {
  int have = buffer.have;
  uint64_t inverted = have == 0 ? 0 : ~buffer.bits >> (64 - have) << (64 - have);
  for (;;) {
    const uint64_t window = ~inverted;
    const Lookup lookup = kLookups[window >> (64 - kWindowBits)];
    if (PENSTOCK_LIKELY(lookup.count != 0 && lookup.bits <= have)) {
      sink.Put(lookup.symbols, lookup.count);
      inverted <<= lookup.bits;
      have -= lookup.bits;
      continue;
    }
    if (inverted == 0 && have < 8) return HpackError::kOk;
    LongSymbol symbol{lookup.symbols[0], lookup.first_bits};
    if (lookup.count == 0) symbol = DecodeLong(static_cast<uint32_t>(window >> 32));
    if (symbol.bits > have) return HpackError::kHuffmanPadding;
    if (symbol.symbol == kEndOfString) return HpackError::kHuffmanEndOfString;
    sink.PutOne(symbol.symbol);
    inverted <<= symbol.bits;
    have -= symbol.bits;
  }
}

template <typename Sink>
PENSTOCK_ALWAYS_INLINE HpackError Decode(wire::Bytes encoded, Sink& sink) {
  BitBuffer buffer{encoded.data(), encoded.data() + encoded.size()};
  for (;;) {
    if (PENSTOCK_LIKELY(buffer.CanFillFast())) {
      buffer.FillFast();
    } else {
      if (buffer.cursor != buffer.end) buffer.FillLast();
      if (buffer.cursor == buffer.end) return DecodeEnd(buffer, sink);
    }
    // There are 56 bits or more: four windows, or fewer and a code of up to 30.
    int windows = 4;
    do {
      const Lookup lookup = kLookups[buffer.bits >> (64 - kWindowBits)];
      if (PENSTOCK_UNLIKELY(lookup.count == 0)) break;
      sink.Put(lookup.symbols, lookup.count);
      buffer.Drop(lookup.bits);
    } while (--windows != 0);
    if (PENSTOCK_UNLIKELY(windows != 0 && buffer.have >= kCodeBitsMax)) {
      const LongSymbol symbol = DecodeLong(static_cast<uint32_t>(buffer.bits >> 32));
      if (symbol.symbol == kEndOfString) return HpackError::kHuffmanEndOfString;
      sink.PutOne(symbol.symbol);
      buffer.Drop(symbol.bits);
    }
  }
}

}  // namespace

HpackError HuffmanDecode(wire::Bytes encoded, char* out, char*& end) {
  Store store{out};
  const HpackError error = Decode(encoded, store);
  end = store.at;
  return error;
}

HpackError HuffmanDecodedBytes(wire::Bytes encoded, size_t& bytes) {
  Count count;
  const HpackError error = Decode(encoded, count);
  bytes = count.bytes;
  return error;
}

size_t HuffmanEncodedBytes(std::string_view text) {
  size_t bits = 0;
  for (const char c : text) bits += kCodeBits[static_cast<uint8_t>(c)];
  return (bits + 7) / 8;
}

uint8_t* HuffmanEncode(uint8_t* out, std::string_view text) {
  uint64_t bits = 0;
  uint32_t have = 0;  // below 32 between symbols
  for (const char c : text) {
    const Code code = kCodes[static_cast<uint8_t>(c)];
    bits = bits << code.bits | code.code;
    have += code.bits;
    if (have >= 32) {
      have -= 32;
      wire::StoreBig32(out, static_cast<uint32_t>(bits >> have));
      out += 4;
    }
  }
  for (; have >= 8; have -= 8) *out++ = static_cast<uint8_t>(bits >> (have - 8));
  if (have != 0) *out++ = static_cast<uint8_t>(bits << (8 - have) | 0xffu >> have);
  return out;
}

}  // namespace penstock::http2
