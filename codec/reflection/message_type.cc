#include "penstock/codec/reflection/message_type.h"

#include <algorithm>

namespace penstock::codec::reflection {

const Field* MessageType::FindByNumber(uint32_t number) const {
  // Most messages number their fields from 1 on without a gap.
  if (number - 1 < fields_.size() && fields_[number - 1].number() == number) {
    return &fields_[number - 1];
  }
  const auto it =
      std::lower_bound(fields_.begin(), fields_.end(), number,
                       [](const Field& field, uint32_t wanted) { return field.number() < wanted; });
  return it != fields_.end() && it->number() == number ? &*it : nullptr;
}

const Field* MessageType::Find(const NameIndex& index, std::string_view name) {
  const auto it = std::lower_bound(
      index.begin(), index.end(), name,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return it != index.end() && it->first == name ? it->second : nullptr;
}

const Field* MessageType::FindByName(std::string_view name) const { return Find(by_name_, name); }

const Field* MessageType::FindByJsonName(std::string_view name) const {
  const Field* field = Find(by_json_name_, name);
  return field != nullptr ? field : FindByName(name);
}

}  // namespace penstock::codec::reflection
