#include "penstock/codec/compiler/standard_options.h"

#include <memory>
#include <vector>

#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/features.h"
#include "penstock/codec/compiler/link_field.h"
#include "penstock/codec/compiler/parser.h"
#include "penstock/codec/compiler/symbol_table.h"
#include "penstock/codec/compiler/well_known_protos.h"
#include "penstock/wire/check.h"

namespace penstock::codec::compiler {
namespace {

void LinkMessage(const SymbolTable& symbols, const FileDescriptor& file, MessageDescriptor* message,
                 Diagnostics* diagnostics) {
  for (FieldDescriptor& field : message->fields) {
    LinkField(symbols, file, message->full_name, &field, diagnostics);
  }
  for (const auto& nested : message->messages) {
    LinkMessage(symbols, file, nested.get(), diagnostics);
  }
}

// Its own options are not interpreted: that would need itself.
std::unique_ptr<const FileDescriptor> MakeDescriptorProto() {
  Diagnostics diagnostics;
  std::unique_ptr<FileDescriptor> file =
      ParseFile(kDescriptorProtoPath, WellKnownProto(kDescriptorProtoPath), &diagnostics);
  SymbolTable symbols(&diagnostics);
  symbols.DeclareFile(*file);
  for (const auto& message : file->messages) {
    LinkMessage(symbols, *file, message.get(), &diagnostics);
  }
  ResolveFeatures(file.get(), &diagnostics);
  PENSTOCK_CHECK(diagnostics.ok(), "the built-in descriptor.proto has no errors");
  return file;
}

}  // namespace

const MessageDescriptor& StandardOptions(std::string_view name) {
  static const std::unique_ptr<const FileDescriptor> file = MakeDescriptorProto();
  for (const auto& message : file->messages) {
    if (message->name == name) return *message;
  }
  PENSTOCK_CHECK(false, "descriptor.proto has a message of this name");
  return *file->messages[0];
}

}  // namespace penstock::codec::compiler
