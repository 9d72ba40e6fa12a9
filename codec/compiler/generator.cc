#include "penstock/codec/compiler/generator.h"

#include <string>
#include <vector>

#include "penstock/codec/compiler/client_code.h"
#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/descriptor_code.h"
#include "penstock/codec/compiler/enum_code.h"
#include "penstock/codec/compiler/extension_code.h"
#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/compiler/mock_code.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/service_code.h"

namespace penstock::codec::compiler {
namespace {

void PrintBanner(const FileDescriptor& file, CodeWriter* out) {
  out->Print("// Made by penstockc from $path$. Changes are lost: edit that.\n",
             {{"path", file.path}});
}

std::vector<ExtensionCode> TopLevelExtensions(const FileDescriptor& file) {
  std::vector<ExtensionCode> extensions;
  for (const FieldDescriptor& extension : file.extensions) {
    extensions.emplace_back(file, extension, "", CppIdentifier(extension.name));
  }
  return extensions;
}

std::string MessagesHeader(const FileDescriptor& file, const std::vector<MessageCode>& messages) {
  CodeWriter out;
  const std::string guard = IncludeGuard(WithoutProtoSuffix(file.path), ".penstock.h");
  PrintBanner(file, &out);
  out.Print(R"(#ifndef $guard$
#define $guard$

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "penstock/codec/message.h"
)",
            {{"guard", guard}});
  if (UsesExtensions(file)) out.Print("#include \"penstock/codec/extension.h\"\n");
  for (const ImportDescriptor& import : file.imports) {
    out.Print("#include \"$path$.penstock.h\"\n", {{"path", WithoutProtoSuffix(import.path)}});
  }
  out.Print("\n");
  OpenNamespace(file, &out);
  out.Print("\n");
  for (const MessageCode& message : messages) {
    out.Print("class $class$;\n", {{"class", message.class_name()}});
  }
  if (!messages.empty()) out.Print("\n");
  for (const EnumDescriptor* enumeration : AllEnums(file)) PrintEnum(*enumeration, &out);
  for (const MessageCode& message : messages) message.PrintClass(&out);
  for (const MessageCode& message : messages) message.PrintInlines(&out);
  for (const ExtensionCode& extension : TopLevelExtensions(file)) {
    extension.PrintDeclaration(&out);
  }
  out.Print("\n");
  CloseNamespace(file, &out);
  out.Print("\n#endif  // $guard$\n", {{"guard", guard}});
  return out.text();
}

std::string MessagesSource(const FileDescriptor& file, const std::vector<MessageCode>& messages) {
  CodeWriter out;
  PrintBanner(file, &out);
  out.Print(R"(#include "$path$.penstock.h"

#include <cstddef>

#include "penstock/codec/generated.h"

)",
            {{"path", WithoutProtoSuffix(file.path)}});
  OpenNamespace(file, &out);
  if (!messages.empty()) {
    out.Print(R"(namespace {

using ::penstock::codec::FieldLayout;
using ::penstock::codec::FieldShape;
using ::penstock::codec::FieldType;
using ::penstock::codec::MapOrder;
using ::penstock::codec::MessageAccess;
using ::penstock::codec::MessageHead;
using ::penstock::codec::MessageLayout;
using ::penstock::codec::Parser;
using ::penstock::codec::ParseResult;
using ::penstock::codec::StringRule;
using ::penstock::codec::Writer;
using ::penstock::wire::Bytes;

)");
    for (const MessageCode& message : messages) message.PrintTables(&out);
    out.Print("\n}  // namespace\n");
  }
  for (const EnumDescriptor* enumeration : AllEnums(file)) PrintEnumTable(*enumeration, &out);
  for (const MessageCode& message : messages) message.PrintDefinitions(&out);
  for (const ExtensionCode& extension : TopLevelExtensions(file)) extension.PrintDefinition(&out);
  out.Print("\n");
  CloseNamespace(file, &out);
  return out.text();
}

}  // namespace

std::vector<GeneratedFile> GenerateCpp(const FileDescriptor& file) {
  std::vector<MessageCode> messages;
  for (const MessageDescriptor* message : AllMessages(file)) messages.emplace_back(file, *message);
  const std::string path = WithoutProtoSuffix(file.path);
  std::vector<GeneratedFile> files;
  files.push_back({path + ".penstock.h", MessagesHeader(file, messages)});
  files.push_back({path + ".penstock.cc", MessagesSource(file, messages)});
  CodeWriter descriptor;
  PrintBanner(file, &descriptor);
  PrintDescriptorSource(file, &descriptor);
  files.push_back({path + ".descriptor.cc", descriptor.text()});
  CodeWriter server;
  PrintBanner(file, &server);
  PrintServerHeader(file, &server);
  files.push_back({path + ".server.h", server.text()});
  CodeWriter mock;
  PrintBanner(file, &mock);
  PrintMockHeader(file, &mock);
  files.push_back({path + ".mock.h", mock.text()});
  CodeWriter client;
  PrintBanner(file, &client);
  PrintClientHeader(file, &client);
  files.push_back({path + ".client.h", client.text()});
  return files;
}

}  // namespace penstock::codec::compiler
