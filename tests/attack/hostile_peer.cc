#include "penstock/tests/attack/hostile_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "penstock/http2/error.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/message_prefix.h"

#include "examples/helloworld/helloworld.penstock.h"

namespace penstock::attack {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using http2::testing::Frame;

// What our PINGs say, so that the acknowledgement of an attack's own is not taken for theirs.
constexpr std::string_view kOurPing = "verdict!";

std::string CodeName(std::string_view four_octets) {
  const uint32_t code = wire::LoadBig32(wire::AsBytes(four_octets).data());
  return std::string(http2::ErrorCodeName(static_cast<ErrorCode>(code)));
}

}  // namespace

int ConnectTo(const std::string& address, int receive_buffer_bytes) {
  const size_t colon = address.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer_bytes != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  if (::connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target) == 0) return fd;
  ::close(fd);
  return -1;
}

Frame CallHead(uint32_t id, std::string_view path) {
  return http2::testing::Headers(id)
      .Post(path)
      .Field(":authority", "attack")
      .Field("te", "trailers")
      .Field("content-type", "application/grpc");
}

std::string CallMessage(std::string_view name) {
  helloworld::HelloRequest request;
  request.set_name(name);
  const std::string message = request.SerializeAsString();
  std::string framed(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                           {0, static_cast<uint32_t>(message.size())});
  return framed.append(message);
}

HostilePeer::HostilePeer(const std::string& address, int receive_buffer_bytes)
    : fd_(ConnectTo(address, receive_buffer_bytes)), closed_(fd_ < 0) {}

HostilePeer::~HostilePeer() {
  if (fd_ >= 0) ::close(fd_);
}

void HostilePeer::Hello(std::initializer_list<std::pair<http2::SettingId, uint32_t>> settings) {
  SendsBytes(http2::kClientPreface);
  Sends(http2::testing::SettingsFrame(settings));
  HearUntil([this] { return settings_ > 0 && settings_acks_ > 0; });
  Sends(http2::testing::SettingsAck());
}

bool HostilePeer::Wait(short events, int timeout_ms, short* seen) {
  pollfd poll{fd_, events, 0};
  *seen = 0;
  const int ready = ::poll(&poll, 1, timeout_ms);
  if (ready > 0) *seen = poll.revents;
  return ready > 0;
}

bool HostilePeer::SendsBytes(std::string_view bytes) {
  unsent_.append(bytes);
  std::string sending = std::exchange(unsent_, {});
  const size_t sent = Write(sending);
  if (stuck_) unsent_ = sending.substr(sent);
  return sent == sending.size() && !closed_;
}

size_t HostilePeer::Write(std::string_view all) {
  std::string_view bytes = all;
  while (!bytes.empty()) {
    if (closed_ || stuck_ || (reads_ && said_goaway())) break;
    const ssize_t written = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
      // What the server said before it closed is still to be read.
      reads_ = true;
      while (!closed_) ReadSome();
      break;
    }
    short seen = 0;
    const bool must_wait = written < 0;
    const auto events = static_cast<short>((reads_ ? POLLIN : 0) | (must_wait ? POLLOUT : 0));
    if (!must_wait && !reads_) continue;
    const int timeout_ms = !must_wait ? 0 : reads_ ? kPatienceMs : kStuckMs;
    if (!Wait(events, timeout_ms, &seen) && must_wait) {
      stuck_ = true;
      silent_ = reads_;
    }
    if (reads_ && (seen & (POLLIN | POLLHUP | POLLERR)) != 0) ReadSome();
  }
  return all.size() - bytes.size();
}

void HostilePeer::ReadSome() {
  char bytes[64 * 1024];
  short seen = 0;
  if (!Wait(POLLIN, kPatienceMs, &seen)) {
    silent_ = closed_ = true;
    return;
  }
  const ssize_t count = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    closed_ = true;
    return;
  }
  for (const Frame& frame : scanner_.Scan({bytes, static_cast<size_t>(count)})) Hear(frame);
}

void HostilePeer::Hear(const Frame& frame) {
  const bool is_ack = (frame.flags & http2::flags::kAck) != 0;
  const bool ends_stream = (frame.flags & http2::flags::kEndStream) != 0;
  switch (frame.type) {
    case FrameType::kData:
      data_bytes_ += frame.payload.size();
      if (ends_stream) HearEndOf(frame.stream_id);
      return;
    case FrameType::kHeaders:
      for (const auto& [name, value] : frame.fields) {
        if (name == "grpc-status") ++answers_["grpc-status " + value];
        if (name == ":status" && value != "200") ++answers_["status " + value];
      }
      if (ends_stream) HearEndOf(frame.stream_id);
      return;
    case FrameType::kRstStream:
      // After an answer that needed no more of the request: RFC 9113 §8.1
      if (CodeName(frame.payload) == "NO_ERROR") return;
      ++answers_["RST_STREAM " + CodeName(frame.payload)];
      HearEndOf(frame.stream_id);
      return;
    case FrameType::kSettings:
      is_ack ? ++settings_acks_ : ++settings_;
      return;
    case FrameType::kPing:
      ping_acks_ += is_ack && frame.payload == kOurPing;
      return;
    case FrameType::kGoAway:
      last_stream_id_ = wire::LoadBig32(wire::AsBytes(frame.payload).data());
      goaway_ = CodeName(std::string_view(frame.payload).substr(4)) + " " + frame.debug;
      return;
    default:
      return;
  }
}

void HostilePeer::HearEndOf(uint32_t stream_id) {
  ++streams_ended_;
  last_ended_id_ = std::max(last_ended_id_, stream_id);
}

bool HostilePeer::HearUntil(const std::function<bool()>& done) {
  while (!done()) {
    if (closed_) return false;
    ReadSome();
  }
  return true;
}

bool HostilePeer::Ping() {
  const size_t before = ping_acks_;
  return Sends(http2::testing::Ping(kOurPing)) &&
         HearUntil([&] { return ping_acks_ > before || said_goaway(); }) && !said_goaway();
}

bool HostilePeer::HearEnd() {
  while (!closed_) ReadSome();
  return !silent_;
}

void HostilePeer::CloseWrite() { ::shutdown(fd_, SHUT_WR); }

std::string HostilePeer::Describe(std::string_view state) const {
  std::string text(state);
  char separator = ';';
  for (const auto& [words, count] : answers_) {
    text += separator;
    text += " " + std::to_string(count) + " x " + words;
    separator = ',';
  }
  return text;
}

bool HostilePeer::HearAgain() {
  reads_ = true;
  stuck_ = false;
  return SendsBytes("");
}

std::string HostilePeer::Verdict() {
  HearAgain();
  if (!closed_ && !said_goaway() && Ping()) return Describe("OPEN");
  return VerdictAtEnd();
}

std::string HostilePeer::VerdictAtEnd() {
  if (fd_ < 0) return "NOT CONNECTED";
  HearEnd();
  if (silent_) return Describe("SILENT");
  return Describe(said_goaway() ? "GOAWAY " + goaway_ : "CLOSED");
}

}  // namespace penstock::attack
