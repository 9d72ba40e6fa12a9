// What the grammar of .proto files makes true and a descriptor, which anyone may have made, must be
// asked: names, numbers, map entries, oneofs. Part of DescriptorLinker.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CHECKS_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CHECKS_H_

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// The file is linked.
void CheckDescriptor(const FileDescriptor& file, Diagnostics* diagnostics);

// Calls `visit` with every field and extension declared in the file.
template <typename Visit>
void ForEachField(MessageDescriptor* message, const Visit& visit) {
  for (FieldDescriptor& field : message->fields) visit(field);
  for (FieldDescriptor& field : message->extensions) visit(field);
  for (const auto& nested : message->messages) ForEachField(nested.get(), visit);
}
template <typename Visit>
void ForEachField(FileDescriptor* file, const Visit& visit) {
  for (const auto& message : file->messages) ForEachField(message.get(), visit);
  for (FieldDescriptor& field : file->extensions) visit(field);
}

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_CHECKS_H_
