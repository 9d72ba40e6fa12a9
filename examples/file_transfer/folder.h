// Folder: where the server keeps its files: all in one folder, none outside of it, and under its
// name a file is whole.
//
//     IncomingFile incoming(&folder);
//     co_await Try(incoming.Begin(name));
//     co_await Try(incoming.Write(piece)); ...
//     co_await Try(incoming.Keep());        // without it the pieces are removed
//
// A name has no folders in it, and no link is followed, whatever lies in the folder.
//
// Threading: any; each file is one coroutine's.
// Limits:    `file_bytes_max` octets for each file.
#ifndef PENSTOCK_EXAMPLES_FILE_TRANSFER_FOLDER_H_
#define PENSTOCK_EXAMPLES_FILE_TRANSFER_FOLDER_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/examples/file_transfer/disk_file.h"
#include "penstock/rpc/status.h"

namespace filetransfer {

class Folder {
 public:
  static constexpr uint64_t kFileBytesMaxDefault = uint64_t{1} << 30;

  Folder() = default;
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // An error is a sentence for who started the server.
  penstock::Status Open(const std::string& path, uint64_t file_bytes_max);

  // NOT_FOUND; INVALID_ARGUMENT for what is no name.
  penstock::Status OpenFile(std::string_view name, DiskFile* file) const;

 private:
  friend class IncomingFile;

  int fd_ = -1;
  uint64_t file_bytes_max_ = kFileBytesMaxDefault;
  std::atomic<uint64_t> incoming_count_{0};  // ever: their names differ
};

// A file that comes piece by piece. One that is not kept is removed when this goes.
class IncomingFile {
 public:
  explicit IncomingFile(Folder* folder) : folder_(*folder) {}
  ~IncomingFile();
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  penstock::Status Begin(std::string_view name);
  // RESOURCE_EXHAUSTED past the folder's file_bytes_max.
  penstock::Status Write(std::string_view piece);
  // It is there under its name, in place of another. It may be gone if the machine, not only the
  // program, stops now: the disk is not waited for.
  penstock::Status Keep();

  const std::string& name() const { return name_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint32_t crc32() const { return crc32_; }

 private:
  Folder& folder_;
  std::string name_;
  std::string incoming_name_;  // "" while there is none
  DiskFile file_;
  uint32_t crc32_ = 0;
};

}  // namespace filetransfer

#endif  // PENSTOCK_EXAMPLES_FILE_TRANSFER_FOLDER_H_
