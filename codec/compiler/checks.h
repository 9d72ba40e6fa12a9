// What a linked message, field, enum and file must satisfy beyond its grammar: protoc's rules.
// Part of Linker.
#ifndef PENSTOCK_CODEC_COMPILER_CHECKS_H_
#define PENSTOCK_CODEC_COMPILER_CHECKS_H_

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// Numbers, names and reserved ranges within one message or enum.
void CheckMessage(const MessageDescriptor& message, Diagnostics* diagnostics);
void CheckEnum(const EnumDescriptor& enumeration, Diagnostics* diagnostics);

// Types and options of a field or an extension in `file`; `message` is what is around it, or null.
void CheckField(const FileDescriptor& file, const MessageDescriptor* message,
                const FieldDescriptor& field, Diagnostics* diagnostics);

// Imports and services of a file.
void CheckFile(const FileDescriptor& file, Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_CHECKS_H_
