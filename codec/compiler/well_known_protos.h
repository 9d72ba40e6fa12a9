// The .proto files that come with the compiler: google/protobuf/*.proto and google/rpc/*.proto of
// codec/wellknown. descriptor.proto among them says which options exist.
#ifndef PENSTOCK_CODEC_COMPILER_WELL_KNOWN_PROTOS_H_
#define PENSTOCK_CODEC_COMPILER_WELL_KNOWN_PROTOS_H_

#include <string_view>

namespace penstock::codec::compiler {

inline constexpr std::string_view kDescriptorProtoPath = "google/protobuf/descriptor.proto";

// The text of "google/protobuf/timestamp.proto"; "" when there is no such file.
std::string_view WellKnownProto(std::string_view path);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_WELL_KNOWN_PROTOS_H_
