#include "penstock/reactor/epoll_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/operation.h"
#include "penstock/reactor/socket.h"

namespace penstock::reactor {
namespace {

// epoll counts milliseconds; rounding up keeps timers from firing early, or in a busy loop.
int RoundUpToMs(TimeNs timeout_ns) {
  if (timeout_ns == kTimeNever) return -1;
  const TimeNs ms = timeout_ns / kNsPerMs + (timeout_ns % kNsPerMs != 0);
  return static_cast<int>(std::min<TimeNs>(ms, std::numeric_limits<int>::max()));
}

ssize_t SendPieces(int fd, std::span<const wire::Bytes> pieces) {
  std::array<iovec, Socket::kSendPiecesMax> vectors;
  for (size_t i = 0; i < pieces.size(); ++i) {
    vectors[i] = {const_cast<uint8_t*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

std::unique_ptr<EpollRing> EpollRing::Create(const RingOptions& options, const RingContext& context,
                                             std::string* why) {
  const int epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = Operation{OperationKind::kEvent}.Pack();
  if (epoll_fd >= 0 && ::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, context.event_fd, &event) == 0) {
    return std::unique_ptr<EpollRing>(new EpollRing(options, context, epoll_fd));
  }
  *why = "cannot set up epoll: " + ErrorText(errno);
  if (epoll_fd >= 0) ::close(epoll_fd);
  return nullptr;
}

EpollRing::EpollRing(const RingOptions& options, const RingContext& context, int epoll_fd)
    : options_(options),
      context_(context),
      epoll_fd_(epoll_fd),
      receive_buffer_(new uint8_t[kReceiveBytes]) {}

EpollRing::~EpollRing() { ::close(epoll_fd_); }

void EpollRing::Wait(TimeNs timeout_ns) {
  ++context_.stats->system_calls;
  // On EINTR there simply is nothing this turn.
  events_count_ = std::max(0, WaitForEvents(timeout_ns));
}

// Kernels before 5.11, and guards that do not know the call, wait in whole milliseconds.
int EpollRing::WaitForEvents(TimeNs timeout_ns) {
  if (waits_exactly_ && timeout_ns > 0 && timeout_ns != kTimeNever) {
    const timespec timeout{timeout_ns / kNsPerSecond, timeout_ns % kNsPerSecond};
    const int count = ::epoll_pwait2(epoll_fd_, events_.data(), kEventsMax, &timeout, nullptr);
    if (count >= 0 || errno == EINTR) return count;
    waits_exactly_ = false;
  }
  return ::epoll_wait(epoll_fd_, events_.data(), kEventsMax, RoundUpToMs(timeout_ns));
}

void EpollRing::Reap() {
  for (int i = 0; i < events_count_; ++i) {
    ++context_.stats->completions;
    const Operation operation = Operation::Unpack(events_[i].data.u64);
    switch (operation.kind) {
      case OperationKind::kEvent:
        ReadEvent();
        break;
      case OperationKind::kAccept:
        Accept(operation.slot, operation.generation);
        break;
      default:
        Socket* socket = context_.sockets->Find(operation.slot, operation.generation);
        if (socket == nullptr) {
          ++context_.stats->stale_completions;
        } else {
          OnSocketEvents(*socket, events_[i].events);
        }
    }
  }
  events_count_ = 0;
}

void EpollRing::ReadEvent() {
  uint64_t count = 0;
  ++context_.stats->system_calls;
  if (::read(context_.event_fd, &count, sizeof(count)) > 0) ++context_.stats->wakeups;
}

// ---- Sockets

void EpollRing::SetInterest(Socket& socket, uint32_t interest) {
  uint32_t& registered = socket.ring_state_.interest;
  if (registered == interest) return;
  epoll_event event{};
  event.events = interest;
  event.data.u64 = Operation{OperationKind::kReceive, socket.slot_, socket.generation_}.Pack();
  const int change = registered == 0 ? EPOLL_CTL_ADD
                     : interest == 0 ? EPOLL_CTL_DEL
                                     : EPOLL_CTL_MOD;
  ++context_.stats->system_calls;
  if (::epoll_ctl(epoll_fd_, change, socket.fd_, &event) == 0) {
    registered = interest;
    return;
  }
  // Out of memory or of fs.epoll.max_user_watches: this connection cannot be served.
  socket.Abort();
}

void EpollRing::Attach(Socket& socket) {
  const int flags = ::fcntl(socket.fd_, F_GETFL);
  if ((flags & O_NONBLOCK) == 0) ::fcntl(socket.fd_, F_SETFL, flags | O_NONBLOCK);
}

void EpollRing::StartConnect(Socket& socket, const Address& address) {
  ++context_.stats->system_calls;
  if (::connect(socket.fd_, address.get(), address.bytes()) != 0 && errno != EINPROGRESS) {
    return socket.CompleteConnect(errno);
  }
  // Writable once it is decided; at once if it already is.
  SetInterest(socket, EPOLLOUT);
}

void EpollRing::OnConnectable(Socket& socket) {
  int error = 0;
  socklen_t bytes = sizeof(error);
  ::getsockopt(socket.fd_, SOL_SOCKET, SO_ERROR, &error, &bytes);
  if (error == 0) SetInterest(socket, 0);
  socket.CompleteConnect(error);
}

void EpollRing::StartReceive(Socket& socket) {
  SetInterest(socket, socket.ring_state_.interest | EPOLLIN);
}

void EpollRing::StopReceive(Socket& socket) {
  SetInterest(socket, socket.ring_state_.interest & ~uint32_t{EPOLLIN});
}

void EpollRing::OnSocketEvents(Socket& socket, uint32_t events) {
  if (socket.state_ == Socket::State::kConnecting) return OnConnectable(socket);
  const uint32_t broken = events & (EPOLLERR | EPOLLHUP);
  // Breakage is found out by the call that is waiting: recv or sendmsg.
  if ((events & EPOLLIN || broken) && socket.ring_state_.interest & EPOLLIN) Receive(socket);
  if ((events & EPOLLOUT || broken) && socket.ring_state_.interest & EPOLLOUT) {
    SetInterest(socket, socket.ring_state_.interest & ~uint32_t{EPOLLOUT});
    if (socket.may_send()) socket.CompleteWritable();
  }
}

void EpollRing::Receive(Socket& socket) {
  size_t turn_bytes = 0;
  while (turn_bytes < options_.receive_bytes_per_turn_max &&
         (socket.ring_state_.interest & EPOLLIN) != 0) {
    ++context_.stats->system_calls;
    const ssize_t bytes = ::recv(socket.fd_, receive_buffer_.get(), kReceiveBytes, 0);
    if (bytes > 0) {
      turn_bytes += static_cast<size_t>(bytes);
      socket.CompleteReceive({receive_buffer_.get(), static_cast<size_t>(bytes)});
      // Less than asked for: that was all there is, most likely.
      if (static_cast<size_t>(bytes) < kReceiveBytes) return;
      continue;
    }
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const int error = bytes == 0 ? 0 : errno;
    StopReceive(socket);
    return socket.CompleteReceiveEnd(error);
  }
}

int EpollRing::StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) {
  if (may_wait) {
    SetInterest(socket, socket.ring_state_.interest | EPOLLOUT);
    return kInFlight;
  }
  ++context_.stats->system_calls;
  const ssize_t bytes = pieces.size() == 1 ? ::send(socket.fd_, pieces[0].data(), pieces[0].size(),
                                                    MSG_NOSIGNAL | MSG_DONTWAIT)
                                           : SendPieces(socket.fd_, pieces);
  return bytes >= 0 ? static_cast<int>(bytes) : -errno;
}

void EpollRing::Close(Socket& socket) {
  if (socket.fd_ >= 0) {
    ++context_.stats->system_calls;
    ::close(socket.fd_);  // leaves epoll's set with it
  }
  socket.ring_state_.interest = 0;
  socket.CompleteClose();
}

// ---- Acceptors

void EpollRing::StartAccept(Acceptor& acceptor, int fd) {
  AcceptorTable::Entry* entry = acceptors_.Add(acceptor, fd);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = Operation{OperationKind::kAccept, entry->slot, entry->generation}.Pack();
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0) return;
  const int error = errno;
  acceptors_.Remove(*entry);
  acceptor.OnAcceptEnd(error);
}

void EpollRing::StopAccept(Acceptor& acceptor, int fd) {
  if (AcceptorTable::Entry* entry = acceptors_.FindAcceptor(acceptor)) {
    acceptors_.Remove(*entry);
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  }
  acceptor.OnAcceptStopped();
}

void EpollRing::Accept(uint32_t slot, uint32_t generation) {
  for (int i = 0; i < kAcceptsPerTurnMax; ++i) {
    AcceptorTable::Entry* entry = acceptors_.Find(slot, generation);
    if (entry == nullptr) return;
    ++context_.stats->system_calls;
    const int fd = ::accept4(entry->fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      entry->acceptor->OnAccepted(fd);
      continue;
    }
    if (errno == EAGAIN || errno == EINTR) return;
    const int error = errno;
    Acceptor& acceptor = *entry->acceptor;
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, entry->fd, nullptr);
    acceptors_.Remove(*entry);
    return acceptor.OnAcceptEnd(error);
  }
}

}  // namespace penstock::reactor
