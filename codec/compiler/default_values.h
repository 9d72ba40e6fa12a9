// Default values: from what stands in [default = ...] to the field's type, and to and from the text
// that descriptors keep.
#ifndef PENSTOCK_CODEC_COMPILER_DEFAULT_VALUES_H_
#define PENSTOCK_CODEC_COMPILER_DEFAULT_VALUES_H_

#include <string>
#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// Sets default_value from written_default; the field is linked.
void ResolveDefault(const FileDescriptor& file, FieldDescriptor* field, Diagnostics* diagnostics);

// FieldDescriptorProto.default_value of a field that has one.
// Spec: descriptor.proto: "true", numbers in decimal, the octets of bytes C-escaped.
std::string DefaultText(const FieldDescriptor& field);

// The way back; false when `text` is none of the type.
bool ParseDefaultText(std::string_view text, FieldDescriptor* field);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DEFAULT_VALUES_H_
