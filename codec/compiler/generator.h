// The generator: a linked .proto file to C++. dir/x.proto becomes
//   dir/x.penstock.h, dir/x.penstock.cc   the messages and enums
//   dir/x.descriptor.cc                   the descriptor, for codec/reflection
//   dir/x.server.h                        the services, for those who implement them
//   dir/x.mock.h                          mocks of the services, for tests
//   dir/x.client.h                        the services, for those who call them
//
// Spec: accessor names as in Protocol Buffers' C++ (protobuf.dev, "C++ Generated Code Guide").
#ifndef PENSTOCK_CODEC_COMPILER_GENERATOR_H_
#define PENSTOCK_CODEC_COMPILER_GENERATOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

struct GeneratedFile {
  std::string path;  // below the output folder
  std::string content;
};

std::vector<GeneratedFile> GenerateCpp(const FileDescriptor& file);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_GENERATOR_H_
