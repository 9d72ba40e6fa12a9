#include "penstock/codec/repeated_field.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace penstock::codec {

void RepeatedBase::Grow(MessageHead& head, size_t count, size_t element_bytes) {
  constexpr size_t kCountMax = std::numeric_limits<int32_t>::max();
  PENSTOCK_CHECK(count <= kCountMax, "a repeated field has fewer than 2^31 elements");
  constexpr size_t kFirstBytes = 32;  // small fields are the rule
  size_t capacity = std::max<size_t>({count, size_t{capacity_} * 2, kFirstBytes / element_bytes});
  capacity = std::min(capacity, kCountMax);
  wire::Arena& arena = head.ArenaForContent();
  const size_t old_bytes = capacity_ * element_bytes;
  const size_t new_bytes = capacity * element_bytes;
  if (data_ == nullptr || !arena.TryExtend(data_, old_bytes, new_bytes)) {
    void* grown = arena.Allocate(new_bytes, std::min<size_t>(element_bytes, 8));
    if (old_bytes != 0) std::memcpy(grown, data_, old_bytes);
    data_ = grown;
  }
  std::memset(static_cast<char*>(data_) + old_bytes, 0, new_bytes - old_bytes);
  capacity_ = static_cast<uint32_t>(capacity);
}

}  // namespace penstock::codec
