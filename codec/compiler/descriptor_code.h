// x.descriptor.cc: the serialised descriptor of a file, and which class holds which of its
// messages, for codec/reflection. A source of its own, so that a program that asks no class for its
// descriptor links none.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CODE_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CODE_H_

#include <string>
#include <string_view>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// The constant's name in penstock::codec::embedded. One for each path, so that files that import
// each other by path find each other: "a_b/c.proto" -> "File_a_ub_sc_dproto".
std::string FileConstant(std::string_view path);

void PrintDescriptorSource(const FileDescriptor& file, CodeWriter* out);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CODE_H_
