// Messages as JSON, both ways: of generated classes, and of any message there is a type of.
//
//     std::string text;
//     if (auto status = json::ToJson(cart, &text); !status.ok()) return Fail(status.message());
//     if (auto status = json::FromJson(text, &cart); !status.ok()) return Fail(status.message());
//
// Spec:   protobuf.dev, "ProtoJSON Format"; docs/json.md tells the corner cases.
// Limits: kNestingMax objects and arrays, and kParseDepthMax messages inside each other, so that
//         what is read can also be serialised and parsed by everyone.
#ifndef PENSTOCK_CODEC_JSON_JSON_H_
#define PENSTOCK_CODEC_JSON_JSON_H_

#include <string>
#include <string_view>

#include "penstock/codec/json/extension_source.h"
#include "penstock/codec/json/json_status.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/codec/reflection/message_ref.h"

namespace penstock::codec::json {

struct JsonPrintOptions {
  // A line for each member and element.
  bool pretty = false;
  // Fields that are not set, where not set is the same as the default: 0, "", [], {}.
  bool print_fields_without_presence = false;
  // "display_name" for "displayName". Both are read.
  bool preserve_proto_names = false;
  bool enums_as_numbers = false;
  // Where the types inside an Any are found; null: where the message's own type comes from.
  const reflection::TypeSource* types = nullptr;
  // Which extensions are printed, as "[full.name]": extension_types.h; null: none.
  const ExtensionSource* extensions = nullptr;
};

struct JsonParseOptions {
  // Leaves out members that are no fields, and names that an enum does not have.
  bool ignore_unknown_fields = false;
  // As above.
  const reflection::TypeSource* types = nullptr;
  const ExtensionSource* extensions = nullptr;
};

// Adds the message to *out. It fails, and adds nothing, for what has no JSON: a Timestamp outside
// its range, an Any whose type is not found, a string that is not UTF-8.
JsonStatus ToJson(reflection::ConstMessageRef message, std::string* out,
                  const JsonPrintOptions& options = {});

// Replaces the message's content. When it fails the message has a part of it.
JsonStatus FromJson(std::string_view text, reflection::MessageRef message,
                    const JsonParseOptions& options = {});

// The same for generated classes.
template <typename M>
  requires requires { M::kFullName; }
JsonStatus ToJson(const M& message, std::string* out, const JsonPrintOptions& options = {}) {
  return ToJson(reflection::Reflect(message), out, options);
}
template <typename M>
  requires requires { M::kFullName; }
JsonStatus FromJson(std::string_view text, M* message, const JsonParseOptions& options = {}) {
  return FromJson(text, reflection::Reflect(*message), options);
}

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_H_
