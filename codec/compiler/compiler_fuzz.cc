// Any text as a .proto file, which may import another one: errors with places in the files, or
// code. The same text gives the same twice, and what was generated closes its brackets.
//
//     bazel-bin/codec/compiler/compiler_fuzz -dict=codec/compiler/compiler_fuzz.dict
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/generator.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/wire/check.h"

namespace penstock::codec::compiler {
namespace {

constexpr std::string_view kImported = R"(
syntax = "proto3";
package imported;
enum Colour { COLOUR_NONE = 0; COLOUR_RED = 1; }
message Point { int32 x = 1; Colour colour = 2; message Inner {} }
)";

struct Outcome {
  std::string errors;
  std::vector<GeneratedFile> files;
};

Outcome Compile(const std::string& text) {
  MemorySourceTree tree({{"a.proto", text}, {"b.proto", std::string(kImported)}});
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load("a.proto");
  Outcome outcome;
  if (diagnostics.ok()) {
    PENSTOCK_CHECK(file != nullptr, "without errors there is a file");
    outcome.files = GenerateCpp(*file);
    PENSTOCK_CHECK(outcome.files.empty() != diagnostics.ok(), "either code or errors");
  }
  outcome.errors = diagnostics.ToString();
  PENSTOCK_CHECK(diagnostics.ok() || !outcome.errors.empty(), "an error is said");
  return outcome;
}

// What is neither comment nor literal of generated code, which has no other comments than those
// to the end of a line.
std::string WithoutWords(std::string_view content) {
  std::string code;
  for (size_t at = 0; at < content.size(); ++at) {
    const char c = content[at];
    if (c == '/' && content.substr(at).starts_with("//")) {
      at = std::min(content.find('\n', at), content.size());
    } else if (c == '"' || c == '\'') {
      for (++at; at < content.size() && content[at] != c; ++at) {
        if (content[at] == '\\') ++at;
      }
      PENSTOCK_CHECK(at < content.size(), "every literal is closed");
    } else {
      code += c;
    }
  }
  return code;
}

void CheckBrackets(const std::string& content) {
  PENSTOCK_CHECK(content.find('\0') == content.npos, "code is text");
  const std::string code = WithoutWords(content);
  PENSTOCK_CHECK(std::count(code.begin(), code.end(), '{') ==
                     std::count(code.begin(), code.end(), '}'),
                 "every brace is closed");
}

bool IsSame(const Outcome& a, const Outcome& b) {
  return a.errors == b.errors &&
         std::equal(a.files.begin(), a.files.end(), b.files.begin(), b.files.end(),
                    [](const GeneratedFile& x, const GeneratedFile& y) {
                      return x.path == y.path && x.content == y.content;
                    });
}

}  // namespace
}  // namespace penstock::codec::compiler

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace compiler = penstock::codec::compiler;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const compiler::Outcome outcome = compiler::Compile(text);
  PENSTOCK_CHECK(compiler::IsSame(outcome, compiler::Compile(text)), "compiling has no memory");
  for (const compiler::GeneratedFile& file : outcome.files) {
    compiler::CheckBrackets(file.content);
  }
  return 0;
}
