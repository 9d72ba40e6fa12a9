#include "penstock/reactor/socket_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace penstock::reactor {

SocketFile::SocketFile(std::string path) {
  struct stat file{};
  if (path.empty() || ::lstat(path.c_str(), &file) != 0) return;
  path_ = std::move(path);
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

// Between the look and the removal another process may still come; there is no call that does both.
int SocketFile::Remove() {
  const std::string path = std::exchange(path_, {});
  struct stat file{};
  if (path.empty() || ::lstat(path.c_str(), &file) != 0) return 0;
  if (file.st_dev != device_ || file.st_ino != inode_) return 0;
  return ::unlink(path.c_str()) == 0 ? 0 : errno;
}

}  // namespace penstock::reactor
