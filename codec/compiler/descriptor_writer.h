// Descriptors as octets: FileDescriptorProto on the wire, as protoc writes it.
//
//     std::string octets = WriteFileDescriptor(*file, Places::kLeaveOut);
//
// Spec: google/protobuf/descriptor.proto.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_

#include <string>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// Whether to write where everything stands, and the comments: SourceCodeInfo.
enum class Places { kLeaveOut, kKeep };

// `file` is linked, without errors.
std::string WriteFileDescriptor(const FileDescriptor& file, Places places);

// A FileDescriptorSet: what --descriptor_set_out holds.
std::string WriteFileDescriptorSet(const std::vector<const FileDescriptor*>& files, Places places);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_
