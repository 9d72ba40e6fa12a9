// Any text as a .proto file: errors with places, or code.
#include <cstddef>
#include <cstdint>
#include <string>

#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/generator.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/wire/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace compiler = penstock::codec::compiler;
  compiler::MemorySourceTree tree(
      {{"a.proto", std::string(reinterpret_cast<const char*>(data), size)}});
  compiler::Diagnostics diagnostics;
  compiler::Linker linker(&tree, &diagnostics);
  const compiler::FileDescriptor* file = linker.Load("a.proto");
  if (!diagnostics.ok()) {
    PENSTOCK_CHECK(!diagnostics.ToString().empty(), "an error is said");
    return 0;
  }
  const auto outputs = compiler::GenerateCpp(*file, &diagnostics);
  PENSTOCK_CHECK(outputs.empty() != diagnostics.ok(), "either code or errors");
  return 0;
}
