#include "penstock/server/admin/port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/listener.h"

namespace penstock::server {
namespace {

// What is read at once, of a peer whose answer is written.
constexpr size_t kReceiveBytes = 4096;

// The first octet of a TLS connection, and of no HTTP request. Spec: RFC 8446 §5.1
constexpr char kTlsHandshake = 0x16;

void AddUsualFields(http1::Response* response) {
  response->fields.emplace_back("cache-control", "no-store");
  response->fields.emplace_back("x-content-type-options", "nosniff");
  // Pages load what this port serves, and nothing else, and nobody frames them.
  response->fields.emplace_back(
      "content-security-policy",
      "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'");
}

http1::Response ResponseFor(const http1::Refusal& refusal) {
  http1::Response response{.status = refusal.status, .body = std::string(refusal.text) + "\n"};
  if (refusal.status == 405) response.fields.emplace_back("allow", "GET, HEAD");
  return response;
}

}  // namespace

bool AdminPort::IsLoopbackHost(std::string_view host) {
  std::string_view name = host.substr(0, host.rfind(':'));
  if (host.starts_with('[')) name = host.substr(0, std::min(host.find(']') + 1, host.size()));
  const bool is_v4 =
      name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos;
  constexpr std::string_view kLocalhost = "localhost";  // names of hosts have no case
  const bool is_localhost =
      std::equal(name.begin(), name.end(), kLocalhost.begin(), kLocalhost.end(),
                 [](char c, char letter) { return (c | 0x20) == letter; });
  return is_v4 || name == "[::1]" || is_localhost;
}

AdminPort::~AdminPort() { Stop(); }

Status AdminPort::Open(const std::string& address) {
  asked_address_ = address;
  if (stop_fd_ < 0) stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  if (stop_fd_ < 0) {
    return MakeStatus(StatusCode::kResourceExhausted,
                      "the admin port: cannot make an eventfd; raise RLIMIT_NOFILE (ulimit -n)");
  }
  std::string why;
  listen_fd_ = reactor::OpenListeningSocket(address, &why, &file_);
  if (listen_fd_ < 0) {
    const bool may_pass = errno == EADDRINUSE;
    return MakeStatus(may_pass ? StatusCode::kUnavailable : StatusCode::kInvalidArgument,
                      "the admin port: " + why);
  }
  const auto local = reactor::Address::OfLocalEnd(listen_fd_);
  ::fcntl(listen_fd_, F_SETFL, ::fcntl(listen_fd_, F_GETFL) | O_NONBLOCK);
  const std::lock_guard lock(address_mutex_);
  address_ = local ? local->ToString() : address;
  is_loopback_ = local && !local->is_unix() && IsLoopbackHost(address_);
  return OkStatus();
}

std::string AdminPort::address() const {
  const std::lock_guard lock(address_mutex_);
  return address_;
}

std::string AdminPort::url() const {
  const std::string at = address();
  return at.empty() || at.starts_with("unix") ? at : "http://" + at;
}

void AdminPort::Start() {
  thread_ = std::thread([this] { Run(); });
}

void AdminPort::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    stopping_.store(true, std::memory_order_relaxed);
    static_cast<void>(!::write(stop_fd_, &one, sizeof(one)));
    thread_.join();
  }
  for (Peer& peer : peers_) Close(peer);
  peers_.clear();
  // While the socket is open, no other file can be given its inode.
  file_.Remove();
  for (int* fd : {&listen_fd_, &stop_fd_}) {
    if (*fd >= 0) ::close(*fd);
    *fd = -1;
  }
}

// --- The thread

// False: it is to stop before.
bool AdminPort::OpenInTheEnd() {
  while (listen_fd_ < 0) {
    pollfd stop = {stop_fd_, POLLIN, 0};
    if (::poll(&stop, 1, static_cast<int>(kOpenAgainNs / kNsPerMs)) != 0) return false;
    if (Open(asked_address_).ok()) {
      std::fprintf(stderr, "penstock: the admin port listens after all: %s\n", url().c_str());
    }
  }
  return true;
}

void AdminPort::Run() {
  if (!OpenInTheEnd()) return;
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign({{stop_fd_, POLLIN, 0}, {listen_fd_, POLLIN, 0}});
    for (const Peer& peer : peers_) polled.push_back({peer.fd, EventsOf(peer), 0});
    if (::poll(polled.data(), polled.size(), PollTimeoutMs()) < 0 && errno != EINTR) return;
    if (polled[0].revents != 0) return;
    size_t i = 2;
    for (Peer& peer : peers_) Serve(peer, polled[i++].revents);
    CloseQuiet();
    if (polled[1].revents != 0) Accept();
  }
}

// Who waits for an answer may have sent the next request; that it is gone is told anyway.
short AdminPort::EventsOf(const Peer& peer) {
  if (peer.is_asking) return 0;
  return peer.unsent.empty() ? POLLIN : POLLOUT;
}

int AdminPort::PollTimeoutMs() const {
  if (peers_.empty()) return -1;
  const TimeNs now = reactor::ReadClock();
  TimeNs left_ns = kTimeNever;
  for (const Peer& peer : peers_) {
    left_ns = std::min(left_ns, peer.is_asking
                                    ? kAskAgainNs
                                    : SaturatingAdd(peer.quiet_since, quiet_ns_max_) - now);
  }
  return static_cast<int>(std::max<TimeNs>(left_ns, 0) / kNsPerMs) + 1;
}

void AdminPort::Accept() {
  const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    // Out of descriptors the connection stays where it is, and poll() would return at once, for
    // ever: a moment for others to give some back.
    if (errno == EMFILE || errno == ENFILE) ::poll(nullptr, 0, 50);
    return;
  }
  if (peers_.size() >= kConnectionsMax) {
    const auto quietest =
        std::min_element(peers_.begin(), peers_.end(), [](const Peer& a, const Peer& b) {
          return a.quiet_since < b.quiet_since;
        });
    Close(*quietest);
    peers_.erase(quietest);
  }
  peers_.push_back({.fd = fd, .quiet_since = reactor::ReadClock()});
}

void AdminPort::Serve(Peer& peer, short events) {
  if (peer.is_asking && (events & (POLLERR | POLLHUP)) != 0) peer.is_done = true;
  if (peer.is_asking) return AnswerNext(peer);
  if (events == 0) return;
  if (peer.unsent.empty()) return Receive(peer);
  Send(peer);
  if (peer.unsent.empty()) AnswerNext(peer);
}

void AdminPort::Receive(Peer& peer) {
  std::array<char, kReceiveBytes> buffer;
  const ssize_t bytes = ::recv(peer.fd, buffer.data(), buffer.size(), 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) {
    peer.is_done = true;
    return;
  }
  if (peer.closes) return;  // it has been told; what it still says is not read
  // Whoever asks https:// waits for an answer in TLS, and would until its quiet time is over.
  if (!std::exchange(peer.has_spoken, true) && buffer[0] == kTlsHandshake) {
    peer.is_done = true;
    return;
  }
  peer.quiet_since = reactor::ReadClock();
  peer.unparsed.append(buffer.data(), static_cast<size_t>(bytes));
  AnswerNext(peer);
}

// Until one waits for its answer, or for the peer to read that.
void AdminPort::AnswerNext(Peer& peer) {
  while (peer.unsent.empty() && !peer.closes && !peer.is_done && !stopping()) {
    if (!peer.is_asking && !ReadNext(peer)) return;
    std::optional<http1::Response> response = AnswerTo(peer);
    if (!response) return;
    peer.is_asking = false;
    const http1::Request& request = peer.reader.request();
    Reply(peer, *std::move(response),
          {.is_head = request.is_head, .keep_alive = request.keep_alive});
  }
}

// False: there is no whole one, or it was refused.
bool AdminPort::ReadNext(Peer& peer) {
  using Result = http1::RequestReader::Result;
  if (peer.unparsed.empty()) return false;
  wire::Bytes input = wire::AsBytes(std::string_view(peer.unparsed));
  const Result result = peer.reader.Receive(&input);
  peer.unparsed.erase(0, peer.unparsed.size() - input.size());
  if (result == Result::kRefused) Reply(peer, ResponseFor(peer.reader.refusal()), {});
  if (result != Result::kRequest) return false;
  peer.is_asking = true;
  peer.asked_at = reactor::ReadClock();
  return true;
}

std::optional<http1::Response> AdminPort::AnswerTo(const Peer& peer) const {
  const http1::Request& request = peer.reader.request();
  if (is_loopback_ && !request.host.empty() && !IsLoopbackHost(request.host)) {
    return http1::Response{
        .status = 403,
        .body = "this port is for the machine itself: ask for localhost or 127.0.0.1\n"};
  }
  return answer_(request, peer.asked_at);
}

void AdminPort::Reply(Peer& peer, http1::Response response, http1::ResponseMode mode) {
  AddUsualFields(&response);
  peer.unsent = http1::Serialize(response, mode);
  peer.closes = !mode.keep_alive;
  Send(peer);
}

// What is left is sent when there is room.
void AdminPort::Send(Peer& peer) {
  const ssize_t bytes = ::send(peer.fd, peer.unsent.data(), peer.unsent.size(), MSG_NOSIGNAL);
  if (bytes < 0) {
    peer.is_done = errno != EAGAIN && errno != EINTR;
    return;
  }
  peer.quiet_since = reactor::ReadClock();
  peer.unsent.erase(0, static_cast<size_t>(bytes));
  if (!peer.unsent.empty() || !peer.closes) return;
  // Who was refused may have sent more: closing on that would reset the connection, and the answer
  // be lost. So the peer closes, or its quiet time ends.
  ::shutdown(peer.fd, SHUT_WR);
  peer.is_done = peer.reader.refusal().status == 0;
}

void AdminPort::CloseQuiet() {
  const TimeNs now = reactor::ReadClock();
  std::erase_if(peers_, [&](Peer& peer) {
    const bool is_quiet = !peer.is_asking && now - peer.quiet_since >= quiet_ns_max_;
    if (!peer.is_done && !is_quiet) return false;
    Close(peer);
    return true;
  });
}

void AdminPort::Close(Peer& peer) { ::close(peer.fd); }

}  // namespace penstock::server
