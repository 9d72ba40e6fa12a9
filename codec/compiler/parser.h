// The parser: the tokens of one .proto file to a FileDescriptor with names as they were written.
//
// Spec: protobuf.dev, "Protocol Buffers Language Specification" of proto2, of proto3 and of edition
//       2023; where they leave room, as protoc reads it.
#ifndef PENSTOCK_CODEC_COMPILER_PARSER_H_
#define PENSTOCK_CODEC_COMPILER_PARSER_H_

#include <memory>
#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// Never null. What could not be understood is missing in it, and in `diagnostics`.
std::unique_ptr<FileDescriptor> ParseFile(std::string_view path, std::string_view source,
                                          Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_PARSER_H_
