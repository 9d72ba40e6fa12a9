// ReadFile: all that stands in a file that a flag names.
//
//     std::string json;
//     if (!ReadFile("cart.json", &json)) return std::string(std::strerror(errno));
//
// A directory is an error, too. (An ifstream opens one, and throws when its iterators read.)
#ifndef PENSTOCK_LOADTEST_READ_FILE_H_
#define PENSTOCK_LOADTEST_READ_FILE_H_

#include <string>

namespace penstock::loadtest {

// False: it cannot be read, errno says why, and `*content` is what could be.
[[nodiscard]] bool ReadFile(const std::string& path, std::string* content);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_READ_FILE_H_
