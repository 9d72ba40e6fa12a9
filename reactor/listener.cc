#include "penstock/reactor/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/address_holder.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/io_error.h"

namespace penstock::reactor {
namespace {

// The kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

void SetBlocking(int fd, bool blocks) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return;
  const int wanted = blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (wanted != flags) ::fcntl(fd, F_SETFL, wanted);
}

// Removes a socket left behind by a process that is gone: nobody answers on it. 0, or an errno:
// ENOTSOCK for a file that is something else, which is never touched.
int RemoveStaleSocket(const Address& address) {
  const std::string path = address.unix_path();
  SocketFile file(path);
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(found.st_mode)) return ENOTSOCK;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  const bool stale = ::connect(fd, address.get(), address.bytes()) != 0 && errno == ECONNREFUSED;
  ::close(fd);
  return stale ? file.Remove() : EADDRINUSE;
}

int Bind(int fd, const Address& address) {
  if (::bind(fd, address.get(), address.bytes()) == 0) return 0;
  if (errno != EADDRINUSE || address.unix_path().empty()) return errno;
  if (const int error = RemoveStaleSocket(address); error != 0) return error;
  return ::bind(fd, address.get(), address.bytes()) == 0 ? 0 : errno;
}

}  // namespace

int OpenListeningSocket(std::string_view text, std::string* why, SocketFile* file) {
  if (file != nullptr) *file = {};
  std::string cause;
  const std::optional<Address> address = Address::Resolve(text, &cause);
  if (!address) {
    *why = "cannot listen on " + std::string(text) + ": " + cause;
    errno = EINVAL;
    return -1;
  }
  const int fd = ::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    const int refusal = errno;
    *why = ListenRefusal(text, "socket", refusal);
    errno = refusal;
    return -1;
  }
  const int on = 1;
  const int off = 0;
  if (!address->is_unix()) {
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // Inherited by what is accepted.
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (address->family() == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  const char* step = "bind";
  int error = Bind(fd, *address);
  SocketFile made;
  if (error == 0) {
    step = "listen";
    made = SocketFile(address->unix_path());
    error = ::listen(fd, kBacklog) == 0 ? 0 : errno;
  }
  if (error == 0) {
    if (file != nullptr) *file = std::move(made);
    return fd;
  }
  *why = ListenRefusal(text, step, error, error == EADDRINUSE ? NameHolder(*address) : "");
  made.Remove();
  ::close(fd);
  errno = error;
  return -1;
}

namespace {

// The errnos of accept(2) are of three kinds: about the one connection, which is gone: these;
// about our means, which takes time to mend; and a socket that will never accept again, which looks
// like the second kind and costs one try per kBackOffNs.
bool IsOfOneConnection(int error) {
  switch (error) {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:  // the peer gave up while it waited
    case EPROTO:
    case EPERM:  // a firewall's word
    case ETIMEDOUT:
    case ENETDOWN:  // and the rest of what Linux passes on from the new socket
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

// False: the shard takes no more letters, or has had no room for too long.
bool PostOnceThereIsRoom(Shard& shard, void (*run)(void*, uint64_t), void* context,
                         uint64_t value = 0) {
  const TimeNs until = ReadClock() + Listener::kPostNsMax;
  while (!shard.Post(run, context, value)) {
    if (shard.ending() || ReadClock() >= until) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

Listener::Listener(Shard& acceptor, int fd, Placement& placement, AcceptHandler& handler,
                   SocketFile file)
    : acceptor_(acceptor),
      fd_(fd),
      placement_(placement),
      handler_(handler),
      file_(std::move(file)),
      spare_fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      back_off_([](void* listener, TimeNs) { static_cast<Listener*>(listener)->StartHere(); },
                this) {
  if (const std::optional<Address> address = Address::OfLocalEnd(fd)) {
    address_ = address->ToString();
    port_ = address->port();
    is_in_process_ = address->is_in_process();
  }
}

Listener::~Listener() {
  if (fd_ >= 0) CloseDescriptor();
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

void Listener::Start() {
  const auto run = [](void* listener, uint64_t) { static_cast<Listener*>(listener)->StartHere(); };
  started_ = PostOnceThereIsRoom(acceptor_, run, this);
  if (!started_) CloseDescriptor();
}

void Listener::Stop(bool takes_backlog) {
  if (stopped()) return;
  const auto run = [](void* listener, uint64_t takes) {
    static_cast<Listener*>(listener)->StopHere(takes != 0);
  };
  const bool is_posted = PostOnceThereIsRoom(acceptor_, run, this, takes_backlog ? 1 : 0);
  // A shard that ends stops those that it knows by itself.
  if (!is_posted && !started_) CloseDescriptor();
}

void Listener::CloseDescriptor() {
  // While the socket is open, no other file can be given its inode.
  file_.Remove();
  ::close(fd_);
  fd_.store(-1, std::memory_order_release);
}

void Listener::StartHere() {
  if (stopping_) return;
  if (!linked()) acceptor_.acceptors().PushBack(*this);
  SetBlocking(fd_, acceptor_.ring().sockets_block());
  acceptor_.ring().StartAccept(*this, fd_);
}

void Listener::StopHere(bool takes_backlog) {
  if (stopping_) return;
  stopping_ = true;
  takes_backlog_ = takes_backlog;
  // First: who comes now is better told that nobody listens than reset.
  file_.Remove();
  if (back_off_.scheduled()) {
    acceptor_.timers().Cancel(back_off_);
    return OnAcceptStopped();
  }
  acceptor_.ring().StopAccept(*this, fd_);
}

void Listener::OnAcceptStopped() {
  Unlink();
  if (takes_backlog_) TakeBacklog();
  CloseDescriptor();
}

// Those who share the socket see EAGAIN at worst, until its flag is as it was.
void Listener::TakeBacklog() {
  const bool blocks = acceptor_.ring().sockets_block();
  WaitForNobody();
  for (int count = 0; count < kBacklog; ++count) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK));
    const int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
      OnAccepted(fd);
    } else if (error == EMFILE || error == ENFILE) {
      if (!CloseSurplus(error)) break;
    } else if (error == EAGAIN || !IsOfOneConnection(error)) {
      break;
    }
  }
  SetBlocking(fd_, blocks);
}

// accept4() returns at once, or nearly. O_NONBLOCK alone does not make it: whoever shares the
// socket shares the flag, and may clear it at any moment; then the time limit holds. Rings do not
// look at that, neither where they accept nor on what was accepted, which inherits it.
void Listener::WaitForNobody() {
  SetBlocking(fd_, false);
  const timeval shortest{0, 1000};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &shortest, sizeof(shortest));
}

// Abstract names can be seen, and connected to, by every process of the network namespace.
bool Listener::IsForeign(int fd) const {
  if (!is_in_process_) return false;
  ucred peer{};
  socklen_t bytes = sizeof(peer);
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0 || peer.pid != ::getpid();
}

void Listener::OnAccepted(int fd) {
  ++acceptor_.stats().accepts;
  if (IsForeign(fd)) {
    ::close(fd);
    ++acceptor_.stats().accepts_refused;
    return;
  }
  Shard& shard = placement_.Choose();
  if (&shard != &acceptor_) {
    // Another shard's ring may be of the other kind, when only one of them was refused io_uring.
    const bool blocks = shard.ring().sockets_block();
    if (blocks != acceptor_.ring().sockets_block()) SetBlocking(fd, blocks);
    if (shard.Post(&AdoptHere, this, static_cast<uint64_t>(fd))) return;
    // Its mailbox is full: better here than nowhere.
    shard.Unreserve();
    acceptor_.Reserve();
    SetBlocking(fd, acceptor_.ring().sockets_block());
  }
  AdoptHere(this, static_cast<uint64_t>(fd));
}

void Listener::AdoptHere(void* context, uint64_t fd) {
  Listener* const listener = static_cast<Listener*>(context);
  Shard& shard = *Shard::Current();
  Socket& socket = shard.Adopt(static_cast<int>(fd), nullptr, /*reserved=*/true);
  SocketHandler* const handler = listener->handler_.OnAccepted(shard, socket);
  socket.SetHandler(handler);
  if (handler != nullptr) return;
  ++shard.stats().accepts_refused;
  socket.Abort();
}

void Listener::OnAcceptEnd(int error) {
  if (stopping_) return OnAcceptStopped();
  ++acceptor_.stats().accept_rearms;
  if (IsOfOneConnection(error)) return acceptor_.ring().StartAccept(*this, fd_);
  if (error == EMFILE || error == ENFILE) {
    CloseSurplus(error);
    SetBlocking(fd_, acceptor_.ring().sockets_block());
  }
  acceptor_.timers().Schedule(back_off_, acceptor_.now() + kBackOffNs);
}

// Out of descriptors. Left alone, the connection would wait for us without a word; so the spare
// descriptor gives it an end that its client can act on. False: there was none, or no spare.
bool Listener::CloseSurplus(int error) {
  if (spare_fd_ >= 0) ::close(spare_fd_);
  WaitForNobody();  // whoever waited may have been taken by another process
  const int surplus = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (surplus >= 0) {
    ::close(surplus);
    ++acceptor_.stats().accepts_refused;
  }
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  handler_.OnOutOfDescriptors(acceptor_, error);
  return surplus >= 0;
}

}  // namespace penstock::reactor
