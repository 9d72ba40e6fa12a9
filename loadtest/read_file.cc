#include "penstock/loadtest/read_file.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>

namespace penstock::loadtest {

bool ReadFile(const std::string& path, std::string* content) {
  content->clear();
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char part[16 * 1024];
  size_t bytes = 0;
  while ((bytes = std::fread(part, 1, sizeof part, file)) > 0) content->append(part, bytes);
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  errno = error;
  return error == 0;
}

}  // namespace penstock::loadtest
