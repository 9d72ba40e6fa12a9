// Extensions in JSON and text format: "[shop.colour]". A message keeps their fields as octets, so
// each is read into, and written from, a message that has the extension as its only field.
#ifndef PENSTOCK_CODEC_JSON_EXTENSION_SOURCE_H_
#define PENSTOCK_CODEC_JSON_EXTENSION_SOURCE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/reflection/message_ref.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::json {

// Which extensions there are: ExtensionTypes has those of a pool.
class ExtensionSource {
 public:
  virtual ~ExtensionSource() = default;

  // The type of a message whose only field is that extension of `extendee`, and is called
  // "[full.name]". Null when there is no such extension.
  virtual const reflection::MessageType* FindByName(const reflection::MessageType& extendee,
                                                    std::string_view full_name) const = 0;
  virtual const reflection::MessageType* FindByNumber(const reflection::MessageType& extendee,
                                                      uint32_t number) const = 0;
};

// The fields of one extension, and the type to read them with.
struct ExtensionFields {
  const reflection::MessageType* type;
  std::string octets;
};

// What a message has beyond its fields: in ascending numbers where it is of a generated class.
struct OtherFields {
  std::vector<ExtensionFields> extensions;
  std::string unknown;
};

// Without a source all of them are unknown.
OtherFields OtherFieldsOf(reflection::ConstMessageRef message, const ExtensionSource* source);

// False when there surely are none: what OtherFieldsOf() costs need not be paid.
inline bool MayHaveOtherFields(reflection::ConstMessageRef message) {
  return message.type().layout().extensions != nullptr || !message.unknown_fields().empty();
}

// True when the message has a field of that number beyond its own.
bool HasOtherField(reflection::ConstMessageRef message, uint32_t number);

// Adds the fields of the extension of that number. `depth` is how many messages lie around the
// message. False when the arena's cap allows no more.
[[nodiscard]] bool TryAppendExtension(reflection::MessageRef message, uint32_t number,
                                      wire::Bytes fields, int depth);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_EXTENSION_SOURCE_H_
