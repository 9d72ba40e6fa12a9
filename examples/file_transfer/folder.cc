#include "penstock/examples/file_transfer/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace filetransfer {
namespace {

using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;

constexpr size_t kNameBytesMax = 200;

// Names with a dot in front are the folder's own.
Status CheckName(std::string_view name) {
  const auto is_refused = [](char octet) {
    return octet == '/' || octet == '\\' || static_cast<unsigned char>(octet) < ' ';
  };
  if (!name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
      std::none_of(name.begin(), name.end(), is_refused)) {
    return OkStatus();
  }
  return MakeStatus(StatusCode::kInvalidArgument,
                    "this is no name for a file here: one has 1 to " +
                        std::to_string(kNameBytesMax) +
                        " octets, no slash, no control character, and no dot in front");
}

}  // namespace

Folder::~Folder() {
  if (fd_ >= 0) ::close(fd_);
}

Status Folder::Open(const std::string& path, uint64_t file_bytes_max) {
  file_bytes_max_ = file_bytes_max;
  fd_ = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd_ >= 0) return OkStatus();
  return MakeStatus(StatusCode::kFailedPrecondition, "cannot serve the files of " + path + ": " +
                                                         std::strerror(errno) +
                                                         "; make the folder first");
}

Status Folder::OpenFile(std::string_view name, DiskFile* file) const {
  if (Status status = CheckName(name); !status.ok()) return status;
  return file->Open(fd_, std::string(name), O_RDONLY | O_NOFOLLOW, name);
}

IncomingFile::~IncomingFile() {
  if (!incoming_name_.empty()) ::unlinkat(folder_.fd_, incoming_name_.c_str(), 0);
}

Status IncomingFile::Begin(std::string_view name) {
  if (Status status = CheckName(name); !status.ok()) return status;
  name_ = name;
  // Another server may serve the same folder: each process has names of its own.
  const std::string incoming_name =
      ".incoming-" + std::to_string(::getpid()) + "-" +
      std::to_string(folder_.incoming_count_.fetch_add(1, std::memory_order_relaxed));
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  Status status = file_.Open(folder_.fd_, incoming_name, kFlags, name);
  if (file_.is_open()) incoming_name_ = incoming_name;
  return status;
}

Status IncomingFile::Write(std::string_view piece) {
  if (piece.size() > folder_.file_bytes_max_ - file_.size_bytes()) {
    return MakeStatus(StatusCode::kResourceExhausted,
                      "the file is longer than " + std::to_string(folder_.file_bytes_max_) +
                          " octets, which is what this server takes");
  }
  crc32_ = Crc32(crc32_, piece);
  return file_.Write(piece);
}

Status IncomingFile::Keep() {
  if (Status status = file_.Close(); !status.ok()) return status;
  if (::renameat(folder_.fd_, incoming_name_.c_str(), folder_.fd_, name_.c_str()) != 0) {
    return MakeStatus(StatusCode::kInternal,
                      "cannot give the file its name, " + name_ + ": " + std::strerror(errno));
  }
  incoming_name_.clear();
  return OkStatus();
}

}  // namespace filetransfer
