// Inherited sockets: listening sockets that another process has opened for this one: systemd, by a
// .socket unit, or whoever started it.
//
//     systemd:        every socket that was passed (LISTEN_FDS)
//     systemd:NAME    those of that name (FileDescriptorName= of the unit; LISTEN_FDNAMES)
//     fd:3            the descriptor of that number
//
//     std::string why;
//     std::vector<int> fds = TakeInheritedSockets("systemd:", SocketActivation::OfProcess(), &why);
//
// They stay open while a process ends and the next one begins, so that nobody is refused meanwhile.
//
// Ownership: of the descriptors: the caller's; they are closed when the process starts another
//            program. The files of unix sockets stay whoever made them's.
// Limits:    kInheritedSocketsMax.
// Spec:      sd_listen_fds(3)
#ifndef PENSTOCK_REACTOR_INHERITED_SOCKETS_H_
#define PENSTOCK_REACTOR_INHERITED_SOCKETS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::reactor {

inline constexpr int kInheritedSocketsMax = 256;

// What the environment says of passed sockets; nullopt: it says nothing.
struct SocketActivation {
  static SocketActivation OfProcess();

  std::optional<std::string> pid;    // LISTEN_PID
  std::optional<std::string> count;  // LISTEN_FDS
  std::optional<std::string> names;  // LISTEN_FDNAMES: a:b:c
  int first_fd = 3;                  // SD_LISTEN_FDS_START
};

bool IsInherited(std::string_view text);

// Whether `text` may be listened on: one of the forms above, or an address (address.h). If not,
// `*why` says what is wrong with it.
bool IsListenable(std::string_view text, std::string* why);

// The listening sockets that `text` names, which IsInherited(). Empty: `*why` is a sentence.
std::vector<int> TakeInheritedSockets(std::string_view text, const SocketActivation& activation,
                                      std::string* why);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_INHERITED_SOCKETS_H_
