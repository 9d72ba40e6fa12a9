#include "penstock/codec/compiler/field_layout_code.h"

#include <set>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"

namespace penstock::codec::compiler {
namespace {

bool MayLack(const MessageDescriptor& message, std::set<const MessageDescriptor*>* seen) {
  if (!seen->insert(&message).second) return false;
  if (!message.extension_ranges.empty()) return true;
  for (const FieldDescriptor& field : message.fields) {
    if (field.required()) return true;
    if (IsMessage(field.type) && MayLack(*field.message, seen)) return true;
  }
  return false;
}

}  // namespace

std::string FieldTraitsExpression(const FieldDescriptor& field) {
  std::string traits;
  const auto add = [&traits](std::string_view name) {
    if (!traits.empty()) traits += " | ";
    traits += "::penstock::codec::" + std::string(name);
  };
  if (field.required()) add("kRequiredField");
  if (field.packed) add("kPackedField");
  if (field.utf8_checked) add("kUtf8Field");
  if (field.is_extension && field.extendee->message_set) add("kItemField");
  return traits.empty() ? "0" : traits;
}

std::string FieldPointerExpression(const FieldDescriptor& field, const std::string& type) {
  if (IsMessage(field.type)) {
    return "{.message = &::penstock::codec::MessageAccess::Layout<" + type + ">()}";
  }
  if (IsClosedEnum(field)) return "{.closed_enum = &" + type + "_Layout_}";
  return "{.message = nullptr}";
}

bool MayLackFields(const MessageDescriptor& message) {
  std::set<const MessageDescriptor*> seen;
  return MayLack(message, &seen);
}

}  // namespace penstock::codec::compiler
