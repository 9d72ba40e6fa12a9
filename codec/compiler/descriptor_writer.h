// Descriptors as octets: FileDescriptorProto on the wire, as protoc writes it.
//
//     std::string octets = WriteFileDescriptor(*file, SourceInfo::kLeaveOut);
//
// Spec: google/protobuf/descriptor.proto.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_

#include <string>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

enum class SourceInfo { kLeaveOut, kKeep };

// `file` is linked, without errors.
std::string WriteFileDescriptor(const FileDescriptor& file, SourceInfo source_info);

// A FileDescriptorSet: what --descriptor_set_out holds.
std::string WriteFileDescriptorSet(const std::vector<const FileDescriptor*>& files,
                                   SourceInfo source_info);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_WRITER_H_
