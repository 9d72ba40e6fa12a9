#include "penstock/tools/penstockc/flags.h"

#include "penstock/wire/suggestion.h"
#include "penstock/wire/version.h"

namespace penstock::penstockc {

const std::string_view kVersion = "penstockc " PENSTOCK_VERSION "\n";

const std::string_view kHelp = R"(penstockc: C++ messages and services from .proto files.

  penstockc --cpp_out=out hello.proto
  penstockc -I protos -I vendor/protos --cpp_out=out protos/shop/cart.proto
  penstockc -I protos --descriptor_set_out=shop.binpb --include_imports protos/shop/cart.proto
  penstockc -I protos protos/shop/*.proto        (only checks them)

For dir/x.proto it writes dir/x.penstock.h, dir/x.penstock.cc (messages), dir/x.descriptor.cc (for
reflection), dir/x.server.h (services) and dir/x.mock.h (mocks of the services, for gmock) below the
output folder.

  -I DIR, --proto_path=DIR     a folder where imports begin; may be repeated; default: .
  --cpp_out=DIR                where to write C++; must exist
  --descriptor_set_out=FILE, -o FILE
                               write a FileDescriptorSet, as protoc does, for tools that read one
  --include_imports            ... with all files that the named ones import
  --include_source_info        ... with places and comments
  --missing_import_hint=TEXT   what to advise when an import is not found
  --indirect_import=PATH=LABEL of a build system: an import of PATH needs a dependency on LABEL;
                               may be repeated
  --help, --version

Exit status: 0 all is well; 1 a .proto has errors, or a file cannot be read or written;
64 the command line is wrong.
)";

namespace {

std::string UnknownFlag(const std::string& argument) {
  static const std::vector<std::string> kFlags = {"-I",
                                                  "-o",
                                                  "--proto_path",
                                                  "--cpp_out",
                                                  "--descriptor_set_out",
                                                  "--include_imports",
                                                  "--include_source_info",
                                                  "--missing_import_hint",
                                                  "--indirect_import",
                                                  "--help",
                                                  "--version"};
  const std::string name = argument.substr(0, argument.find('='));
  std::string error = "unknown flag " + name;
  const std::string nearest = wire::NearestOf(name, kFlags);
  if (!nearest.empty()) error += "; did you mean " + nearest + "?";
  return error + " (see penstockc --help)";
}

// Flags without a value; null when `argument` is none.
bool* SwitchOf(const std::string& argument, Flags* flags) {
  if (argument == "--help" || argument == "-h") return &flags->help;
  if (argument == "--version") return &flags->version;
  if (argument == "--include_imports") return &flags->include_imports;
  if (argument == "--include_source_info") return &flags->include_source_info;
  return nullptr;
}

// Flags that take a text, but for the folders of -I; null when `name` is none.
std::string* TextOf(const std::string& name, Flags* flags) {
  if (name == "--cpp_out") return &flags->cpp_out;
  if (name == "--descriptor_set_out" || name == "-o") return &flags->descriptor_set_out;
  if (name == "--missing_import_hint") return &flags->missing_import_hint;
  return nullptr;
}

// "-Idir" and "-ofile" are a name and a value without "=" between them.
bool IsShortWithValue(const std::string& argument) {
  return (argument.starts_with("-I") || argument.starts_with("-o")) && argument.size() > 2 &&
         argument[2] != '=';
}

std::string WhatGoesTogether(const Flags& flags) {
  if (!flags.descriptor_set_out.empty()) return "";
  const char* flag = flags.include_imports       ? "--include_imports"
                     : flags.include_source_info ? "--include_source_info"
                                                 : nullptr;
  if (flag == nullptr) return "";
  return std::string(flag) + " is about --descriptor_set_out: add --descriptor_set_out=FILE";
}

}  // namespace

bool ParseFlags(const std::vector<std::string>& arguments, Flags* flags, std::string* error) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (bool* const on = SwitchOf(argument, flags)) {
      *on = true;
      continue;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      flags->protos.push_back(argument);
      continue;
    }
    const bool is_short = IsShortWithValue(argument);
    const std::string name =
        is_short ? argument.substr(0, 2) : argument.substr(0, argument.find('='));
    if (SwitchOf(name, flags) != nullptr) {
      *error = name + " takes no value";
      return false;
    }
    std::string* const text = TextOf(name, flags);
    const bool is_root = name == "-I" || name == "--proto_path";
    const bool is_indirect = name == "--indirect_import";
    if (text == nullptr && !is_root && !is_indirect) {
      *error = UnknownFlag(argument);
      return false;
    }
    std::string value;
    if (is_short) {
      value = argument.substr(2);
    } else if (name.size() < argument.size()) {
      value = argument.substr(name.size() + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      *error = name + " needs a value: " + name + (name.starts_with("--") ? "=VALUE" : " VALUE");
      return false;
    }
    if (is_root) {
      flags->roots.push_back(value.empty() ? "." : value);
    } else if (is_indirect) {
      const size_t equals = value.find('=');
      if (equals == std::string::npos) {
        *error = "--indirect_import needs PATH=LABEL, as in a/b.proto=//a:b";
        return false;
      }
      flags->indirect_imports.emplace(value.substr(0, equals), value.substr(equals + 1));
    } else {
      *text = value;
    }
  }
  if (flags->roots.empty()) flags->roots.emplace_back(".");
  *error = WhatGoesTogether(*flags);
  return error->empty();
}

}  // namespace penstock::penstockc
