// penstockc: the .proto compiler's command line.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/generator.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/tools/penstockc/flags.h"

namespace penstock::penstockc {
namespace {

namespace compiler = codec::compiler;

constexpr int kExitOk = 0;
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 64;

// One sentence when the file could not be written.
std::optional<std::string> WriteFile(const std::filesystem::path& path,
                                     const std::string& content) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << content;
  stream.close();
  if (stream) return std::nullopt;
  return "cannot write " + path.string() + ": " + std::strerror(errno);
}

int Fail(const std::string& sentence) {
  std::cerr << "penstockc: " << sentence << "\n";
  return kExitFailure;
}

std::vector<const compiler::FileDescriptor*> LoadFiles(const Flags& flags,
                                                       const compiler::DiskSourceTree& tree,
                                                       compiler::Linker* linker,
                                                       compiler::Diagnostics* diagnostics) {
  std::vector<const compiler::FileDescriptor*> files;
  for (const std::string& proto : flags.protos) {
    const std::optional<std::string> path = tree.ImportPath(proto);
    const compiler::FileDescriptor* file = path.has_value() ? linker->Load(*path) : nullptr;
    if (file == nullptr) {
      const bool exists = std::filesystem::exists(proto);
      diagnostics->AddError(proto, {},
                            exists ? "is not below any -I folder: add -I with the folder its "
                                     "imports begin at"
                                   : "no such file: " + tree.RootsHint());
      continue;
    }
    files.push_back(file);
  }
  return files;
}

// Found, but by way of what a dependency depends on: the day that stops, the file no longer builds.
void CheckImportsAreDirect(const Flags& flags,
                           const std::vector<const compiler::FileDescriptor*>& files,
                           compiler::Diagnostics* diagnostics) {
  for (const compiler::FileDescriptor* file : files) {
    for (const compiler::ImportDescriptor& import : file->imports) {
      const auto found = flags.indirect_imports.find(import.path);
      if (found == flags.indirect_imports.end()) continue;
      diagnostics->AddError(file->path, import.location,
                            "import \"" + import.path + "\" is not of a direct dependency: add \"" +
                                found->second + "\" to deps");
    }
  }
}

int WriteCpp(const std::string& folder, const std::vector<compiler::GeneratedFile>& outputs) {
  if (!std::filesystem::is_directory(folder)) {
    return Fail("--cpp_out=" + folder + " is not a folder: make it first");
  }
  for (const compiler::GeneratedFile& output : outputs) {
    const std::filesystem::path path = std::filesystem::path(folder) / output.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (const auto failure = WriteFile(path, output.content)) return Fail(*failure);
  }
  return kExitOk;
}

int Compile(const Flags& flags) {
  compiler::Diagnostics diagnostics;
  compiler::DiskSourceTree tree(flags.roots, flags.missing_import_hint);
  compiler::Linker linker(&tree, &diagnostics);
  std::vector<const compiler::FileDescriptor*> files =
      LoadFiles(flags, tree, &linker, &diagnostics);
  CheckImportsAreDirect(flags, files, &diagnostics);
  std::vector<compiler::GeneratedFile> outputs;
  if (diagnostics.ok() && !flags.cpp_out.empty()) {
    for (const compiler::FileDescriptor* file : files) {
      for (compiler::GeneratedFile& output : compiler::GenerateCpp(*file)) {
        outputs.push_back(std::move(output));
      }
    }
  }
  std::cerr << diagnostics.ToString();
  if (!diagnostics.ok()) return kExitFailure;
  if (!flags.descriptor_set_out.empty()) {
    if (flags.include_imports) files = linker.WithImports(files);
    const std::string set = compiler::WriteFileDescriptorSet(
        files, flags.include_source_info ? compiler::Places::kKeep : compiler::Places::kLeaveOut);
    if (const auto failure = WriteFile(flags.descriptor_set_out, set)) return Fail(*failure);
  }
  return flags.cpp_out.empty() ? kExitOk : WriteCpp(flags.cpp_out, outputs);
}

int Main(const std::vector<std::string>& arguments) {
  Flags flags;
  std::string error;
  if (!ParseFlags(arguments, &flags, &error)) {
    std::cerr << "penstockc: " << error << "\n";
    return kExitUsage;
  }
  if (flags.help) {
    std::cout << kHelp;
    return kExitOk;
  }
  if (flags.version) {
    std::cout << kVersion;
    return kExitOk;
  }
  if (flags.protos.empty()) {
    std::cerr << "penstockc: name at least one .proto file, as in: penstockc --cpp_out=. "
                 "hello.proto (see penstockc --help)\n";
    return kExitUsage;
  }
  return Compile(flags);
}

}  // namespace
}  // namespace penstock::penstockc

int main(int argc, char** argv) {
  return penstock::penstockc::Main(std::vector<std::string>(argv + 1, argv + argc));
}
