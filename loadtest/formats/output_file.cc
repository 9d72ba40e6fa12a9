#include "penstock/loadtest/formats/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace penstock::loadtest {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kModeOfNew = 0666;  // less the umask

// As many as Linux follows.
constexpr int kLinksMax = 40;

// The file behind the links that `path` goes through, also where the last of them leads to none
// yet; `path` itself where it is no link. "": errno says why.
std::string RealPathOf(const std::string& path) {
  fs::path at = path;
  for (int links = 0; links <= kLinksMax; ++links) {
    std::error_code is_no_link;
    const fs::path next = fs::read_symlink(at, is_no_link);
    if (is_no_link) return at.string();
    at = at.parent_path() / next;  // which is `next` alone where that begins at the root
  }
  errno = ELOOP;
  return "";
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    if (written == 0) {  // no file does that; to go on would be without an end
      errno = EIO;
      return false;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

std::string OutputFile::Probe() const {
  struct stat state {};
  if (is_stdout()) return "";
  const bool exists = ::stat(path_.c_str(), &state) == 0;
  if (exists && ::access(path_.c_str(), W_OK) != 0) return Refuse(errno);
  if (exists && S_ISDIR(state.st_mode)) return Refuse(EISDIR);
  // Nobody may read a pipe yet.
  if (exists && !S_ISREG(state.st_mode)) return "";
  std::string beside, real_path;
  const int file = Open(&beside, &real_path);
  if (file < 0) return Refuse(errno);
  ::close(file);
  ::unlink(beside.c_str());
  return "";
}

std::string OutputFile::Write(std::string_view text) const {
  if (is_stdout()) {  // whether it arrived is seen at the end of the program
    std::fwrite(text.data(), 1, text.size(), stdout);
    return "";
  }
  std::string beside, real_path;
  const int file = Open(&beside, &real_path);
  if (file < 0) return Refuse(errno);
  bool done = WriteAll(file, text);
  int error = done ? 0 : errno;
  done = ::close(file) == 0 && done;
  if (done && !beside.empty()) done = ::rename(beside.c_str(), real_path.c_str()) == 0;
  if (done) return "";
  if (error == 0) error = errno;
  if (!beside.empty()) ::unlink(beside.c_str());
  return Refuse(error);
}

int OutputFile::Open(std::string* beside, std::string* real_path) const {
  struct stat state {};
  const bool exists = ::stat(path_.c_str(), &state) == 0;
  if (exists && !S_ISREG(state.st_mode)) return ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  *real_path = RealPathOf(path_);
  if (real_path->empty()) return -1;
  *beside = *real_path + "." + std::to_string(::getpid()) + ".part";
  const int file =
      ::open(beside->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kModeOfNew);
  if (file >= 0 && exists) static_cast<void>(!::fchmod(file, state.st_mode & 07777));
  return file;
}

std::string OutputFile::Refuse(int error) const {
  return "cannot write the results to " + (is_stdout() ? "stdout" : "the file " + path_) + ": " +
         std::strerror(error) + "; check the path, and that this user may write there";
}

}  // namespace penstock::loadtest
