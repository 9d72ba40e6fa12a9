#include "penstock/server/admin/port.h"

#include <gtest/gtest.h>

#include <list>
#include <string>

#include "penstock/server/testing/test_socket.h"

namespace penstock::server {
namespace {

using test::TestSocket;

constexpr TimeNs kSoonNs = 50 * kNsPerMs;
constexpr TimeNs kNeverNs = 3600 * kNsPerSecond;

class AdminPortTest : public ::testing::Test {
 protected:
  void Start(TimeNs quiet_ns_max = kNeverNs, const std::string& address = "127.0.0.1:0") {
    port_ = std::make_unique<AdminPort>(
        [](const http1::Request& request) {
          if (request.path == "/large") return http1::Response{.body = std::string(32 << 20, 'x')};
          return http1::Response{.body = "[" + request.path + "]"};
        },
        quiet_ns_max);
    const Status status = port_->Open(address);
    ASSERT_TRUE(status.ok()) << status;
    port_->Start();
  }

  static std::string Get(const std::string& path, const std::string& more = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
  }
  // Reads until `text` has come.
  static std::string ReadUntil(TestSocket& socket, std::string_view text) {
    std::string read;
    while (!socket.ended() && read.find(text) == std::string::npos) read += socket.Read();
    return read;
  }

  std::unique_ptr<AdminPort> port_;
};

TEST_F(AdminPortTest, AnswersOneRequestBehindAnotherOnOneConnection) {
  Start();
  TestSocket socket(port_->address());
  socket.Write(Get("/1"));
  EXPECT_TRUE(ReadUntil(socket, "[/1]").starts_with("HTTP/1.1 200 OK\r\n"));
  std::string many;
  for (int i = 0; i < 200; ++i) many += Get("/again");
  socket.Write(many + Get("/last", "Connection: close\r\n"));
  const std::string read = socket.ReadToEnd();
  EXPECT_TRUE(read.ends_with("[/last]"));
  constexpr std::string_view kAgain = "[/again]";
  size_t count = 0;
  for (size_t at = 0; (at = read.find(kAgain, at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 200u);
}

TEST_F(AdminPortTest, RefusesWithASentenceAndCloses) {
  Start();
  TestSocket socket(port_->address());
  socket.Write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  const std::string read = socket.ReadToEnd();
  EXPECT_TRUE(read.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << read;
  EXPECT_NE(read.find("\r\nallow: GET, HEAD\r\n"), std::string::npos);
  EXPECT_TRUE(read.ends_with("only GET and HEAD are answered here\n"));
}

TEST_F(AdminPortTest, AnswersNoHostButTheMachineItselfOnLoopback) {
  Start();
  TestSocket socket(port_->address());
  socket.Write("GET / HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(socket.ReadToEnd().starts_with("HTTP/1.1 403 Forbidden\r\n"));
  for (const char* host : {"localhost", "localhost:80", "127.0.0.1:1", "127.9.9.9", "[::1]:5"}) {
    EXPECT_TRUE(AdminPort::IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"", "localhost.example", "127.0.0.1.example:1", "128.0.0.1", "[::2]"}) {
    EXPECT_FALSE(AdminPort::IsLoopbackHost(host)) << host;
  }
}

TEST_F(AdminPortTest, ClosesWhoIsQuietWhoIsInsideARequestAndWhoDoesNotRead) {
  Start(kSoonNs);
  TestSocket idle(port_->address());
  TestSocket half(port_->address());
  half.Write("GET / HT");
  TestSocket deaf(port_->address());
  deaf.Write(Get("/large"));
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(half.ReadToEnd(), "");
  // What the sockets could hold; not all of it.
  EXPECT_LT(ReadUntil(deaf, std::string(40 << 20, 'x')).size(), size_t{64} << 20);
  EXPECT_TRUE(deaf.ended());
}

TEST_F(AdminPortTest, TheQuietestMakesRoomForOneMore) {
  Start();
  std::list<TestSocket> sockets;
  for (size_t i = 0; i < AdminPort::kConnectionsMax; ++i) {
    sockets.emplace_back(port_->address());
    sockets.back().Write(Get("/"));
    ReadUntil(sockets.back(), "[/]");
  }
  TestSocket one_more(port_->address());
  one_more.Write(Get("/more"));
  EXPECT_NE(ReadUntil(one_more, "[/more]"), "");
  EXPECT_EQ(sockets.front().ReadToEnd(), "");
  sockets.back().Write(Get("/still"));
  EXPECT_NE(ReadUntil(sockets.back(), "[/still]"), "");
}

TEST_F(AdminPortTest, StopsWithAnswersUnderWay) {
  Start();
  TestSocket deaf(port_->address());
  deaf.Write(Get("/large"));
  deaf.Read();
  port_->Stop();
  port_->Stop();
  EXPECT_LT(deaf.ReadToEnd().size(), size_t{32} << 20);
}

TEST(AdminPort, SaysWhyItCannotListen) {
  AdminPort first([](const http1::Request&) { return http1::Response(); });
  ASSERT_TRUE(first.Open("127.0.0.1:0").ok());
  AdminPort second([](const http1::Request&) { return http1::Response(); });
  const Status status = second.Open(first.address());
  EXPECT_TRUE(MessageOf(status).starts_with("the admin port: ")) << status;
}

}  // namespace
}  // namespace penstock::server
