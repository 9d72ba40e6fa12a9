#include "penstock/reactor/inherited_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"

namespace penstock::reactor {
namespace {

constexpr std::string_view kSystemdPrefix = "systemd:";
constexpr std::string_view kFdPrefix = "fd:";

std::optional<std::string> Environment(const char* name) {
  const char* value = ::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; !text.empty() && begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int IntOption(int fd, int option) {
  int value = 0;
  socklen_t bytes = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &bytes) == 0 ? value : -errno;
}

// What is wrong with it, or "".
std::string TroubleWith(int fd) {
  const std::string name = "descriptor " + std::to_string(fd);
  const int type = IntOption(fd, SO_TYPE);
  if (type == -EBADF) return name + " is not open: it was not passed to this process";
  if (type == -ENOTSOCK) return name + " is not a socket";
  if (type < 0) return name + ": " + ErrorText(-type);
  if (type != SOCK_STREAM) {
    return name + " is not a stream socket: use ListenStream= in the .socket unit";
  }
  if (IntOption(fd, SO_ACCEPTCONN) != 1) {
    return name + " does not listen: use Accept=no in the .socket unit, or call listen() on it";
  }
  return "";
}

// As those of OpenListeningSocket() are.
void Prepare(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  const std::optional<Address> address = Address::OfLocalEnd(fd);
  const int on = 1;
  if (address && !address->is_unix()) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
}

// How many were passed; 0 with the reason.
int PassedCount(const SocketActivation& activation, std::string* why) {
  if (!activation.count || !activation.pid) {
    *why =
        "no sockets were passed to this process (LISTEN_FDS is not set): start it by a .socket "
        "unit, or listen on an address";
    return 0;
  }
  if (Number(*activation.pid) != ::getpid()) {
    *why = "the sockets were passed to process " + *activation.pid + " (LISTEN_PID), and this is " +
           std::to_string(::getpid()) + ": a shell between systemd and the program must exec it";
    return 0;
  }
  const std::optional<int> count = Number(*activation.count);
  if (!count || *count < 1 || *count > kInheritedSocketsMax) {
    *why = "LISTEN_FDS is '" + *activation.count + "', not a number from 1 to " +
           std::to_string(kInheritedSocketsMax);
    return 0;
  }
  return *count;
}

std::vector<int> Passed(std::string_view name, const SocketActivation& activation,
                        std::string* why) {
  std::vector<int> fds;
  const int count = PassedCount(activation, why);
  const std::vector<std::string> names = Split(activation.names.value_or(""), ':');
  std::string others;
  for (int i = 0; i < count; ++i) {
    // As sd_listen_fds_with_names() calls them.
    const auto index = static_cast<size_t>(i);
    const std::string& its = index < names.size() ? names[index] : "unknown";
    if (name.empty() || its == name) {
      fds.push_back(activation.first_fd + i);
    } else {
      others += (others.empty() ? "'" : ", '") + its + "'";
    }
  }
  if (count > 0 && fds.empty()) {
    *why = "no socket of that name was passed, but " + others +
           ": FileDescriptorName= of the .socket unit says it";
  }
  return fds;
}

}  // namespace

SocketActivation SocketActivation::OfProcess() {
  SocketActivation activation;
  activation.pid = Environment("LISTEN_PID");
  activation.count = Environment("LISTEN_FDS");
  activation.names = Environment("LISTEN_FDNAMES");
  return activation;
}

bool IsInherited(std::string_view text) {
  return text.starts_with(kSystemdPrefix) || text.starts_with(kFdPrefix);
}

bool IsListenable(std::string_view text, std::string* why) {
  if (text.starts_with(kSystemdPrefix)) return true;
  if (!text.starts_with(kFdPrefix)) return Address::IsWellFormed(text, why);
  if (Number(text.substr(kFdPrefix.size()))) return true;
  *why = "write fd:NUMBER, for example fd:3";
  return false;
}

std::vector<int> TakeInheritedSockets(std::string_view text, const SocketActivation& activation,
                                      std::string* why) {
  std::vector<int> fds;
  std::string trouble;
  if (text.starts_with(kSystemdPrefix)) {
    fds = Passed(text.substr(kSystemdPrefix.size()), activation, &trouble);
  } else if (IsListenable(text, &trouble)) {
    fds.push_back(*Number(text.substr(kFdPrefix.size())));
  }
  for (const int fd : fds) {
    if (trouble.empty()) trouble = TroubleWith(fd);
  }
  if (!trouble.empty()) {
    *why = "cannot listen on " + std::string(text) + ": " + trouble;
    return {};
  }
  for (const int fd : fds) Prepare(fd);
  return fds;
}

}  // namespace penstock::reactor
