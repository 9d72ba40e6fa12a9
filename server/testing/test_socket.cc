#include "penstock/server/testing/test_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace penstock::test {
namespace {

int Connect(const std::string& address) {
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    sockaddr_un target{};
    target.sun_family = AF_UNIX;
    std::strncpy(target.sun_path, address.c_str() + kUnix.size(), sizeof target.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target) == 0) return fd;
    ::close(fd);
    return -1;
  }
  const size_t colon = address.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

TestSocket::TestSocket(const std::string& address) : fd_(Connect(address)) {
  if (fd_ >= 0) return;
  ADD_FAILURE() << "cannot connect to " << address << ": " << std::strerror(errno);
  failed_ = ended_ = true;
}

TestSocket::~TestSocket() { Close(); }

bool TestSocket::Wait(bool for_room, bool* readable, bool* writable) {
  *readable = *writable = false;
  if (failed_ || fd_ < 0) return false;
  pollfd poll{fd_, static_cast<short>((ended_ ? 0 : POLLIN) | (for_room ? POLLOUT : 0)), 0};
  if (::poll(&poll, 1, kPatienceMs) != 1) {
    ADD_FAILURE() << "the server is silent";
    failed_ = true;
    return false;
  }
  *readable = (poll.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !ended_;
  *writable = (poll.revents & POLLOUT) != 0;
  return true;
}

void TestSocket::Write(std::string_view bytes) {
  bool readable = false, writable = true;
  while (!bytes.empty() && !reset_) {
    const size_t written = WriteSome(bytes);
    bytes.remove_prefix(written);
    if (written == 0 && !Wait(true, &readable, &writable)) return;
  }
}

size_t TestSocket::WriteSome(std::string_view bytes) {
  if (fd_ < 0) return 0;
  const ssize_t written = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written >= 0) return static_cast<size_t>(written);
  if (errno != EAGAIN && errno != EINTR) reset_ = true;
  return 0;
}

std::string TestSocket::Read() {
  bool readable = false, writable = false;
  std::string bytes(64 * 1024, '\0');
  while (!ended_ && Wait(false, &readable, &writable)) {
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) {
      ended_ = true;
      reset_ = count < 0;
      break;
    }
    bytes.resize(static_cast<size_t>(count));
    return bytes;
  }
  return "";
}

std::string TestSocket::ReadToEnd() {
  std::string all;
  for (std::string piece = Read(); !piece.empty(); piece = Read()) all += piece;
  return all;
}

void TestSocket::CloseWrite() { ::shutdown(fd_, SHUT_WR); }

void TestSocket::Close(bool reset) {
  if (fd_ < 0) return;
  const linger hard{1, 0};
  if (reset) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
  ended_ = true;
}

}  // namespace penstock::test
