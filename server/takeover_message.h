// TakeoverMessage: what a server and its successor say to each other on the control socket.
//
//     successor                        predecessor
//     kHello  "uring"            ->
//                                <-    kSockets  the control socket and all others
//     kServing                   ->
//                                <-    kDraining
//
// or kRefused, with a sentence, from the predecessor at any time. A message is the octets "pstk",
// the version, the kind, two octets of length (big-endian) and that much text; the descriptors of
// kSockets travel beside it (SCM_RIGHTS), one for each line of its text.
//
// Threading: blocks, for at most kTakeoverTimeoutNs a message.
// Limits:    kTakeoverTextBytesMax, kTakeoverSocketsMax; more, or anything else than the above, is
//            an error, and the descriptors that came with it are closed.
#ifndef PENSTOCK_SERVER_TAKEOVER_MESSAGE_H_
#define PENSTOCK_SERVER_TAKEOVER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/server/listening_socket.h"
#include "penstock/wire/time.h"

namespace penstock::server {

inline constexpr uint8_t kTakeoverVersion = 1;
inline constexpr size_t kTakeoverTextBytesMax = 16'384;
// The kernel takes 253 in one message.
inline constexpr size_t kTakeoverSocketsMax = 64;
inline constexpr TimeNs kTakeoverTimeoutNs = 5 * kNsPerSecond;

enum class TakeoverKind : uint8_t { kHello = 1, kSockets, kServing, kDraining, kRefused };

struct TakeoverMessage {
  TakeoverKind kind = TakeoverKind::kHello;
  std::string text;
  ListeningSockets sockets;  // of kSockets, in the order of the lines
};

// "" or what is wrong. `stop_fd`, unless it is -1, ends the wait when it becomes readable.
std::string SendTakeover(int fd, TakeoverKind kind, std::string_view text = {},
                         const ListeningSockets* sockets = nullptr);
std::string ReceiveTakeover(int fd, TakeoverMessage* message, int stop_fd = -1);

// The sockets as the text of kSockets.
std::string TextOfSockets(const ListeningSockets& sockets);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_TAKEOVER_MESSAGE_H_
