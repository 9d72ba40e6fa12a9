// Messages as text format: for logs, tests and tools, of generated classes and of any message there
// is a type of.
//
//     LOG << text::ToText(cart);                               // a line for each field
//     LOG << text::ToText(cart, {.single_line = true});        // id: 7 item { name: "tea" }
//
// Spec:   protobuf.dev, "Text Format Language Specification"; the layout is that of Protocol
//         Buffers' C++. Fields stand in the order of their numbers, extensions and unknown ones
//         behind them; a map's entries in the order of their keys.
// Limits: kParseDepthMax messages inside each other; what is deeper is printed as "...", which no
//         parser takes for a message.
#ifndef PENSTOCK_CODEC_TEXT_TEXT_H_
#define PENSTOCK_CODEC_TEXT_TEXT_H_

#include <string>

#include "penstock/codec/json/extension_source.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/codec/reflection/message_ref.h"

namespace penstock::codec::text {

struct TextOptions {
  // Everything on one line, without a line's end behind it.
  bool single_line = false;
  // Letters beyond ASCII as they are, in strings that are UTF-8; otherwise as octal escapes.
  bool keep_utf8 = false;
  bool print_unknown_fields = true;
  // Any as what it holds, where its type is found.
  bool expand_any = true;
  // Where the types inside an Any are found; null: where the message's own type comes from.
  const reflection::TypeSource* types = nullptr;
  // Which extensions are printed as such: json/extension_types.h; null: they are unknown fields.
  const json::ExtensionSource* extensions = nullptr;
};

std::string ToText(reflection::ConstMessageRef message, const TextOptions& options = {});

// The same for generated classes.
template <typename M>
  requires requires { M::kFullName; }
std::string ToText(const M& message, const TextOptions& options = {}) {
  return ToText(reflection::Reflect(message), options);
}

}  // namespace penstock::codec::text

#endif  // PENSTOCK_CODEC_TEXT_TEXT_H_
