#include "penstock/reactor/address_holder.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string_view>

namespace penstock::reactor {
namespace {

// "0A" in the column "st" of /proc/net/tcp: TCP_LISTEN.
constexpr unsigned kListenState = 0x0a;

// More entries than that are not read: the sentence is not worth a long start.
constexpr int kEntriesMax = 65'536;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::string NameProcess(pid_t pid) {
  if (pid == ::getpid()) return "this process";
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
  return "process " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

std::string NameUnixHolder(const Address& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return "";
  ucred peer{};
  socklen_t bytes = sizeof(peer);
  // The credentials are those of whoever called listen().
  const bool is_known = ::connect(fd, address.get(), address.bytes()) == 0 &&
                        ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) == 0;
  ::close(fd);
  return is_known && peer.pid > 0 ? NameProcess(peer.pid) : "";
}

// The inode of a socket that listens on the port, on whichever interface; 0: none.
uint64_t InodeOfListener(const char* table, uint16_t port) {
  std::ifstream file(table);
  std::string line;
  for (int count = 0; count < kEntriesMax && std::getline(file, line); ++count) {
    unsigned line_port = 0;
    unsigned state = 0;
    uint64_t inode = 0;
    // sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode
    const int found = sscanf(line.c_str(),
                             " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*s %*s %" SCNu64,
                             &line_port, &state, &inode);
    if (found == 3 && state == kListenState && line_port == port) return inode;
  }
  return 0;
}

bool HoldsInode(const std::string& fds, std::string_view link_wanted) {
  const Directory directory(::opendir(fds.c_str()));
  if (directory == nullptr) return false;
  for (int count = 0; count < kEntriesMax; ++count) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) return false;
    char link[64];
    const ssize_t bytes = ::readlinkat(::dirfd(directory.get()), entry->d_name, link, sizeof(link));
    if (bytes > 0 && std::string_view(link, static_cast<size_t>(bytes)) == link_wanted) return true;
  }
  return false;
}

std::string NameTcpHolder(uint16_t port) {
  uint64_t inode = InodeOfListener("/proc/net/tcp", port);
  if (inode == 0) inode = InodeOfListener("/proc/net/tcp6", port);
  if (inode == 0) return "";
  const std::string link = "socket:[" + std::to_string(inode) + "]";
  const Directory directory(::opendir("/proc"));
  if (directory == nullptr) return "";
  for (int count = 0; count < kEntriesMax; ++count) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) return "";
    const pid_t pid = ::atoi(entry->d_name);
    if (pid > 0 && HoldsInode("/proc/" + std::to_string(pid) + "/fd", link)) {
      return NameProcess(pid);
    }
  }
  return "";
}

}  // namespace

std::string NameHolder(const Address& address) {
  return address.is_unix() ? NameUnixHolder(address) : NameTcpHolder(address.port());
}

}  // namespace penstock::reactor
