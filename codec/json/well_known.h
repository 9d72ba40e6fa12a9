// Which messages have a JSON form of their own: the well-known types, told by their full names.
//
// Spec: protobuf.dev, "ProtoJSON Format".
#ifndef PENSTOCK_CODEC_JSON_WELL_KNOWN_H_
#define PENSTOCK_CODEC_JSON_WELL_KNOWN_H_

#include <cstdint>
#include <string_view>

#include "penstock/codec/reflection/message_type.h"

namespace penstock::codec::json {

enum class WellKnown : uint8_t {
  kNone,
  kAny,
  kTimestamp,
  kDuration,
  kFieldMask,
  kStruct,
  kValue,
  kListValue,
  kWrapper,  // Int32Value and so on: field 1 is the value
  kEmpty,    // an object as others, but other writers give it a "value" inside an Any
};

// kNone also for a type that has the name but not the fields: descriptors may come from anywhere.
WellKnown WellKnownOf(const reflection::MessageType& type);

// Whether it is written as something that is no object of its fields, so that an Any holds it as
// its "value".
constexpr bool HasOwnForm(WellKnown known) {
  return known != WellKnown::kNone && known != WellKnown::kEmpty;
}

// google.protobuf.NullValue: its one value is written as null.
bool IsNullValue(const reflection::Field& field);

// The type that the URL of an Any names, behind its last "/": of `types` where there are any and it
// is there, otherwise of where the Any's own type comes from. Null when there is none.
const reflection::MessageType* FindTypeOf(std::string_view type_url,
                                          const reflection::MessageType& any,
                                          const reflection::TypeSource* types);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_WELL_KNOWN_H_
