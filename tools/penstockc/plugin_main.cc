// protoc-gen-penstock: the .proto compiler as a plugin of protoc and buf.
//
//     protoc --plugin=bazel-bin/tools/penstockc/protoc-gen-penstock --penstock_out=out hello.proto
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "penstock/codec/compiler/plugin.h"
#include "penstock/wire/version.h"

namespace {

constexpr std::string_view kHelp =
    R"(protoc-gen-penstock: C++ messages and services, as a plugin of protoc or buf.

  protoc --plugin=PATH/protoc-gen-penstock --penstock_out=out hello.proto

It reads a CodeGeneratorRequest on standard input and writes the same files as
penstockc --cpp_out=out. Where there is no protoc, run penstockc.
)";

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const std::string_view argument = argv[1];
    if (argument == "--version") {
      std::cout << "protoc-gen-penstock " PENSTOCK_VERSION "\n";
      return 0;
    }
    const bool help = argument == "--help" || argument == "-h";
    (help ? std::cout : std::cerr) << kHelp;
    return help ? 0 : 64;
  }
  const std::string request((std::istreambuf_iterator<char>(std::cin)),
                            std::istreambuf_iterator<char>());
  std::string said;
  std::cout << penstock::codec::compiler::AnswerPluginRequest(request, &said) << std::flush;
  std::cerr << said;
  return std::cout ? 0 : 1;
}
