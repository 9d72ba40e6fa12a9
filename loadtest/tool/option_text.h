// Options of a descriptor as they stand in a .proto: "deprecated = true",
// "(google.api.http) = { get: \"/v1/carts\" }".
//
// Custom options are written by name where the pool has their `extend`, and are left out else.
#ifndef PENSTOCK_LOADTEST_TOOL_OPTION_TEXT_H_
#define PENSTOCK_LOADTEST_TOOL_OPTION_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/json/extension_source.h"

namespace penstock::loadtest::tool {

// What the options are of: google.protobuf.FileOptions and its like.
enum class OptionsOf : uint8_t {
  kFile,
  kMessage,
  kField,
  kExtensionRange,
  kOneof,
  kEnum,
  kEnumValue,
  kService,
  kMethod,
};

// `octets` as Descriptor::options_bytes has them. Nothing for what is no such message.
std::vector<std::string> OptionTexts(OptionsOf kind, std::string_view octets,
                                     const codec::json::ExtensionSource& extensions);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_OPTION_TEXT_H_
