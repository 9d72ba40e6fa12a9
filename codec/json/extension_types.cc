#include "penstock/codec/json/extension_types.h"

#include <string>
#include <utility>

namespace penstock::codec::json {

using reflection::FieldDescriptor;
using reflection::MessageDescriptor;
using reflection::MessageType;

const MessageType* ExtensionTypes::FindByName(const MessageType& extendee,
                                              std::string_view full_name) const {
  const FieldDescriptor* extension = pool_.FindExtension(full_name);
  // The message may be of a generated class, whose descriptor is another one of the same name.
  if (extension == nullptr || extension->extendee->full_name != extendee.full_name()) {
    return nullptr;
  }
  return TypeFor(*extension);
}

const MessageType* ExtensionTypes::FindByNumber(const MessageType& extendee,
                                                uint32_t number) const {
  const MessageDescriptor* descriptor = pool_.FindMessage(extendee.full_name());
  if (descriptor == nullptr) return nullptr;
  const FieldDescriptor* extension = pool_.FindExtension(*descriptor, number);
  return extension == nullptr ? nullptr : TypeFor(*extension);
}

const MessageType* ExtensionTypes::TypeFor(const FieldDescriptor& extension) const {
  const MessageDescriptor* descriptor = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    std::unique_ptr<MessageDescriptor>& made = descriptors_[&extension];
    if (made == nullptr) {
      made = std::make_unique<MessageDescriptor>();
      made->name = made->full_name = "[" + extension.full_name + "]";
      made->file = extension.extendee->file;
      FieldDescriptor field = extension;
      field.name = field.json_name = made->name;
      field.is_extension = false;
      field.has_presence = !field.repeated();
      made->fields.push_back(std::move(field));
    }
    descriptor = made.get();
  }
  return &types_.TypeOf(*descriptor);
}

}  // namespace penstock::codec::json
