// What the HPACK tests share: octets from hex, field lists as plain values, blocks encoded
// by the encoder or put together by hand.
#ifndef PENSTOCK_HTTP2_HPACK_TESTING_H_
#define PENSTOCK_HTTP2_HPACK_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_error.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/hpack_huffman.h"
#include "penstock/http2/hpack_integer.h"

namespace penstock::http2 {

inline void PrintTo(HpackError error, std::ostream* out) { *out << TextOf(error); }

}  // namespace penstock::http2

namespace penstock::http2::testing {

using Octets = std::vector<uint8_t>;

// "8286 84be" and the like; blanks are skipped.
inline Octets FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Octets octets;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    if (high < 0) {
      high = digit(c);
    } else {
      octets.push_back(static_cast<uint8_t>(high << 4 | digit(c)));
      high = -1;
    }
  }
  return octets;
}

inline std::string ToHex(const Octets& octets) {
  std::string hex;
  for (const uint8_t octet : octets) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return hex;
}

// A field that owns its strings.
struct Field {
  std::string name;
  std::string value;
  IndexingPolicy policy = IndexingPolicy::kIndex;

  bool operator==(const Field& other) const { return name == other.name && value == other.value; }
};
using Fields = std::vector<Field>;

inline void PrintTo(const Field& field, std::ostream* out) {
  *out << '"' << field.name << ": " << field.value << '"';
}

inline Fields CopyOf(const FieldList& list) {
  Fields fields;
  for (const HeaderField& field : list) {
    fields.push_back({std::string(field.name), std::string(field.value)});
  }
  return fields;
}

inline Octets EncodeBlock(HpackEncoder& encoder, const Fields& fields) {
  size_t room = HpackEncoder::kBlockBytesMax;
  for (const Field& field : fields) {
    room += HpackEncoder::EncodedBytesMax(field.name.size(), field.value.size());
  }
  Octets block(room);
  uint8_t* at = encoder.BeginBlock(block.data());
  for (const Field& field : fields) at = encoder.Encode(at, field.name, field.value, field.policy);
  block.resize(static_cast<size_t>(at - block.data()));
  return block;
}

// A block put together octet by octet, so that it can be wrong, too.
struct BlockOf {
  Octets octets;

  BlockOf& Hex(std::string_view hex) {
    const Octets more = FromHex(hex);
    octets.insert(octets.end(), more.begin(), more.end());
    return *this;
  }
  BlockOf& Integer(uint8_t first, int prefix_bits, uint32_t value) {
    uint8_t buffer[8];
    const uint8_t* end = WriteHpackInteger(buffer, first, prefix_bits, value);
    octets.insert(octets.end(), static_cast<const uint8_t*>(buffer), end);
    return *this;
  }
  BlockOf& Text(std::string_view text) {
    Integer(0x00, 7, static_cast<uint32_t>(text.size()));
    octets.insert(octets.end(), text.begin(), text.end());
    return *this;
  }
  BlockOf& HuffmanText(std::string_view text) {
    const size_t bytes = HuffmanEncodedBytes(text);
    Integer(0x80, 7, static_cast<uint32_t>(bytes));
    octets.resize(octets.size() + bytes);
    HuffmanEncode(octets.data() + octets.size() - bytes, text);
    return *this;
  }
  BlockOf& Indexed(uint32_t index) { return Integer(0x80, 7, index); }
  BlockOf& Insert(std::string_view name, std::string_view value) {
    return Hex("40").Text(name).Text(value);
  }
  BlockOf& InsertNamed(uint32_t name_index, std::string_view value) {
    return Integer(0x40, 6, name_index).Text(value);
  }
  BlockOf& Plain(uint32_t name_index, std::string_view value) {
    return Integer(0x00, 4, name_index).HuffmanText(value);
  }
};

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_HPACK_TESTING_H_
