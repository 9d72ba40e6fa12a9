#include "penstock/codec/string_field.h"

#include <algorithm>

#include "penstock/codec/limits.h"

namespace penstock::codec {

// The first content gets what it needs; a field that grows doubles, so that assigning ever longer
// texts to a free-standing message costs it at most twice the longest.
size_t StringField::CapacityFor(size_t bytes) const {
  const size_t capacity = std::max<size_t>(bytes, size_t{capacity_} * 2);
  return std::min((capacity + 7) & ~size_t{7}, kMessageBytesMax);
}

void StringField::AssignGrowing(MessageHead& head, std::string_view text) {
  PENSTOCK_CHECK(text.size() <= kMessageBytesMax, "a string field stays below 2 GiB");
  const size_t capacity = CapacityFor(text.size());
  char* grown = static_cast<char*>(head.ArenaForContent().Allocate(capacity, 1));
  std::memcpy(grown, text.data(), text.size());
  data_ = grown;
  size_ = static_cast<uint32_t>(text.size());
  capacity_ = static_cast<uint32_t>(capacity);
}

bool StringField::TryGrow(MessageHead& head, size_t bytes) {
  const size_t capacity = CapacityFor(bytes);
  void* grown = head.ArenaForContent().TryAllocate(capacity, 1);
  if (grown == nullptr) return false;
  data_ = static_cast<char*>(grown);
  capacity_ = static_cast<uint32_t>(capacity);
  return true;
}

}  // namespace penstock::codec
