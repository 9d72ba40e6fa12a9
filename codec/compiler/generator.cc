#include "penstock/codec/compiler/generator.h"

#include <algorithm>
#include <cstdint>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/service_code.h"

namespace penstock::codec::compiler {
namespace {

void RefuseWhatIsMissing(const FileDescriptor& file, Diagnostics* diagnostics) {
  for (const MessageDescriptor* message : AllMessages(file)) {
    for (const FieldDescriptor& field : message->fields) {
      if (field.is_map) {
        diagnostics->AddError(file.path, field.location, "maps are not supported yet");
      }
    }
  }
}

void PrintBanner(const FileDescriptor& file, CodeWriter* out) {
  out->Print("// Made by penstockc from $path$. Changes are lost: edit that.\n",
             {{"path", file.path}});
}

void PrintEnum(const EnumDescriptor& enumeration, CodeWriter* out) {
  const std::string name = ClassName(enumeration);
  const bool nested = enumeration.parent != nullptr;
  PrintComment(enumeration.comments.leading, "", out);
  out->Print("enum $name$ : int32_t {\n", {{"name", name}});
  for (const EnumValueDescriptor& value : enumeration.values) {
    PrintComment(value.comments.leading, "  ", out);
    const std::string number =
        value.number == INT32_MIN ? "-2147483647 - 1" : std::to_string(value.number);
    out->Print("  $value$ = $number$,\n", {{"value", nested ? name + "_" + CppIdentifier(value.name)
                                                            : CppIdentifier(value.name)},
                                           {"number", number}});
  }
  out->Print(R"(};
// The name of a value as the .proto has it; "" for numbers it does not have.
std::string_view $name$_Name($name$ value);
bool $name$_IsValid(int value);
bool $name$_Parse(std::string_view name, $name$* value);

)",
             {{"name", name}});
}

void PrintEnumDefinitions(const EnumDescriptor& enumeration, CodeWriter* out) {
  const std::string name = ClassName(enumeration);
  out->Print(R"(
std::string_view $name$_Name($name$ value) {
  switch (static_cast<int32_t>(value)) {
)",
             {{"name", name}});
  std::vector<int32_t> seen;  // an alias has the number of a value before it
  for (const EnumValueDescriptor& value : enumeration.values) {
    if (std::find(seen.begin(), seen.end(), value.number) != seen.end()) continue;
    seen.push_back(value.number);
    const std::string number =
        value.number == INT32_MIN ? "-2147483647 - 1" : std::to_string(value.number);
    out->Print("    case $number$:\n      return \"$value$\";\n",
               {{"number", number}, {"value", value.name}});
  }
  out->Print(R"(    default:
      return "";
  }
}
bool $name$_IsValid(int value) { return !$name$_Name(static_cast<$name$>(value)).empty(); }
bool $name$_Parse(std::string_view name, $name$* value) {
)",
             {{"name", name}});
  for (const EnumValueDescriptor& value : enumeration.values) {
    const std::string cpp = enumeration.parent != nullptr ? name + "_" + CppIdentifier(value.name)
                                                          : CppIdentifier(value.name);
    out->Print("  if (name == \"$value$\") {\n    *value = $cpp$;\n    return true;\n  }\n",
               {{"value", value.name}, {"cpp", cpp}});
  }
  out->Print("  return false;\n}\n");
}

std::string MessagesHeader(const FileDescriptor& file, const std::vector<MessageCode>& messages) {
  CodeWriter out;
  const std::string guard = IncludeGuard(WithoutProtoSuffix(file.path), ".penstock.h");
  PrintBanner(file, &out);
  out.Print(R"(#ifndef $guard$
#define $guard$

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/message.h"
)",
            {{"guard", guard}});
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
#include <cstring>

#include "penstock/codec/generated.h"

)",
            {{"path", WithoutProtoSuffix(file.path)}});
  OpenNamespace(file, &out);
  if (!messages.empty()) {
    out.Print(R"(namespace {

using ::penstock::codec::FieldLayout;
using ::penstock::codec::FieldShape;
using ::penstock::codec::FieldType;
using ::penstock::codec::MessageAccess;
using ::penstock::codec::MessageLayout;
using ::penstock::codec::MessageOperations;
using ::penstock::codec::Parser;
using ::penstock::codec::StringRule;
using ::penstock::codec::Writer;
using ::penstock::wire::Bytes;

)");
    for (const MessageCode& message : messages) message.PrintDefaultInstance(&out);
    out.Print("\n}  // namespace\n");
  }
  for (const EnumDescriptor* enumeration : AllEnums(file)) PrintEnumDefinitions(*enumeration, &out);
  for (const MessageCode& message : messages) message.PrintDefinitions(&out);
  out.Print("\n");
  CloseNamespace(file, &out);
  return out.text();
}

}  // namespace

std::vector<GeneratedFile> GenerateCpp(const FileDescriptor& file, Diagnostics* diagnostics) {
  RefuseWhatIsMissing(file, diagnostics);
  if (!diagnostics->ok()) return {};
  std::vector<MessageCode> messages;
  for (const MessageDescriptor* message : AllMessages(file)) messages.emplace_back(file, *message);
  const std::string path = WithoutProtoSuffix(file.path);
  std::vector<GeneratedFile> files;
  files.push_back({path + ".penstock.h", MessagesHeader(file, messages)});
  files.push_back({path + ".penstock.cc", MessagesSource(file, messages)});
  CodeWriter server;
  PrintBanner(file, &server);
  PrintServerHeader(file, diagnostics, &server);
  files.push_back({path + ".server.h", server.text()});
  return files;
}

}  // namespace penstock::codec::compiler
