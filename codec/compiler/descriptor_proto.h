// google/protobuf/descriptor.proto as penstockc knows it: it says which options exist, and stands
// in for the file where no -I folder has one.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_PROTO_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_PROTO_H_

#include <string_view>

namespace penstock::codec::compiler {

inline constexpr std::string_view kDescriptorProtoPath = "google/protobuf/descriptor.proto";

extern const std::string_view kDescriptorProto;

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_PROTO_H_
