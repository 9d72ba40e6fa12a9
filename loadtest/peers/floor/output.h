// Output: octets on their way out, in one piece that grows.
#ifndef PENSTOCK_LOADTEST_PEERS_FLOOR_OUTPUT_H_
#define PENSTOCK_LOADTEST_PEERS_FLOOR_OUTPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest::floor {

class Output {
 public:
  const uint8_t* data() const { return octets_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  wire::Bytes bytes() const { return {data(), size_}; }

  // Room for so many octets more, which the caller fills. Valid until the next call.
  uint8_t* Extend(size_t bytes) {
    if (PENSTOCK_UNLIKELY(capacity_ - size_ < bytes)) Grow(bytes);
    uint8_t* const at = octets_.get() + size_;
    size_ += bytes;
    return at;
  }
  void Append(wire::Bytes octets) {
    std::memcpy(Extend(octets.size()), octets.data(), octets.size());
  }
  void Clear() { size_ = 0; }

 private:
  static constexpr size_t kCapacityFirst = 4096;

  PENSTOCK_COLD void Grow(size_t bytes) {
    const size_t capacity = std::max({kCapacityFirst, 2 * capacity_, size_ + bytes});
    // Not make_unique, which would fill it with zeroes.
    std::unique_ptr<uint8_t[]> grown(new uint8_t[capacity]);
    if (size_ > 0) std::memcpy(grown.get(), octets_.get(), size_);
    octets_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> octets_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace penstock::loadtest::floor

#endif  // PENSTOCK_LOADTEST_PEERS_FLOOR_OUTPUT_H_
