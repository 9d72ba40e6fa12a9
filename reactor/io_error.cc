#include "penstock/reactor/io_error.h"

#include <errno.h>
#include <string.h>

#include <cctype>

namespace penstock::reactor {
namespace {

constexpr std::string_view kInProcessPrefix = "inproc:";

// What the errno of a refused io_uring call means.
std::string_view UringCause(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return "disabled by kernel.io_uring_disabled or a seccomp profile (Docker's default)";
    case ENOSYS:
      return "this kernel has no io_uring, or a sandbox hides it";
    case ENOMEM:
      return "not enough memory may be locked; raise RLIMIT_MEMLOCK (ulimit -l)";
    case EMFILE:
    case ENFILE:
      return "out of file descriptors; raise RLIMIT_NOFILE (ulimit -n)";
    case EINVAL:
    case EOPNOTSUPP:
      return "this kernel's io_uring is too old; Linux 6.0 is needed";
    default:
      return "unexpected";
  }
}

// What the errno of a refused bind or listen means and what cures it; empty: nothing to add.
std::string_view ListenCause(int error, bool is_unix) {
  switch (error) {
    case EADDRINUSE:
      return is_unix ? "another process listens on it; stop it or choose another address"
                     : "another process holds the port; stop it or choose another address";
    case EACCES:
    case EPERM:
      return is_unix ? "the directory must be writable"
                     : "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher port";
    case EADDRNOTAVAIL:
      return "no network interface of this machine has it; use [::] or 0.0.0.0 for every interface";
    case EAFNOSUPPORT:
      return "this machine has no such address family; use an IPv4 address where IPv6 is off";
    case ENOTSOCK:
      return "a file that is not a socket stands there; remove it, or choose another address";
    case EISDIR:
      return "it is a directory; name a file in it";
    case ENOENT:
      return "the directory does not exist";
    case ENOTDIR:
      return "a part of the path is not a directory";
    case EROFS:
      return "the file system is read-only";
    case EMFILE:
    case ENFILE:
      return "out of file descriptors; raise RLIMIT_NOFILE (ulimit -n)";
    default:
      return "";
  }
}

std::string_view ConnectCause(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "nobody listens there";
    case ETIMEDOUT:
      return "no answer; a firewall may drop the packets";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "there is no route to it";
    case ENOENT:
      return "the socket file does not exist";
    case EACCES:
    case EPERM:
      return "the socket file or a firewall forbids it";
    case EADDRNOTAVAIL:
      return "no local port is free; fewer connections, or a wider net.ipv4.ip_local_port_range";
    case EAGAIN:
      return "the listener's backlog is full";
    case EMFILE:
    case ENFILE:
      return "out of file descriptors; raise RLIMIT_NOFILE (ulimit -n)";
    default:
      return "";
  }
}

std::string WithCause(std::string text, std::string_view cause) {
  if (!cause.empty()) text.append(": ").append(cause);
  return text;
}

}  // namespace

std::string ErrorName(int error) {
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? name : "errno " + std::to_string(error);
}

std::string ErrorText(int error) {
  const char* text = ::strerrordesc_np(error);
  if (text == nullptr) return ErrorName(error);
  std::string words = text;
  words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

std::string UringRefusal(std::string_view call, int error) {
  return WithCause(std::string(call) + ": " + ErrorName(error), UringCause(error));
}

std::string ListenRefusal(std::string_view address, std::string_view step, int error,
                          std::string_view holder) {
  const bool is_unix = address.starts_with("unix");
  std::string cause(ListenCause(error, is_unix));
  if (error == EADDRINUSE && !holder.empty()) {
    cause = std::string(holder) + " listens on it; stop it or choose another address";
  }
  if (error == EADDRINUSE && address.starts_with(kInProcessPrefix)) {
    cause = "another server of this process listens on it; stop it, or choose another name";
  }
  std::string text = "cannot listen on " + std::string(address) + ": " + ErrorText(error);
  // Where we know no better, the failed call is the best hint there is.
  if (cause.empty()) return text + " (" + std::string(step) + ")";
  return WithCause(text, cause);
}

std::string ConnectRefusal(int error, std::string_view address) {
  if (error == ECONNREFUSED && address.starts_with(kInProcessPrefix)) {
    const std::string name(address.substr(kInProcessPrefix.size()));
    return "in-process server '" + name + "' is not listening in this process: start it before, " +
           "with \"" + std::string(address) + "\" in ServerOptions::listen";
  }
  return WithCause(ErrorText(error), ConnectCause(error));
}

}  // namespace penstock::reactor
