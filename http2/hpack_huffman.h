// HPACK's Huffman code, both ways.
//
// The decoder looks 12 bits up at once and gets up to two symbols: all printable ASCII but a few
// characters has codes of at most 12 bits, and common letters have 5 or 6. Its table of 16 KiB
// stays in the first-level cache; larger ones were slower elsewhere.
//
// Spec: RFC 7541 §5.2, Appendix B. Padding is up to 7 one bits, and the end-of-string symbol never
//       stands inside a string.
#ifndef PENSTOCK_HTTP2_HPACK_HUFFMAN_H_
#define PENSTOCK_HTTP2_HPACK_HUFFMAN_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/http2/hpack_error.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

// Room that HuffmanDecode needs for `encoded_bytes`: five bits are the shortest code, and the
// decoder stores two symbols at a time.
constexpr size_t HuffmanDecodeRoom(size_t encoded_bytes) { return encoded_bytes * 8 / 5 + 1; }

// Decodes into `out` and sets `end` behind the last symbol.
HpackError HuffmanDecode(wire::Bytes encoded, char* out, char*& end);

// How many bytes HuffmanDecode would give, and the same errors, without storing any.
HpackError HuffmanDecodedBytes(wire::Bytes encoded, size_t& bytes);

// The octets of `text` when encoded, padding included.
size_t HuffmanEncodedBytes(std::string_view text);

// Encodes `text`, which takes HuffmanEncodedBytes(text). Returns the end.
uint8_t* HuffmanEncode(uint8_t* out, std::string_view text);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_HUFFMAN_H_
