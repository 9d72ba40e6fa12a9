// ExtensionTypes: the extensions that a pool has, for JSON and text format.
//
//     DescriptorPool pool;
//     pool.AddEmbedded(MessageAccess::File<shop::Item>(), &error);  // and files that extend it
//     ExtensionTypes extensions(pool);
//     ToJson(item, &text, {.extensions = &extensions});  // {"id":7,"[shop.colour]":"red"}
//
// Ownership: the pool outlives this.
// Threading: any thread, while nobody adds to the pool.
#ifndef PENSTOCK_CODEC_JSON_EXTENSION_TYPES_H_
#define PENSTOCK_CODEC_JSON_EXTENSION_TYPES_H_

#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "penstock/codec/json/extension_source.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"

namespace penstock::codec::json {

class ExtensionTypes final : public ExtensionSource {
 public:
  explicit ExtensionTypes(const reflection::DescriptorPool& pool) : pool_(pool), types_(pool) {}

  const reflection::MessageType* FindByName(const reflection::MessageType& extendee,
                                            std::string_view full_name) const override;
  const reflection::MessageType* FindByNumber(const reflection::MessageType& extendee,
                                              uint32_t number) const override;

 private:
  const reflection::MessageType* TypeFor(const reflection::FieldDescriptor& extension) const;

  const reflection::DescriptorPool& pool_;
  reflection::DynamicTypes types_;
  mutable std::mutex mutex_;
  mutable std::map<const reflection::FieldDescriptor*,
                   std::unique_ptr<reflection::MessageDescriptor>>
      descriptors_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_EXTENSION_TYPES_H_
