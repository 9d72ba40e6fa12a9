// Descriptors from octets: a FileDescriptorProto as the structs of descriptor.h, with names as they
// stand there; Linker::Adopt links them. The way back from descriptor_writer.h.
//
//     std::unique_ptr<FileDescriptor> file = ReadFileDescriptor(octets, &diagnostics);
//     if (file != nullptr) linker.Adopt(std::move(file));
//
// Spec:   google/protobuf/descriptor.proto.
// Limits: messages nest as deep as in a .proto, kMessageNestingMax.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_READER_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_READER_H_

#include <memory>
#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// Null, with an error in `diagnostics`, when the octets are no FileDescriptorProto.
std::unique_ptr<FileDescriptor> ReadFileDescriptor(std::string_view octets,
                                                   Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_READER_H_
