// DiskFile: an open file, as both the server and the client want it: read and written piece by
// piece, with a Status where the system refuses.
//
//     DiskFile file;
//     if (Status status = file.Open(AT_FDCWD, path, O_RDONLY, path); !status.ok()) ...
//     StatusOr<std::string_view> piece = file.Read();      // "" at the end
//
// Reads and writes block: for microseconds where the page cache has the piece, or takes it; for as
// long as the disk takes where it does not.
//
// Limits: pieces of kPieceBytes; Write() takes any.
#ifndef PENSTOCK_EXAMPLES_FILE_TRANSFER_DISK_FILE_H_
#define PENSTOCK_EXAMPLES_FILE_TRANSFER_DISK_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"

namespace filetransfer {

class DiskFile {
 public:
  static constexpr size_t kPieceBytes = 64 * 1024;

  DiskFile() = default;
  ~DiskFile() { (void)Close(); }  // who cares asks before
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  // `path` is looked for in `folder_fd`, or AT_FDCWD; `flags` are open(2)'s; errors call it `name`.
  // NOT_FOUND where there is none, FAILED_PRECONDITION where it is no file, RESOURCE_EXHAUSTED
  // without room for it.
  penstock::Status Open(int folder_fd, const std::string& path, int flags, std::string_view name);
  bool is_open() const { return fd_ >= 0; }
  // When it was opened, and what was written since.
  uint64_t size_bytes() const { return size_bytes_; }

  // The next piece, which lives until the next Read(); "" at the end.
  penstock::StatusOr<std::string_view> Read();
  penstock::Status Write(std::string_view piece);
  // What is behind is gone; Read() and Write() go on at the end.
  penstock::Status Truncate(uint64_t size_bytes);
  // An error of a write that was put off.
  penstock::Status Close();

 private:
  int fd_ = -1;
  std::string name_;
  uint64_t size_bytes_ = 0;
  std::unique_ptr<char[]> room_;  // of Read()
};

// The checksum of `before` and of `piece` behind it; 0 is that of nothing.
uint32_t Crc32(uint32_t before, std::string_view piece);

}  // namespace filetransfer

#endif  // PENSTOCK_EXAMPLES_FILE_TRANSFER_DISK_FILE_H_
