// EnumLayout: the names and numbers of an enum of a .proto, and what its helpers (Colour_Name,
// Colour_Parse, Colour_IsValid) do with them.
#ifndef PENSTOCK_CODEC_ENUM_LAYOUT_H_
#define PENSTOCK_CODEC_ENUM_LAYOUT_H_

#include <cstdint>
#include <string_view>

namespace penstock::codec {

struct EnumValueLayout {
  std::string_view name;
  int32_t number;
};

struct EnumLayout {
  const EnumValueLayout* values;  // in the order of the .proto; an alias stands behind its first
  uint32_t count;
  bool contiguous;  // each number is the one before it plus 1: nothing is searched

  // The name as the .proto has it, the first of several; "" for a number it does not have.
  std::string_view NameOf(int32_t number) const;
  bool Has(int32_t number) const;
  // Null for a name it does not have.
  const EnumValueLayout* Find(std::string_view name) const;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_ENUM_LAYOUT_H_
