// Linker: reads a .proto file with everything it imports, resolves the names in them and checks
// what can only be checked then. What comes out is a graph that the generator can follow blindly.
//
//     Linker linker(&tree, &diagnostics);
//     const FileDescriptor* file = linker.Load("a.proto");
//     if (!diagnostics.ok()) { std::cerr << diagnostics.ToString(); return 1; }
#ifndef PENSTOCK_CODEC_COMPILER_LINKER_H_
#define PENSTOCK_CODEC_COMPILER_LINKER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::codec::compiler {

class Linker {
 public:
  Linker(SourceTree* tree, Diagnostics* diagnostics) : tree_(tree), diagnostics_(diagnostics) {}

  // The linked file, or null when it does not exist. Files are read once.
  // Ownership: as long as the linker.
  const FileDescriptor* Load(const std::string& path);

 private:
  // What a full name stands for; one of the pointers, or a package.
  struct Symbol {
    const FileDescriptor* file;
    const MessageDescriptor* message = nullptr;
    const EnumDescriptor* enumeration = nullptr;
    std::string_view kind;  // "message", "package"...
    Location location;
  };

  FileDescriptor* LoadFile(const std::string& path);
  void LoadImports(FileDescriptor* file);
  void ReportMissingImport(const FileDescriptor& file, const ImportDescriptor& import);

  void Declare(const FileDescriptor& file, const std::string& full_name, Symbol symbol);
  void DeclarePackage(const FileDescriptor& file);
  void DeclareMessage(const FileDescriptor& file, const MessageDescriptor& message);
  void DeclareEnum(const FileDescriptor& file, const EnumDescriptor& enumeration);
  void DeclareFile(const FileDescriptor& file);

  void LinkFile(FileDescriptor* file);
  void LinkMessage(FileDescriptor* file, MessageDescriptor* message);
  void LinkField(const FileDescriptor& file, const MessageDescriptor& message,
                 FieldDescriptor* field);
  const MessageDescriptor* LinkMethodType(const FileDescriptor& file,
                                          const ServiceDescriptor& service, std::string* name,
                                          Location location);
  // The symbol that `name` means inside `scope`, innermost first; reports when there is none.
  const Symbol* Resolve(const FileDescriptor& file, std::string_view scope, const std::string& name,
                        Location location);
  const Symbol* Find(const std::string& full_name) const;
  bool IsVisible(const FileDescriptor& from, const FileDescriptor& file) const;
  void ReportUnknownType(const FileDescriptor& file, std::string_view scope,
                         const std::string& name, Location location);

  void Error(const FileDescriptor& file, Location location, std::string message);

  SourceTree* const tree_;
  Diagnostics* const diagnostics_;
  std::map<std::string, std::unique_ptr<FileDescriptor>> files_;
  std::vector<std::string> loading_;  // the chain of imports under way, to find circles
  std::map<std::string, Symbol> symbols_;
};

// What follows for a linked field from how it was written.
void ResolveFieldTraits(FieldDescriptor* field);

// What needs no other file: numbers, names, reserved ranges. Part of Linker::Load.
void CheckMessage(const MessageDescriptor& message, Diagnostics* diagnostics);
void CheckEnum(const EnumDescriptor& enumeration, Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_LINKER_H_
