#include "penstock/codec/enum_layout.h"

namespace penstock::codec {
namespace {

const EnumValueLayout* FindNumber(const EnumLayout& layout, int32_t number) {
  if (layout.contiguous) {
    const int64_t index = int64_t{number} - layout.values[0].number;
    return index >= 0 && index < layout.count ? &layout.values[index] : nullptr;
  }
  for (uint32_t i = 0; i < layout.count; ++i) {
    if (layout.values[i].number == number) return &layout.values[i];
  }
  return nullptr;
}

}  // namespace

std::string_view EnumLayout::NameOf(int32_t number) const {
  const EnumValueLayout* value = FindNumber(*this, number);
  return value == nullptr ? std::string_view() : value->name;
}

bool EnumLayout::Has(int32_t number) const { return FindNumber(*this, number) != nullptr; }

const EnumValueLayout* EnumLayout::Find(std::string_view name) const {
  for (uint32_t i = 0; i < count; ++i) {
    if (values[i].name == name) return &values[i];
  }
  return nullptr;
}

}  // namespace penstock::codec
