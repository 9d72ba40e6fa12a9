// Serves one page over HTTP/2 with nothing of penstock but http2/: the sockets, the loop and the
// clock are the program's own. One client after the other, so that the whole of it is seen at once;
// a real server polls many descriptors and does the same for each.
//
//     bazel run //examples/http2_alone:server -- 8080     # port 0, or none, takes a free one
//     curl --http2-prior-knowledge http://127.0.0.1:8080/
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "penstock/http2/http2.h"

namespace {

namespace http2 = penstock::http2;
using penstock::TimeNs;

constexpr std::string_view kPage = "Hello from http2/ alone\n";

TimeNs Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * penstock::kNsPerSecond + time.tv_nsec;
}

// What a request asks for: Stream::user until it is whole. With a user its events come.
struct Asked {
  bool body;
};
Asked get{true};
Asked head{false};  // the fields of GET, and nothing behind them: RFC 9110 §9.3.2

void Answer(http2::Connection& connection, http2::Stream& stream) {
  const bool body = static_cast<Asked*>(stream.user)->body;
  stream.user = nullptr;  // ours no longer: the stream may be gone after what ends it
  const std::string length = std::to_string(kPage.size());
  const http2::OutgoingField fields[] = {
      {":status", "200"}, {"content-type", "text/plain"}, {"content-length", length}};
  connection.SendHead(stream, fields, body ? http2::EndStream::kNo : http2::EndStream::kYes);
  if (!body) return;
  connection.SendData(stream, penstock::wire::AsBytes(kPage), http2::EndStream::kYes);
}

// False: the connection is over.
bool Handle(http2::Connection& connection, const http2::Event& event) {
  using Kind = http2::Event::Kind;
  if (event.kind == Kind::kConnectionError) return false;
  if (event.kind == Kind::kHead) {
    event.stream->user = connection.head().method->value == "HEAD" ? &head : &get;
  }
  if (event.kind == Kind::kStreamReset) event.stream->user = nullptr;
  if (event.kind == Kind::kHeadTooLarge) {
    connection.SendReset(*event.stream, http2::ErrorCode::kEnhanceYourCalm);
    return true;
  }
  if (event.kind == Kind::kData) {  // a body that nobody wants
    connection.ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
  }
  if (event.end_stream) Answer(connection, *event.stream);
  return true;
}

// Reads what has come, and writes what there is to say, until the client leaves.
void Serve(int fd, http2::Workspace* workspace) {
  http2::Connection connection(http2::Role::kServer, http2::Limits{}, workspace, {});
  connection.Start(Now());
  bool open = true;
  while (open || connection.has_output()) {
    penstock::wire::OutputChain& output = connection.NextOutput();
    const short wanted = static_cast<short>((open ? POLLIN : 0) | (output.empty() ? 0 : POLLOUT));
    pollfd ready{fd, wanted, 0};
    const int ready_count = poll(&ready, 1, 1000);
    if (ready_count < 0 || (ready_count == 0 && !open)) return;
    if ((ready.revents & POLLOUT) != 0) {
      std::array<penstock::wire::Bytes, 1> piece;
      output.Gather(piece);
      const ssize_t sent = send(fd, piece[0].data(), piece[0].size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) return;
      output.Consume(static_cast<size_t>(sent));
    }
    if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      std::array<uint8_t, 16 * 1024> buffer;
      const ssize_t received = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (received <= 0) return;
      connection.Receive({buffer.data(), static_cast<size_t>(received)}, Now());
      http2::Event event;
      while (open && (event = connection.NextEvent()).kind != http2::Event::Kind::kNone) {
        open = Handle(connection, event);
      }
    }
    if (Now() >= connection.next_expiry()) open = Handle(connection, connection.Expire(Now()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t bytes = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, generic, bytes) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, generic, &bytes) != 0) {
    std::perror("cannot listen on 127.0.0.1");
    return 1;
  }
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  penstock::wire::SlabPool slabs;  // outlives the workspace, and that the connections
  http2::Workspace workspace(&slabs);
  for (int fd; (fd = accept(listener, nullptr, nullptr)) >= 0; close(fd)) Serve(fd, &workspace);
  std::perror("cannot accept");
  return 1;
}
