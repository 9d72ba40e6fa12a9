// Numbers of JSON: from their spelling to a value, exactly or not at all.
//
// Integers may be spelt as any number that has no fraction: 1, 1.0, 1e5, 12.50e1.
//
// Spec: RFC 8259, section 6.
#ifndef PENSTOCK_CODEC_JSON_JSON_NUMBERS_H_
#define PENSTOCK_CODEC_JSON_JSON_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::codec::json {

// Octets of the number that `text` begins with; 0 when it begins with none.
size_t NumberBytes(std::string_view text);

enum class NumberFault : uint8_t {
  kNone,
  kNoNumber,    // not spelt as JSON spells numbers
  kFraction,    // a number, but no integer
  kOutOfRange,  // of the type
};

// `spelling` is a number as a whole, with nothing around it.
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, int32_t* value);
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, int64_t* value);
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, uint32_t* value);
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, uint64_t* value);
// Rounded to the nearest; what is too small becomes zero, what is too large is out of range.
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, float* value);
[[nodiscard]] NumberFault ParseNumber(std::string_view spelling, double* value);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_NUMBERS_H_
