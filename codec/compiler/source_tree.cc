#include "penstock/codec/compiler/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "penstock/codec/compiler/well_known_protos.h"

namespace penstock::codec::compiler {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> ReadWellKnown(std::string_view path) {
  const std::string_view text = WellKnownProto(path);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

}  // namespace

std::optional<std::string> DiskSourceTree::Read(std::string_view path) {
  for (const std::string& root : roots_) {
    const fs::path file = fs::path(root) / path;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) continue;
    return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return missing_hint_.empty() ? ReadWellKnown(path) : std::nullopt;
}

std::vector<std::string> DiskSourceTree::Neighbours(std::string_view path) {
  std::vector<std::string> found;
  const fs::path folder = fs::path(path).parent_path();
  for (const std::string& root : roots_) {
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(fs::path(root) / folder, error)) {
      if (entry.path().extension() == ".proto") {
        found.push_back((folder / entry.path().filename()).string());
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string DiskSourceTree::MissingHint(std::string_view path) const {
  if (missing_hint_.empty()) return RootsHint();
  if (WellKnownProto(path).empty()) return missing_hint_;
  return missing_hint_ + " (@penstock//codec/wellknown:" + fs::path(path).stem().string() + ")";
}

std::string DiskSourceTree::RootsHint() const {
  std::string hint = "looked in";
  for (const std::string& root : roots_) hint += " " + root;
  return hint;
}

std::optional<std::string> DiskSourceTree::ImportPath(const std::string& file) const {
  std::error_code error;
  for (const std::string& root : roots_) {
    if (fs::is_regular_file(fs::path(root) / file, error) && !fs::path(file).is_absolute()) {
      return fs::path(file).lexically_normal().generic_string();
    }
    const fs::path below =
        fs::path(file).lexically_normal().lexically_relative(fs::path(root).lexically_normal());
    if (!below.empty() && *below.begin() != ".." && fs::is_regular_file(file, error)) {
      return below.generic_string();
    }
  }
  if (missing_hint_.empty() && !WellKnownProto(file).empty()) return file;
  return std::nullopt;
}

std::optional<std::string> MemorySourceTree::Read(std::string_view path) {
  const auto it = files_.find(path);
  if (it == files_.end()) return ReadWellKnown(path);
  return it->second;
}

std::vector<std::string> MemorySourceTree::Neighbours(std::string_view) {
  std::vector<std::string> paths;
  for (const auto& [path, text] : files_) paths.push_back(path);
  return paths;
}

}  // namespace penstock::codec::compiler
