#include "penstock/server/takeover_message.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"

namespace penstock::server {
namespace {

constexpr std::string_view kMagic = "pstk";
constexpr size_t kHeaderBytes = 8;
constexpr const char* kSilentText = "the other process does not answer";
constexpr const char* kGoneText = "the other process has closed the connection";
constexpr const char* kStoppedText = "this server stops";

// Room for the descriptors of one message, as cmsg(3) wants it.
struct alignas(cmsghdr) RightsBuffer {
  std::array<char, CMSG_SPACE(sizeof(int) * kTakeoverSocketsMax)> bytes{};
};

TimeNs MonotonicNow() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

// "" when `fd` is ready.
std::string Await(int fd, short events, TimeNs until, int stop_fd) {
  for (;;) {
    const TimeNs left_ns = until - MonotonicNow();
    if (left_ns <= 0) return kSilentText;
    std::array<pollfd, 2> polled = {{{fd, events, 0}, {stop_fd, POLLIN, 0}}};
    const int left_ms = static_cast<int>(left_ns / kNsPerMs) + 1;
    const int ready = ::poll(polled.data(), polled.size(), left_ms);
    if (ready < 0 && errno != EINTR) return reactor::ErrorText(errno);
    if (ready > 0 && polled[1].revents != 0) return kStoppedText;
    if (ready > 0) return "";
  }
}

void AttachSockets(const ListeningSockets& sockets, RightsBuffer* rights, msghdr* header) {
  header->msg_control = rights->bytes.data();
  header->msg_controllen = CMSG_SPACE(sizeof(int) * sockets.size());
  cmsghdr* const control = CMSG_FIRSTHDR(header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int) * sockets.size());
  unsigned char* at = CMSG_DATA(control);
  for (const ListeningSocket& socket : sockets) {
    const int fd = socket.fd();
    std::memcpy(at, &fd, sizeof(fd));
    at += sizeof(fd);
  }
}

void TakeSockets(msghdr* header, ListeningSockets* sockets) {
  for (cmsghdr* control = CMSG_FIRSTHDR(header); control != nullptr;
       control = CMSG_NXTHDR(header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
      sockets->emplace_back("", fd);
    }
  }
}

// One recvmsg(); "" with what came appended.
std::string ReceiveSome(int fd, std::string* octets, ListeningSockets* sockets) {
  std::array<char, kHeaderBytes + kTakeoverTextBytesMax> buffer;
  RightsBuffer rights;
  iovec vector{buffer.data(), buffer.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = rights.bytes.data();
  header.msg_controllen = rights.bytes.size();
  const ssize_t received = ::recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received < 0) return errno == EAGAIN || errno == EINTR ? "" : reactor::ErrorText(errno);
  TakeSockets(&header, sockets);
  if ((header.msg_flags & MSG_CTRUNC) != 0) return "it passes more sockets than can be taken";
  if (received == 0) return kGoneText;
  octets->append(buffer.data(), static_cast<size_t>(received));
  return "";
}

// How long the message is of which `octets` are the beginning; 0: too few to tell.
size_t BytesOf(std::string_view octets, std::string* why) {
  if (octets.size() < kHeaderBytes) return 0;
  if (!octets.starts_with(kMagic)) {
    *why = "it does not speak this protocol: is the path another program's?";
  } else if (octets[4] != static_cast<char>(kTakeoverVersion)) {
    *why = "it speaks version " + std::to_string(static_cast<uint8_t>(octets[4])) +
           " of the protocol, and this process version " + std::to_string(kTakeoverVersion);
  }
  const size_t text_bytes =
      static_cast<size_t>(static_cast<uint8_t>(octets[6])) << 8 | static_cast<uint8_t>(octets[7]);
  if (text_bytes > kTakeoverTextBytesMax) *why = "its message is too long";
  return kHeaderBytes + text_bytes;
}

// Gives each socket the line that says what it was opened for, and its file.
std::string NameSockets(TakeoverMessage* message) {
  if (message->kind != TakeoverKind::kSockets) {
    return message->sockets.empty() ? "" : "it passes sockets where there should be none";
  }
  ListeningSockets named;
  std::string_view rest = message->text;
  for (ListeningSocket& socket : message->sockets) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return "it passes sockets without a name";
    const std::optional<reactor::Address> address = reactor::Address::OfLocalEnd(socket.fd());
    const std::string path = address ? address->unix_path() : "";
    named.emplace_back(std::string(rest.substr(0, end)), socket.Release(),
                       reactor::SocketFile(path));
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty()) return "it names sockets that it does not pass";
  message->sockets = std::move(named);
  return "";
}

}  // namespace

std::string TextOfSockets(const ListeningSockets& sockets) {
  std::string text;
  for (const ListeningSocket& socket : sockets) text += socket.asked() + "\n";
  return text;
}

std::string SendTakeover(int fd, TakeoverKind kind, std::string_view text,
                         const ListeningSockets* sockets) {
  if (text.size() > kTakeoverTextBytesMax) return "the names of the sockets are too long";
  if (sockets != nullptr && sockets->size() > kTakeoverSocketsMax) {
    return "more than " + std::to_string(kTakeoverSocketsMax) + " sockets";
  }
  std::string octets(kMagic);
  octets += static_cast<char>(kTakeoverVersion);
  octets += static_cast<char>(kind);
  octets += static_cast<char>(text.size() >> 8);
  octets += static_cast<char>(text.size() & 0xff);
  octets += text;
  const TimeNs until = MonotonicNow() + kTakeoverTimeoutNs;
  RightsBuffer rights;
  for (size_t sent_bytes = 0; sent_bytes < octets.size();) {
    iovec vector{octets.data() + sent_bytes, octets.size() - sent_bytes};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    if (sent_bytes == 0 && sockets != nullptr) AttachSockets(*sockets, &rights, &header);
    const ssize_t sent = ::sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      sent_bytes += static_cast<size_t>(sent);
    } else if (errno != EAGAIN && errno != EINTR) {
      return errno == EPIPE || errno == ECONNRESET ? kGoneText : reactor::ErrorText(errno);
    } else if (std::string why = Await(fd, POLLOUT, until, -1); !why.empty()) {
      return why;
    }
  }
  return "";
}

std::string ReceiveTakeover(int fd, TakeoverMessage* message, int stop_fd) {
  *message = {};
  std::string octets;
  std::string why;
  const TimeNs until = MonotonicNow() + kTakeoverTimeoutNs;
  size_t wanted_bytes = 0;
  while (wanted_bytes == 0 || octets.size() < wanted_bytes) {
    if (why = Await(fd, POLLIN, until, stop_fd); !why.empty()) return why;
    if (why = ReceiveSome(fd, &octets, &message->sockets); !why.empty()) return why;
    if (message->sockets.size() > kTakeoverSocketsMax) return "it passes too many sockets";
    wanted_bytes = BytesOf(octets, &why);
    if (!why.empty()) return why;
  }
  if (octets.size() > wanted_bytes) return "it says more than it should";
  const auto kind = static_cast<uint8_t>(octets[5]);
  if (kind < static_cast<uint8_t>(TakeoverKind::kHello) ||
      kind > static_cast<uint8_t>(TakeoverKind::kRefused)) {
    return "it says what this process does not know";
  }
  message->kind = static_cast<TakeoverKind>(kind);
  message->text = octets.substr(kHeaderBytes);
  return NameSockets(message);
}

}  // namespace penstock::server
