// ExtensionCode: the constant that stands for an extension in C++. Used by the generator alone.
#ifndef PENSTOCK_CODEC_COMPILER_EXTENSION_CODE_H_
#define PENSTOCK_CODEC_COMPILER_EXTENSION_CODE_H_

#include <string>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// Whether the file needs codec/extension.h: it extends a message, or has one that may be extended.
bool UsesExtensions(const FileDescriptor& file);

class ExtensionCode {
 public:
  // `file` has it, and `message` is the class around it, or "". `name` is what it is called there.
  ExtensionCode(const FileDescriptor& file, const FieldDescriptor& extension,
                const std::string& message, const std::string& name);

  // For the header, there within the class.
  void PrintDeclaration(CodeWriter* out) const;
  // For the source file.
  void PrintDefinition(CodeWriter* out) const;

 private:
  const FieldDescriptor& extension_;
  bool is_member_;
  CodeWriter::Variables variables_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_EXTENSION_CODE_H_
