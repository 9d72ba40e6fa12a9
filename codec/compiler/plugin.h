// The compiler as a plugin of protoc or buf: descriptors in, files out.
//
//     protoc --plugin=protoc-gen-penstock=PATH --penstock_out=DIR hello.proto
//
// Spec: google/protobuf/compiler/plugin.proto.
#ifndef PENSTOCK_CODEC_COMPILER_PLUGIN_H_
#define PENSTOCK_CODEC_COMPILER_PLUGIN_H_

#include <string>
#include <string_view>

namespace penstock::codec::compiler {

// A CodeGeneratorResponse for a CodeGeneratorRequest. Faults of the .proto files are in the
// response; *said gets the warnings, for the person to read.
std::string AnswerPluginRequest(std::string_view request, std::string* said);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_PLUGIN_H_
