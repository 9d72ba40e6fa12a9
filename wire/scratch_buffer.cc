#include "penstock/wire/scratch_buffer.h"

#include <algorithm>
#include <cstring>

namespace penstock::wire {
namespace {

constexpr size_t kFirstBytes = 4 * 1024;

}  // namespace

void ScratchBuffer::Grow(size_t needed_bytes) {
  const size_t wanted = std::min(bytes_max_, std::max({kFirstBytes, 2 * capacity_, needed_bytes}));
  // Not make_unique, which would fill it with zeros.
  std::unique_ptr<uint8_t[]> grown(new uint8_t[wanted]);
  if (size_ > 0) std::memcpy(grown.get(), octets_.get(), size_);
  octets_ = std::move(grown);
  capacity_ = wanted;
}

}  // namespace penstock::wire
