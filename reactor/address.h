// Address: where to listen or connect, from text and to text.
//
//     127.0.0.1:50051   [::1]:50051   [::]:50051   localhost:50051   :50051 (every interface)
//     unix:/run/app.sock   unix-abstract:app   inproc:app
//
// "inproc:NAME" is known in this process alone, for servers and clients that live together, as in a
// test: a unix socket without a file, whose name no other process makes.
// docs/decisions/0009-in-process.md says why.
//
// Resolve() of a host name asks the system's resolver and blocks; literals and unix addresses never
// block.
//
// Limits: kInProcessNameBytesMax for NAME.
#ifndef PENSTOCK_REACTOR_ADDRESS_H_
#define PENSTOCK_REACTOR_ADDRESS_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::reactor {

class Address {
 public:
  static constexpr size_t kInProcessNameBytesMax = 64;

  Address() = default;
  Address(const sockaddr* address, socklen_t bytes);

  // Whether `text` could be an address, without looking up its host; if not, `*why` as below.
  static bool IsWellFormed(std::string_view text, std::string* why);
  // nullopt: `*why` says what is wrong with `text` (no trailing full stop, no "cannot ...").
  static std::optional<Address> Resolve(std::string_view text, std::string* why);
  // The local and remote end of a socket; nullopt when the kernel will not say.
  static std::optional<Address> OfLocalEnd(int fd);
  static std::optional<Address> OfPeer(int fd);

  int family() const { return storage_.ss_family; }
  bool is_unix() const { return family() == AF_UNIX; }
  // "inproc:NAME" of this process; a child that was forked is another one.
  bool is_in_process() const { return !in_process_name().empty(); }
  // A unix socket with a name in place of a path: "unix-abstract:NAME", or "inproc:NAME".
  bool has_name() const { return !abstract_name().empty(); }
  uint16_t port() const;  // 0 for unix addresses
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t bytes() const { return bytes_; }

  // The path of a unix: address, empty for others.
  std::string unix_path() const;

  // In the form that Resolve() takes. A unix socket without a name is "unix:".
  std::string ToString() const;

 private:
  std::string abstract_name() const;
  std::string in_process_name() const;

  sockaddr_storage storage_{};
  socklen_t bytes_ = 0;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_ADDRESS_H_
