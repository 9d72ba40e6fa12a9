// SocketFile: the file in which a unix socket of ours shows, so that it can be removed when nobody
// listens there any more.
//
//     ::bind(fd, "/run/app.sock");
//     SocketFile file("/run/app.sock");
//     file.Remove();  // while fd is open
//
// Ownership: of the file's name, by whoever calls Remove(); copies name the same file.
#ifndef PENSTOCK_REACTOR_SOCKET_FILE_H_
#define PENSTOCK_REACTOR_SOCKET_FILE_H_

#include <sys/types.h>

#include <string>

namespace penstock::reactor {

class SocketFile {
 public:
  // None.
  SocketFile() = default;
  // The file that stands at `path` now; none if the path is empty.
  explicit SocketFile(std::string path);

  // Unless something else stands there by now: a successor may have moved its own socket there.
  // Idempotent. 0, or an errno.
  int Remove();

  const std::string& path() const { return path_; }

 private:
  std::string path_;  // empty: none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SOCKET_FILE_H_
