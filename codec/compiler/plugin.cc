#include "penstock/codec/compiler/plugin.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "penstock/codec/compiler/descriptor_reader.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/generator.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/wire_fields.h"

namespace penstock::codec::compiler {
namespace {

// CodeGeneratorRequest
constexpr int32_t kFileToGenerate = 1;
constexpr int32_t kParameter = 2;
constexpr int32_t kProtoFile = 15;

// CodeGeneratorResponse
constexpr int32_t kError = 1;
constexpr int32_t kSupportedFeatures = 2;
constexpr int32_t kMinimumEdition = 3;
constexpr int32_t kMaximumEdition = 4;
constexpr int32_t kFile = 15;
constexpr int32_t kFileName = 1;
constexpr int32_t kFileContent = 15;
constexpr uint64_t kProto3Optional = 1;
constexpr uint64_t kSupportsEditions = 2;
constexpr uint64_t kEditionProto2 = 998;
constexpr uint64_t kEdition2023 = 1000;

std::vector<GeneratedFile> Generate(std::string_view request, Diagnostics* diagnostics) {
  Linker linker(nullptr, diagnostics);
  std::set<std::string, std::less<>> wanted;
  std::vector<const FileDescriptor*> files;
  FieldReader reader(request);
  for (WireField field; reader.Next(&field);) {
    if (field.number == kFileToGenerate) wanted.emplace(field.bytes);
    if (field.number == kParameter && !field.bytes.empty()) {
      diagnostics->AddError("protoc-gen-penstock", {},
                            "unknown parameter \"" + std::string(field.bytes) +
                                "\": it takes none, write --penstock_out=DIR");
    }
    // Each stands behind its imports.
    if (field.number == kProtoFile) {
      std::unique_ptr<FileDescriptor> file = ReadFileDescriptor(field.bytes, diagnostics);
      if (file != nullptr) files.push_back(linker.Adopt(std::move(file)));
    }
  }
  if (!reader.ok()) {
    diagnostics->AddError("protoc-gen-penstock", {},
                          "standard input is no CodeGeneratorRequest: protoc and buf start this "
                          "program; to compile a .proto without them, run penstockc");
  }
  std::vector<GeneratedFile> outputs;
  if (!diagnostics->ok()) return outputs;
  for (const FileDescriptor* file : files) {
    if (!wanted.contains(file->path)) continue;
    for (GeneratedFile& output : GenerateCpp(*file)) {
      outputs.push_back(std::move(output));
    }
  }
  return outputs;
}

}  // namespace

std::string AnswerPluginRequest(std::string_view request, std::string* said) {
  Diagnostics diagnostics;
  const std::vector<GeneratedFile> outputs = Generate(request, &diagnostics);
  FieldWriter response;
  if (!diagnostics.ok()) response.Text(kError, diagnostics.ToString());
  response.Varint(kSupportedFeatures, kProto3Optional | kSupportsEditions);
  response.Varint(kMinimumEdition, kEditionProto2);
  response.Varint(kMaximumEdition, kEdition2023);
  if (!diagnostics.ok()) return response.Take();
  *said = diagnostics.ToString();
  for (const GeneratedFile& output : outputs) {
    FieldWriter file;
    file.Text(kFileName, output.path);
    file.Text(kFileContent, output.content);
    response.Text(kFile, file.out());
  }
  return response.Take();
}

}  // namespace penstock::codec::compiler
