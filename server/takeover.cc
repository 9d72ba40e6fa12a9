#include "penstock/server/takeover.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"
#include "penstock/server/takeover_message.h"

namespace penstock::server {
namespace {

// A predecessor that ends is asked again so often, until its socket is gone.
constexpr unsigned kAskAgainUs = 20'000;

// Out of descriptors a successor stays where it is, and poll() would return at once, for ever: a
// moment for others to give some back.
constexpr int kAcceptAgainMs = 50;

// The process at the other end, if it is this user's; else -1.
int PeerOf(int fd) {
  ucred peer{};
  socklen_t bytes = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0) return -1;
  return peer.uid == ::geteuid() ? peer.pid : -1;
}

std::string_view NameOfIo(reactor::IoMode io) {
  return io == reactor::IoMode::kUring ? "uring" : "epoll";
}

void MakeReadable(int event_fd) {
  const uint64_t one = 1;
  static_cast<void>(!::write(event_fd, &one, sizeof one));
}

Status Failed(const std::string& address, const std::string& why) {
  return MakeStatus(StatusCode::kUnavailable, "cannot take over from " + address + ": " + why);
}

}  // namespace

// --- The new process

Predecessor::~Predecessor() {
  if (fd_ >= 0) ::close(fd_);
}

Status Predecessor::Ask(const std::string& address, reactor::IoMode io) {
  std::string why;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::nanoseconds(kTakeoverTimeoutNs);
  while (TryOnce(address, io, &why) && std::chrono::steady_clock::now() < until) {
    ::usleep(kAskAgainUs);
  }
  return why.empty() ? OkStatus() : Failed(address, why);
}

bool Predecessor::TryOnce(const std::string& text, reactor::IoMode io, std::string* why) {
  const std::optional<reactor::Address> address = reactor::Address::Resolve(text, why);
  if (!address) return false;
  why->clear();
  if (!address->is_unix()) {
    *why = "the address is no unix: or unix-abstract: one";
    return false;
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {  // there may well be one
    *why = reactor::ConnectRefusal(errno, text);
    return false;
  }
  if (::connect(fd, address->get(), address->bytes()) != 0) {
    const int error = errno;
    ::close(fd);
    if (error != ENOENT && error != ECONNREFUSED) *why = reactor::ConnectRefusal(error, text);
    return false;
  }
  fd_ = fd;
  if (PeerOf(fd) < 0) {
    *why = "the process that listens there is another user's";
    return false;
  }
  TakeoverMessage answer;
  *why = SendTakeover(fd, TakeoverKind::kHello, NameOfIo(io));
  if (why->empty()) *why = ReceiveTakeover(fd, &answer);
  if (!why->empty() && answer.sockets.empty()) {
    // It may have stopped before it looked.
    ::close(std::exchange(fd_, -1));
    return true;
  }
  if (!why->empty()) return false;
  if (answer.kind == TakeoverKind::kRefused) {
    *why = answer.text;
  } else if (answer.kind != TakeoverKind::kSockets || answer.sockets.empty()) {
    *why = "its answer is none to a greeting";
  } else {
    control_.emplace(std::move(answer.sockets.front()));
    for (size_t i = 1; i < answer.sockets.size(); ++i) {
      sockets_.push_back(std::move(answer.sockets[i]));
    }
  }
  return false;
}

Status Predecessor::TakeControl(const std::string& address,
                                std::optional<ListeningSocket>* control) {
  if (control_) {
    control->emplace(*std::exchange(control_, std::nullopt));
    return OkStatus();
  }
  ListeningSockets none;
  ListeningSockets opened;
  Status status = OpenListeningSockets({address}, &none, &opened);
  if (status.ok()) control->emplace(std::move(opened.front()));
  return status;
}

Status Predecessor::Dismiss() {
  if (!exists()) return OkStatus();
  TakeoverMessage answer;
  std::string why = SendTakeover(fd_, TakeoverKind::kServing);
  if (why.empty()) why = ReceiveTakeover(fd_, &answer);
  if (why.empty() && answer.kind == TakeoverKind::kRefused) why = answer.text;
  if (why.empty() && answer.kind != TakeoverKind::kDraining) why = "it does not say that it drains";
  return why.empty() ? OkStatus() : Failed("the server before this one", why);
}

// --- The old one

TakeoverHost::TakeoverHost(ListeningSocket control, ListeningSockets sockets, reactor::IoMode io,
                           std::function<void(int pid)> on_successor)
    : control_(std::move(control)),
      sockets_(std::move(sockets)),
      io_(io),
      on_successor_(std::move(on_successor)),
      stop_fd_(::eventfd(0, EFD_CLOEXEC)),
      give_up_fd_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] {
        Serve();
        ended_.store(true, std::memory_order_release);
      }) {}

TakeoverHost::~TakeoverHost() {
  Stop();
  CloseControl();
  ::close(stop_fd_);
  ::close(give_up_fd_);
}

void TakeoverHost::Stop() {
  if (!thread_.joinable()) return;
  BeginStop();
  thread_.join();
  // A copy of a descriptor that nobody accepts on would keep the address.
  sockets_.clear();
}

void TakeoverHost::BeginStop() { MakeReadable(stop_fd_); }

void TakeoverHost::GiveUp() { MakeReadable(give_up_fd_); }

void TakeoverHost::CloseControl() {
  if (control_.fd() < 0) return;
  if (!handed_over()) {
    reactor::SocketFile file = control_.file();
    file.Remove();
  }
  ::close(control_.Release());
}

void TakeoverHost::Serve() {
  if (stop_fd_ < 0 || give_up_fd_ < 0) {  // Stop() could not end it
    std::fprintf(stderr, "penstock: takeover: nobody can take over from this process: %s\n",
                 reactor::ErrorText(EMFILE).c_str());
    return;
  }
  while (!handed_over()) {
    std::array<pollfd, 2> polled = {{{control_.fd(), POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if (polled[1].revents != 0) return;
    if (polled[0].revents == 0) continue;
    const int fd = ::accept4(control_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      ::poll(&polled[1], 1, kAcceptAgainMs);
      continue;
    }
    const int pid = PeerOf(fd);
    if (pid < 0) {
      std::fprintf(stderr, "penstock: takeover: a process of another user was turned away\n");
    } else {
      HandOver(fd, pid);
    }
    ::close(fd);
  }
}

// One that stops says nothing: the successor asks again, until nobody is there.
void TakeoverHost::Refuse(int fd, int pid, const std::string& why) {
  pollfd stop = {stop_fd_, POLLIN, 0};
  if (::poll(&stop, 1, 0) != 0) return;
  static_cast<void>(SendTakeover(fd, TakeoverKind::kRefused, why));
  std::fprintf(stderr, "penstock: takeover: process %d does not take over: %s\n", pid,
               why.c_str());
}

void TakeoverHost::HandOver(int fd, int pid) {
  TakeoverMessage message;
  std::string why = ReceiveTakeover(fd, &message, stop_fd_);
  if (why.empty() && message.kind != TakeoverKind::kHello) why = "it does not greet";
  if (why.empty() && message.text != NameOfIo(io_)) {
    why = "the old server uses " + std::string(NameOfIo(io_)) + " and the new one " +
          message.text + ", which cannot share sockets: give both the same --io";
  }
  if (why.empty()) {
    ListeningSockets all;
    all.push_back(control_.Copy());
    for (const ListeningSocket& socket : sockets_) all.push_back(socket.Copy());
    why = SendTakeover(fd, TakeoverKind::kSockets, TextOfSockets(all), &all);
  }
  if (why.empty()) why = ReceiveTakeover(fd, &message, give_up_fd_);
  if (why.empty() && message.kind != TakeoverKind::kServing) why = "it does not say that it serves";
  if (!why.empty()) return Refuse(fd, pid, why);
  // Whether it reads this or not: it has the sockets, and said that it serves.
  static_cast<void>(SendTakeover(fd, TakeoverKind::kDraining));
  handed_over_.store(true, std::memory_order_release);
  on_successor_(pid);
}

}  // namespace penstock::server
