#include "penstock/reactor/ring.h"

#include <sys/socket.h>

#include <algorithm>

#include "penstock/reactor/epoll_ring.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/uring_ring.h"

namespace penstock::reactor {

bool Ring::ShutdownSend(Socket& socket) { return ::shutdown(socket.fd_, SHUT_WR) == 0; }

std::unique_ptr<Ring> MakeRing(IoMode mode, const RingOptions& wanted, const RingContext& context,
                               std::string* why) {
  why->clear();
  RingOptions options = wanted;
  options.receive_bytes_per_turn_max = std::max(options.receive_bytes_per_turn_max, 1u);
  if (mode != IoMode::kEpoll) {
    std::unique_ptr<Ring> ring = UringRing::Create(options, context, why);
    if (ring != nullptr || mode == IoMode::kUring) return ring;
    why->append("; using epoll");
  }
  std::string epoll_why;
  std::unique_ptr<Ring> ring = EpollRing::Create(options, context, &epoll_why);
  if (ring == nullptr) *why = why->empty() ? epoll_why : *why + "; " + epoll_why;
  return ring;
}

}  // namespace penstock::reactor
