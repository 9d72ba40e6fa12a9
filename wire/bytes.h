// Bytes: a view of read-only octets, the currency between the floors.
//
// Ownership: a Bytes never owns. What it points at lives as long as the function that hands it out
// says; in the absence of words, until that function's caller returns.
#ifndef PENSTOCK_WIRE_BYTES_H_
#define PENSTOCK_WIRE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace penstock::wire {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline std::string_view AsString(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_BYTES_H_
