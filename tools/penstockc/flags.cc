#include "penstock/tools/penstockc/flags.h"

#include "penstock/wire/suggestion.h"
#include "penstock/wire/version.h"

namespace penstock::penstockc {

const std::string_view kVersion = "penstockc " PENSTOCK_VERSION "\n";

const std::string_view kHelp = R"(penstockc: C++ messages and services from .proto files.

  penstockc --cpp_out=out hello.proto
  penstockc -I protos -I vendor/protos --cpp_out=out protos/shop/cart.proto
  penstockc -I protos protos/shop/*.proto        (only checks them)

For dir/x.proto it writes dir/x.penstock.h, dir/x.penstock.cc (messages) and dir/x.server.h
(services) below the output folder.

  -I DIR, --proto_path=DIR     a folder where imports begin; may be repeated; default: .
  --cpp_out=DIR                where to write C++; must exist
  --missing_import_hint=TEXT   what to advise when an import is not found
  --help, --version

Exit status: 0 all is well; 1 a .proto has errors, or a file cannot be read or written;
64 the command line is wrong.
)";

namespace {

std::string UnknownFlag(const std::string& argument) {
  static const std::vector<std::string> kFlags = {
      "-I", "--proto_path", "--cpp_out", "--missing_import_hint", "--help", "--version"};
  const std::string name = argument.substr(0, argument.find('='));
  std::string error = "unknown flag " + name;
  const std::string nearest = wire::NearestOf(name, kFlags);
  if (!nearest.empty()) error += "; did you mean " + nearest + "?";
  return error + " (see penstockc --help)";
}

}  // namespace

bool ParseFlags(const std::vector<std::string>& arguments, Flags* flags, std::string* error) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      flags->help = true;
      continue;
    }
    if (argument == "--version") {
      flags->version = true;
      continue;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      flags->protos.push_back(argument);
      continue;
    }
    std::string name = argument.substr(0, argument.find('='));
    std::string value;
    bool has_value = name.size() < argument.size();
    if (has_value) value = argument.substr(name.size() + 1);
    if (argument.starts_with("-I") && argument.size() > 2 && argument[2] != '=') {
      name = "-I";
      value = argument.substr(2);
      has_value = true;
    }
    const bool known = name == "-I" || name == "--proto_path" || name == "--cpp_out" ||
                       name == "--missing_import_hint";
    if (!known) {
      *error = UnknownFlag(argument);
      return false;
    }
    if (!has_value) {
      if (i + 1 == arguments.size()) {
        *error = name + " needs a value: " + name + (name == "-I" ? " DIR" : "=VALUE");
        return false;
      }
      value = arguments[++i];
    }
    if (name == "--cpp_out") {
      flags->cpp_out = value;
    } else if (name == "--missing_import_hint") {
      flags->missing_import_hint = value;
    } else {
      flags->roots.push_back(value.empty() ? "." : value);
    }
  }
  if (flags->roots.empty()) flags->roots.emplace_back(".");
  return true;
}

}  // namespace penstock::penstockc
