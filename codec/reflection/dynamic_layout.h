// DynamicLayouts: where messages without a class keep their fields: MessageLayouts made at run time
// from descriptors. Part of DynamicTypes.
#ifndef PENSTOCK_CODEC_REFLECTION_DYNAMIC_LAYOUT_H_
#define PENSTOCK_CODEC_REFLECTION_DYNAMIC_LAYOUT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "penstock/codec/enum_layout.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/reflection/descriptor_pool.h"

namespace penstock::codec::reflection {

// Ownership: layouts live as long as this, and never move.
class DynamicLayouts {
 public:
  // The layout of messages of that descriptor, and with it those of all they may hold.
  const MessageLayout& Of(const MessageDescriptor& descriptor);

 private:
  struct Layout {
    const MessageDescriptor* descriptor;
    MessageLayout layout{};
    std::vector<const FieldDescriptor*> descriptors;  // ascending numbers
    std::vector<FieldLayout> fields;                  // in the same order
    std::string field_names;
  };
  struct Enum {
    EnumLayout layout{};
    std::vector<EnumValueLayout> values;
  };

  Layout* Declare(const MessageDescriptor& descriptor);
  void Resolve(Layout* of);
  void Place(Layout* of);
  void PlaceEntry(Layout* of);
  void MarkRequired(const std::vector<Layout*>& added);
  const EnumLayout* ClosedEnum(const EnumDescriptor& descriptor);

  std::map<const MessageDescriptor*, std::unique_ptr<Layout>> layouts_;
  std::map<const EnumDescriptor*, std::unique_ptr<Enum>> enums_;
  std::vector<Layout*> added_;  // by the call under way
};

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_DYNAMIC_LAYOUT_H_
