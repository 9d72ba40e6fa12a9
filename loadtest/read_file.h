// ReadFile: all that stands in a file that a flag names.
//
//     std::string json;
//     if (!ReadFile("cart.json", &json)) return std::string(std::strerror(errno));
//
// A directory is an error, too. (An ifstream opens one, and throws when its iterators read.)
// Limits: kFileBytesMax; what is longer, such as /dev/zero, is EFBIG.
#ifndef PENSTOCK_LOADTEST_READ_FILE_H_
#define PENSTOCK_LOADTEST_READ_FILE_H_

#include <cstddef>
#include <cstdio>
#include <string>

namespace penstock::loadtest {

// The largest message, 256 MiB, in JSON's base64 and more.
inline constexpr size_t kFileBytesMax = size_t{512} << 20;

// False: it cannot be read, errno says why, and `*content` is what could be.
[[nodiscard]] bool ReadFile(const std::string& path, std::string* content,
                            size_t bytes_max = kFileBytesMax);
// The same of what is open, to its end, such as stdin.
[[nodiscard]] bool ReadStream(std::FILE* file, std::string* content,
                              size_t bytes_max = kFileBytesMax);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_READ_FILE_H_
