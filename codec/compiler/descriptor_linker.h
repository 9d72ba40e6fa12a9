// DescriptorLinker: from the names in files to what they mean, and the checks that need it. What
// Linker, which reads .proto files, and a pool of descriptors have in common; nothing here reads
// text.
//
//     DescriptorLinker linker(&diagnostics);
//     linker.Link(&file);  // its imports, linked before it, are set
//     if (!diagnostics.ok()) linker.Forget(file);
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_LINKER_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_LINKER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/symbol_table.h"

namespace penstock::codec::compiler {

// Files are linked once, and live as long as the linker or until they are forgotten.
class DescriptorLinker {
 public:
  explicit DescriptorLinker(Diagnostics* diagnostics)
      : diagnostics_(diagnostics), symbols_(diagnostics) {}

  // Declares, resolves and checks a file that was a descriptor: its options are octets already.
  void Link(FileDescriptor* file);
  // Takes back what Link() knows of the file that was linked last, which had errors.
  void Forget(const FileDescriptor& file);

  // The steps, for a file that was text and has options to interpret between them.
  void LinkTypes(FileDescriptor* file);
  void Check(const FileDescriptor& file);

  SymbolTable& symbols() { return symbols_; }
  const SymbolTable& symbols() const { return symbols_; }

  // Null when nobody extends that message by that number.
  const FieldDescriptor* FindExtension(const MessageDescriptor& extendee, uint32_t number) const;

 private:
  void LinkMessage(FileDescriptor* file, MessageDescriptor* message);
  const MessageDescriptor* LinkMethodType(const FileDescriptor& file,
                                          const ServiceDescriptor& service, std::string* name,
                                          Location location);
  void CheckMessages(const FileDescriptor& file, const MessageDescriptor& message);
  void CheckFieldOf(const FileDescriptor& file, const MessageDescriptor* message,
                    const FieldDescriptor& field);
  void CheckExtensionNumber(const FileDescriptor& file, const FieldDescriptor& extension);
  void Error(const FileDescriptor& file, Location location, std::string message);

  struct Extension {
    const FileDescriptor* file;
    const FieldDescriptor* field;
  };

  Diagnostics* const diagnostics_;
  SymbolTable symbols_;
  // Who extends which message by which number.
  std::map<std::pair<const MessageDescriptor*, uint32_t>, Extension> extensions_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_LINKER_H_
