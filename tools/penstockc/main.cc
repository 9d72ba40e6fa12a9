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
std::optional<std::string> WriteFile(const std::string& folder,
                                     const compiler::GeneratedFile& file) {
  const std::filesystem::path path = std::filesystem::path(folder) / file.path;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << file.content;
  stream.close();
  if (stream) return std::nullopt;
  return "cannot write " + path.string() + ": " + std::strerror(errno);
}

int Compile(const Flags& flags) {
  compiler::Diagnostics diagnostics;
  compiler::DiskSourceTree tree(flags.roots, flags.missing_import_hint);
  compiler::Linker linker(&tree, &diagnostics);
  std::vector<const compiler::FileDescriptor*> files;
  for (const std::string& proto : flags.protos) {
    const std::optional<std::string> path = tree.ImportPath(proto);
    const compiler::FileDescriptor* file = path.has_value() ? linker.Load(*path) : nullptr;
    if (file == nullptr) {
      const bool exists = std::filesystem::exists(proto);
      diagnostics.AddError(proto, {},
                           exists ? "is not below any -I folder: add -I with the folder its "
                                    "imports begin at"
                                  : "no such file: " + tree.RootsHint());
      continue;
    }
    files.push_back(file);
  }
  std::vector<compiler::GeneratedFile> outputs;
  for (const compiler::FileDescriptor* file : files) {
    for (compiler::GeneratedFile& output : compiler::GenerateCpp(*file, &diagnostics)) {
      outputs.push_back(std::move(output));
    }
  }
  std::cerr << diagnostics.ToString();
  if (!diagnostics.ok()) return kExitFailure;
  if (flags.cpp_out.empty()) return kExitOk;
  if (!std::filesystem::is_directory(flags.cpp_out)) {
    std::cerr << "penstockc: --cpp_out=" << flags.cpp_out << " is not a folder\n";
    return kExitFailure;
  }
  for (const compiler::GeneratedFile& output : outputs) {
    if (const std::optional<std::string> error = WriteFile(flags.cpp_out, output)) {
      std::cerr << "penstockc: " << *error << "\n";
      return kExitFailure;
    }
  }
  return kExitOk;
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
