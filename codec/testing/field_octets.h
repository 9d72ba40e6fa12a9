// Fields as they stand on the wire, for tests that write messages by hand.
#ifndef PENSTOCK_CODEC_TESTING_FIELD_OCTETS_H_
#define PENSTOCK_CODEC_TESTING_FIELD_OCTETS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/wire/varint.h"

namespace penstock::codec::testing {

inline std::string VarintOctets(uint64_t value) {
  uint8_t octets[wire::kVarintBytesMax];
  return std::string(octets, wire::EncodeVarint64(octets, value));
}

// Of wire type 0.
inline std::string NumberField(uint32_t number, uint64_t value) {
  return VarintOctets(uint64_t{number} << 3) + VarintOctets(value);
}

// Of wire type 2.
inline std::string TextField(uint32_t number, std::string_view text) {
  return VarintOctets(uint64_t{number} << 3 | 2) + VarintOctets(text.size()) + std::string(text);
}

inline std::string GroupField(uint32_t number, std::string_view fields) {
  return VarintOctets(uint64_t{number} << 3 | 3) + std::string(fields) +
         VarintOctets(uint64_t{number} << 3 | 4);
}

// An item of a message set.
inline std::string ItemField(uint32_t type_id, std::string_view message) {
  return GroupField(1, NumberField(2, type_id) + TextField(3, message));
}

}  // namespace penstock::codec::testing

#endif  // PENSTOCK_CODEC_TESTING_FIELD_OCTETS_H_
