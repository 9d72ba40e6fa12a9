#include "penstock/codec/repeated_field.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace penstock::codec {

void RepeatedBase::Grow(MessageHead& head, size_t count, size_t element_bytes) {
  PENSTOCK_CHECK(GrowIn(head.ArenaForContent(), count, element_bytes, false),
                 "a repeated field has fewer than 2^31 elements");
}

bool RepeatedBase::TryGrow(MessageHead& head, size_t count, size_t element_bytes) {
  return GrowIn(head.ArenaForContent(), count, element_bytes, true);
}

bool RepeatedBase::GrowIn(wire::Arena& arena, size_t count, size_t element_bytes, bool capped) {
  constexpr size_t kCountMax = std::numeric_limits<int32_t>::max();
  if (count > kCountMax) return false;
  constexpr size_t kFirstBytes = 32;  // small fields are the rule
  size_t capacity = std::max<size_t>({count, size_t{capacity_} * 2, kFirstBytes / element_bytes});
  capacity = std::min(capacity, kCountMax);
  const size_t old_bytes = capacity_ * element_bytes;
  const size_t new_bytes = capacity * element_bytes;
  if (data_ == nullptr || !arena.TryExtend(data_, old_bytes, new_bytes)) {
    const size_t align = std::min<size_t>(element_bytes, 8);
    void* grown = capped ? arena.TryAllocate(new_bytes, align) : arena.Allocate(new_bytes, align);
    if (grown == nullptr) return false;
    if (old_bytes != 0) std::memcpy(grown, data_, old_bytes);
    data_ = grown;
  }
  std::memset(static_cast<char*>(data_) + old_bytes, 0, new_bytes - old_bytes);
  capacity_ = static_cast<uint32_t>(capacity);
  return true;
}

}  // namespace penstock::codec
