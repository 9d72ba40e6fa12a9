#include "penstock/codec/json/field_mask_text.h"

#include <cstddef>

namespace penstock::codec::json {
namespace {

bool IsSmall(char c) { return c >= 'a' && c <= 'z'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

bool AppendCamelPath(std::string_view path, std::string* out) {
  if (path.empty()) return false;
  const size_t begin = out->size();
  for (size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '_' && i + 1 < path.size() && IsSmall(path[i + 1])) {
      ++i;
      c = static_cast<char>(path[i] - 'a' + 'A');
    } else if (c == '_' || c == ',' || IsCapital(c)) {
      out->resize(begin);
      return false;
    }
    *out += c;
  }
  return true;
}

bool ParseCamelPath(std::string_view camel, std::string* path) {
  if (camel.empty()) return false;
  path->clear();
  for (const char c : camel) {
    if (c == '_') return false;
    if (IsCapital(c)) *path += '_';
    *path += IsCapital(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return true;
}

}  // namespace penstock::codec::json
