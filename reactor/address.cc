#include "penstock/reactor/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>

namespace penstock::reactor {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::string_view kAbstractPrefix = "unix-abstract:";
constexpr std::string_view kInProcessPrefix = "inproc:";

// A path ends with a zero, an abstract name begins with one.
constexpr size_t kUnixNameBytesMax = sizeof(sockaddr_un::sun_path) - 1;

// Random, so that processes of the same number in two containers that share their network do not
// meet. It keeps nobody out: whoever may look sees the name. Listener does that.
uint64_t DrawToken() {
  uint64_t token = 0;
  if (::getrandom(&token, sizeof(token), GRND_NONBLOCK) == sizeof(token)) return token;
  return reinterpret_cast<uintptr_t>(&kUnixPrefix);  // where there is no randomness yet
}

// What every abstract name of this process' own begins with.
std::string InProcessPrefix() {
  static const uint64_t token = DrawToken();
  char prefix[64];
  snprintf(prefix, sizeof(prefix), "penstock/%d/%016llx/", ::getpid(),
           static_cast<unsigned long long>(token));
  return prefix;
}

bool HasGoodLength(std::string_view name, size_t bytes_max, std::string* why) {
  if (name.empty()) {
    *why = "the name after the colon is missing";
  } else if (name.size() > bytes_max) {
    *why = "the name is longer than the " + std::to_string(bytes_max) + " bytes that fit";
  }
  return !name.empty() && name.size() <= bytes_max;
}

std::optional<Address> UnixAddress(std::string_view name, bool abstract, std::string* why) {
  if (!HasGoodLength(name, kUnixNameBytesMax, why)) return std::nullopt;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
  return Address(reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1));
}

std::optional<Address> InProcessAddress(std::string_view name, std::string* why) {
  if (!HasGoodLength(name, Address::kInProcessNameBytesMax, why)) return std::nullopt;
  return UnixAddress(InProcessPrefix().append(name), /*abstract=*/true, why);
}

bool HasIpv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::optional<Address> FirstOf(const std::string& host, const std::string& port, int flags,
                               int* failure) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  *failure = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (*failure != 0) return std::nullopt;
  const Address first(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return first;
}

// Why HOST has a colon in it and no brackets around it.
const char* WhyColons(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return "it is a URL: write HOST:PORT alone, for example 127.0.0.1:50051";
  }
  if (text.find(',') != std::string_view::npos) {
    return "these are several: give each address by itself";
  }
  return "an IPv6 address stands in brackets: write [ADDRESS]:PORT";
}

// Splits HOST:PORT or [HOST]:PORT; false with the reason.
bool SplitHostPort(std::string_view text, std::string* host, std::string* port, std::string* why) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    *why = "no port: write HOST:PORT, for example 127.0.0.1:50051";
    return false;
  }
  std::string_view left = text.substr(0, colon);
  const std::string_view right = text.substr(colon + 1);
  if (left.starts_with('[') != left.ends_with(']')) {
    *why = "the brackets do not match: write [ADDRESS]:PORT";
    return false;
  }
  if (left.starts_with('[')) {
    left = left.substr(1, left.size() - 2);
  } else if (left.find(':') != std::string_view::npos) {
    *why = WhyColons(text);
    return false;
  }
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(right.data(), right.data() + right.size(), number);
  if (error != std::errc() || end != right.data() + right.size()) {
    *why = "the port '" + std::string(right) + "' is not a number from 0 to 65535";
    return false;
  }
  *host = left;
  *port = right;
  return true;
}

std::optional<Address> FromKernel(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
  if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &bytes) != 0) return std::nullopt;
  return Address(reinterpret_cast<const sockaddr*>(&storage), bytes);
}

}  // namespace

Address::Address(const sockaddr* address, socklen_t bytes)
    : bytes_(std::min<socklen_t>(bytes, sizeof(storage_))) {
  memcpy(&storage_, address, bytes_);
}

bool Address::IsWellFormed(std::string_view text, std::string* why) {
  if (text.starts_with(kUnixPrefix) || text.starts_with(kAbstractPrefix) ||
      text.starts_with(kInProcessPrefix)) {
    return Resolve(text, why).has_value();  // asks nobody
  }
  std::string host;
  std::string port;
  return SplitHostPort(text, &host, &port, why);
}

std::optional<Address> Address::Resolve(std::string_view text, std::string* why) {
  if (text.starts_with(kUnixPrefix)) {
    return UnixAddress(text.substr(kUnixPrefix.size()), /*abstract=*/false, why);
  }
  if (text.starts_with(kAbstractPrefix)) {
    return UnixAddress(text.substr(kAbstractPrefix.size()), /*abstract=*/true, why);
  }
  if (text.starts_with(kInProcessPrefix)) {
    return InProcessAddress(text.substr(kInProcessPrefix.size()), why);
  }
  std::string host;
  std::string port;
  if (!SplitHostPort(text, &host, &port, why)) return std::nullopt;
  if (host.empty()) host = HasIpv6() ? "::" : "0.0.0.0";
  int failure = 0;
  std::optional<Address> address = FirstOf(host, port, AI_NUMERICHOST, &failure);
  if (!address) address = FirstOf(host, port, 0, &failure);
  if (!address) *why = "unknown host '" + host + "': " + ::gai_strerror(failure);
  return address;
}

std::optional<Address> Address::OfLocalEnd(int fd) { return FromKernel(fd, &::getsockname); }

std::optional<Address> Address::OfPeer(int fd) { return FromKernel(fd, &::getpeername); }

uint16_t Address::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(get())->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(get())->sin6_port);
  return 0;
}

std::string Address::unix_path() const {
  const size_t header_bytes = offsetof(sockaddr_un, sun_path);
  if (!is_unix() || bytes_ <= header_bytes) return "";
  const char* path = reinterpret_cast<const sockaddr_un*>(get())->sun_path;
  return path[0] == '\0' ? "" : std::string(path, ::strnlen(path, bytes_ - header_bytes));
}

std::string Address::abstract_name() const {
  const size_t header_bytes = offsetof(sockaddr_un, sun_path);
  if (!is_unix() || bytes_ <= header_bytes) return "";
  const char* path = reinterpret_cast<const sockaddr_un*>(get())->sun_path;
  if (path[0] != '\0') return "";
  std::string name(path + 1, bytes_ - header_bytes - 1);
  while (name.ends_with('\0')) name.pop_back();
  return name;
}

std::string Address::in_process_name() const {
  const std::string name = abstract_name();
  const std::string prefix = InProcessPrefix();
  return name.starts_with(prefix) ? name.substr(prefix.size()) : "";
}

std::string Address::ToString() const {
  if (is_unix()) {
    if (is_in_process()) return std::string(kInProcessPrefix) + in_process_name();
    const std::string name = abstract_name();
    if (name.empty()) return std::string(kUnixPrefix) + unix_path();
    return std::string(kAbstractPrefix) + name;
  }
  char host[NI_MAXHOST] = "";
  if (::getnameinfo(get(), bytes_, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "unknown";
  }
  const std::string port_text = ":" + std::to_string(port());
  return (family() == AF_INET6 ? "[" + std::string(host) + "]" : std::string(host)) + port_text;
}

}  // namespace penstock::reactor
