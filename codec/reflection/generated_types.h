// The types of generated classes. Whoever asks for one links the descriptor of its file and of what
// that imports; a program that asks for none links none.
//
//     const MessageType& type = TypeOf<shop::Cart>();
//     ConstMessageRef cart = Reflect(request);  // message_ref.h says what it can do
//
// Threading: any thread. Types are made once, behind a mutex: docs/decisions/0007.
#ifndef PENSTOCK_CODEC_REFLECTION_GENERATED_TYPES_H_
#define PENSTOCK_CODEC_REFLECTION_GENERATED_TYPES_H_

#include <string_view>

#include "penstock/codec/embedded_file.h"
#include "penstock/codec/message_access.h"
#include "penstock/codec/reflection/message_ref.h"
#include "penstock/codec/reflection/message_type.h"

namespace penstock::codec::reflection {

// The type of a message of that file, whose name is in it.
const MessageType& GeneratedType(const EmbeddedFile& file, std::string_view full_name);

template <typename M>
const MessageType& TypeOf() {
  static const MessageType& type = GeneratedType(MessageAccess::File<M>(), M::kFullName);
  return type;
}

template <typename M>
ConstMessageRef Reflect(const M& message) {
  return {MessageAccess::Head(message), TypeOf<M>()};
}
template <typename M>
MessageRef Reflect(M& message) {
  return {MessageAccess::Head(message), TypeOf<M>()};
}

// Finds by name the messages of all files whose types were asked for so far, with their imports.
const TypeSource& GeneratedTypes();

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_GENERATED_TYPES_H_
