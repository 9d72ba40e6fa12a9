#include "penstock/loadtest/read_file.h"

#include <cerrno>

namespace penstock::loadtest {

bool ReadStream(std::FILE* file, std::string* content, size_t bytes_max) {
  content->clear();
  char part[16 * 1024];
  size_t bytes = 0;
  while ((bytes = std::fread(part, 1, sizeof part, file)) > 0) {
    content->append(part, bytes);
    if (content->size() <= bytes_max) continue;
    errno = EFBIG;
    return false;
  }
  return std::ferror(file) == 0;
}

bool ReadFile(const std::string& path, std::string* content, size_t bytes_max) {
  content->clear();
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  const bool done = ReadStream(file, content, bytes_max);
  const int error = errno;
  std::fclose(file);
  errno = error;
  return done;
}

}  // namespace penstock::loadtest
