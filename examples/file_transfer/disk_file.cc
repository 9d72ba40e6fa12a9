#include "penstock/examples/file_transfer/disk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace filetransfer {
namespace {

using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;

StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT: return StatusCode::kNotFound;
    case EISDIR:
    case ELOOP:  // a link, where none is followed
    case ENOTDIR: return StatusCode::kFailedPrecondition;
    case EACCES:
    case EPERM:
    case EROFS: return StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE: return StatusCode::kResourceExhausted;
    default: return StatusCode::kInternal;
  }
}

// "cannot open the file a.txt: No such file or directory"
Status Refusal(const char* action, const std::string& name, int error) {
  return MakeStatus(CodeOf(error), std::string("cannot ") + action + " the file " + name + ": " +
                                       std::strerror(error));
}

}  // namespace

Status DiskFile::Open(int folder_fd, const std::string& path, int flags, std::string_view name) {
  constexpr mode_t kMode = 0644;
  name_ = name;
  // Not for a pipe's other end: what is no file is refused.
  fd_ = ::openat(folder_fd, path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, kMode);
  if (fd_ < 0) return Refusal("open", name_, errno);
  struct stat about;
  if (::fstat(fd_, &about) != 0) return Refusal("open", name_, errno);
  if (!S_ISREG(about.st_mode)) {
    return MakeStatus(StatusCode::kFailedPrecondition, name_ + " is not a file");
  }
  size_bytes_ = static_cast<uint64_t>(about.st_size);
  return OkStatus();
}

StatusOr<std::string_view> DiskFile::Read() {
  if (room_ == nullptr) room_ = std::make_unique<char[]>(kPieceBytes);
  for (;;) {
    const ssize_t count = ::read(fd_, room_.get(), kPieceBytes);
    if (count >= 0) return std::string_view(room_.get(), static_cast<size_t>(count));
    if (errno != EINTR) return Refusal("read", name_, errno);
  }
}

Status DiskFile::Write(std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t count = ::write(fd_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Refusal("write", name_, errno);
    piece.remove_prefix(static_cast<size_t>(count));
    size_bytes_ += static_cast<uint64_t>(count);
  }
  return OkStatus();
}

Status DiskFile::Truncate(uint64_t size_bytes) {
  const auto size = static_cast<off_t>(size_bytes);
  if (::ftruncate(fd_, size) != 0 || ::lseek(fd_, size, SEEK_SET) < 0) {
    return Refusal("shorten", name_, errno);
  }
  size_bytes_ = size_bytes;
  return OkStatus();
}

Status DiskFile::Close() {
  if (fd_ < 0) return OkStatus();
  return ::close(std::exchange(fd_, -1)) == 0 ? OkStatus() : Refusal("close", name_, errno);
}

uint32_t Crc32(uint32_t before, std::string_view piece) {
  return static_cast<uint32_t>(::crc32_z(
      before, reinterpret_cast<const unsigned char*>(piece.data()), piece.size()));
}

}  // namespace filetransfer
