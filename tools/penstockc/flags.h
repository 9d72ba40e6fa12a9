// The command line of penstockc.
#ifndef PENSTOCK_TOOLS_PENSTOCKC_FLAGS_H_
#define PENSTOCK_TOOLS_PENSTOCKC_FLAGS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::penstockc {

struct Flags {
  std::vector<std::string> roots;  // -I
  std::string cpp_out;
  std::string descriptor_set_out;
  bool include_imports = false;
  bool include_source_info = false;
  std::string missing_import_hint;
  std::map<std::string, std::string> indirect_imports;  // from the import's path to a label
  std::vector<std::string> protos;
  bool help = false;
  bool version = false;
};

// True, or false with one sentence in *error.
bool ParseFlags(const std::vector<std::string>& arguments, Flags* flags, std::string* error);

extern const std::string_view kHelp;
extern const std::string_view kVersion;

}  // namespace penstock::penstockc

#endif  // PENSTOCK_TOOLS_PENSTOCKC_FLAGS_H_
