// FuzzInput: reads choices and octets from what a fuzzer made up, front to back.
//
//     FuzzInput input(data, size);
//     while (!input.empty()) Do(input.Byte(), input.Take(input.Byte()));
//
// Past the end every number is 0 and every string is empty or cut, so that any input is a valid
// one and a small change of it stays a small change.
#ifndef PENSTOCK_WIRE_TESTING_FUZZ_INPUT_H_
#define PENSTOCK_WIRE_TESTING_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/wire/bytes.h"

namespace penstock::wire::testing {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }

  uint8_t Byte() {
    const Bytes one = Take(1);
    return one.empty() ? uint8_t{0} : one[0];
  }
  uint16_t Short() {
    const auto high = static_cast<uint16_t>(Byte() << 8);
    return static_cast<uint16_t>(high | Byte());
  }
  uint32_t Word() {
    const auto high = static_cast<uint32_t>(Short()) << 16;
    return high | Short();
  }
  // Up to `bytes` octets, which live as long as the input.
  Bytes Take(size_t bytes) {
    const Bytes taken = rest_.first(std::min(bytes, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::string_view TakeText(size_t bytes) {
    const Bytes taken = Take(bytes);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  Bytes TakeRest() { return Take(rest_.size()); }

 private:
  Bytes rest_;
};

}  // namespace penstock::wire::testing

#endif  // PENSTOCK_WIRE_TESTING_FUZZ_INPUT_H_
