#include "penstock/codec/compiler/descriptor_code.h"

#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// The octets as string literals, a line each.
std::string Literals(std::string_view octets) {
  constexpr size_t kLineColumns = 90;
  // Brackets, too, so that those of the code can be counted.
  constexpr std::string_view kEscaped = "\"\\?{}()[]";
  std::string text;
  std::string line;
  const auto end_line = [&] {
    text += "    \"" + line + "\"\n";
    line.clear();
  };
  for (char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    const bool is_plain = octet >= 0x20 && octet < 0x7f && kEscaped.find(c) == kEscaped.npos;
    if (!is_plain) {
      const char digits[] = {static_cast<char>('0' + (octet >> 6)),
                             static_cast<char>('0' + (octet >> 3 & 7)),
                             static_cast<char>('0' + (octet & 7))};
      line += '\\';
      line.append(digits, 3);
    } else {
      line += c;
    }
    if (line.size() >= kLineColumns) end_line();
  }
  if (!line.empty() || text.empty()) end_line();
  text.pop_back();
  return text;
}

void PrintMessages(const FileDescriptor& file, const std::vector<const MessageDescriptor*>& all,
                   CodeWriter* out) {
  if (all.empty()) return;
  const std::string scope = file.package.empty() ? "::" : "::" + CppNamespace(file.package) + "::";
  out->Print("\nconst EmbeddedMessage kMessages[] = {\n");
  for (const MessageDescriptor* message : all) {
    out->Print("    {$class$::kFullName, &MessageAccess::Layout<$class$>()},\n",
               {{"class", scope + ClassName(*message)}});
  }
  out->Print("};\n");
}

}  // namespace

std::string FileConstant(std::string_view path) {
  static constexpr char kHexDigits[] = "0123456789abcdef";
  std::string name = "File_";
  for (char c : path) {
    const auto octet = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      name += c;
    } else if (c == '_') {
      name += "_u";
    } else if (c == '/') {
      name += "_s";
    } else if (c == '.') {
      name += "_d";
    } else {
      name += {'_', 'x', kHexDigits[octet >> 4], kHexDigits[octet & 15]};
    }
  }
  return name;
}

void PrintDescriptorSource(const FileDescriptor& file, CodeWriter* out) {
  const std::vector<const MessageDescriptor*> all = AllMessages(file);
  const std::string constant = FileConstant(file.path);
  out->Print(R"(#include "$path$.penstock.h"
#include "penstock/codec/embedded_file.h"

namespace penstock::codec::embedded {
)",
             {{"path", WithoutProtoSuffix(file.path)}});
  for (const ImportDescriptor& import : file.imports) {
    out->Print("extern const EmbeddedFile $name$;\n", {{"name", FileConstant(import.path)}});
  }
  out->Print("extern const EmbeddedFile $constant$;\n\nnamespace {\n\n", {{"constant", constant}});
  out->Print("constexpr char kOctets[] =\n$octets$;\n",
             {{"octets", Literals(WriteFileDescriptor(file, Places::kLeaveOut))}});
  PrintMessages(file, all, out);
  if (!file.imports.empty()) {
    out->Print("\nconst EmbeddedFile* const kImports[] = {\n");
    for (const ImportDescriptor& import : file.imports) {
      out->Print("    &$name$,\n", {{"name", FileConstant(import.path)}});
    }
    out->Print("};\n");
  }
  out->Print(R"(
}  // namespace

const EmbeddedFile $constant$ = {
    .octets = {kOctets, sizeof kOctets - 1},
    .imports = $imports$,
    .import_count = $import_count$,
    .messages = $messages$,
    .message_count = $message_count$,
};

}  // namespace penstock::codec::embedded

)",
             {{"constant", constant},
              {"imports", file.imports.empty() ? "nullptr" : "kImports"},
              {"import_count", std::to_string(file.imports.size())},
              {"messages", all.empty() ? "nullptr" : "kMessages"},
              {"message_count", std::to_string(all.size())}});
  OpenNamespace(file, out);
  for (const MessageDescriptor* message : all) {
    out->Print(R"(const ::penstock::codec::EmbeddedFile& $class$::File_() {
  return ::penstock::codec::embedded::$constant$;
}
)",
               {{"class", ClassName(*message)}, {"constant", constant}});
  }
  CloseNamespace(file, out);
}

}  // namespace penstock::codec::compiler
