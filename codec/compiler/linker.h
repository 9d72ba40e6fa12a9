// Linker: reads a .proto file with everything it imports, resolves the names in them, interprets
// their options and checks what can only be checked then. What comes out is a graph that the
// generator can follow blindly.
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
#include "penstock/codec/compiler/descriptor_linker.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::codec::compiler {

class Linker {
 public:
  // `tree` may be null when files only come by Adopt.
  Linker(SourceTree* tree, Diagnostics* diagnostics)
      : tree_(tree), diagnostics_(diagnostics), linker_(diagnostics) {}

  // The linked file, or null when it does not exist. Files are read once.
  // Ownership: as long as the linker.
  const FileDescriptor* Load(const std::string& path);

  // The same for a file that was read elsewhere, with its options interpreted: a descriptor. Its
  // imports come first.
  const FileDescriptor* Adopt(std::unique_ptr<FileDescriptor> file);

  // Files of the command line with everything they import, each behind its own imports.
  std::vector<const FileDescriptor*> WithImports(
      const std::vector<const FileDescriptor*>& files) const;

 private:
  FileDescriptor* LoadFile(const std::string& path);
  void LoadImports(FileDescriptor* file);
  void ReportMissingImport(const FileDescriptor& file, const ImportDescriptor& import);

  void LinkFile(FileDescriptor* file);
  void WarnOfUnusedImports(const FileDescriptor& file);

  void Error(const FileDescriptor& file, Location location, std::string message);

  SourceTree* const tree_;
  Diagnostics* const diagnostics_;
  DescriptorLinker linker_;
  std::map<std::string, std::unique_ptr<FileDescriptor>> files_;
  std::vector<std::string> loading_;  // the chain of imports under way, to find circles
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_LINKER_H_
