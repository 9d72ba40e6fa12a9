#include "penstock/server/admin/port.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "penstock/reactor/listener.h"
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
        [this](const http1::Request& request, TimeNs) -> std::optional<http1::Response> {
          ++asked_count_;
          if (request.path == "/large") {
            return http1::Response{.body = std::string(32 << 20, 'x')};
          }
          if (request.path == "/later" && !may_answer_) return std::nullopt;
          while (request.path == "/at_the_end" && !port_->stopping()) std::this_thread::yield();
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

  std::atomic<int> asked_count_{0};
  std::atomic<bool> may_answer_{false};
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

TEST_F(AdminPortTest, ClosesAtOnceOnTls) {
  Start();
  TestSocket socket(port_->address());
  socket.Write("\x16\x03\x01");
  EXPECT_EQ(socket.ReadToEnd(), "");
  EXPECT_EQ(asked_count_, 0);
}

TEST_F(AdminPortTest, AnswersNoHostButTheMachineItselfOnLoopback) {
  Start();
  TestSocket socket(port_->address());
  socket.Write("GET / HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(socket.ReadToEnd().starts_with("HTTP/1.1 403 Forbidden\r\n"));
  for (const char* host :
       {"localhost", "localhost:80", "LocalHost", "127.0.0.1:1", "127.9.9.9", "[::1]:5"}) {
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
  // By now the sockets hold all they can of the answer, and this one is quiet for a shorter time:
  // when it is closed, the other has been.
  TestSocket later(port_->address());
  EXPECT_EQ(later.ReadToEnd(), "");
  EXPECT_LT(deaf.ReadToEnd().size(), size_t{32} << 20);
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

TEST_F(AdminPortTest, AnswersOthersWhileOneWaits) {
  Start();
  TestSocket later(port_->address());
  later.Write(Get("/later") + Get("/behind"));
  while (asked_count_ == 0) std::this_thread::yield();
  TestSocket other(port_->address());
  other.Write(Get("/now"));
  EXPECT_NE(ReadUntil(other, "[/now]"), "");
  may_answer_ = true;
  const std::string read = ReadUntil(later, "[/behind]");
  EXPECT_LT(read.find("[/later]"), read.find("[/behind]")) << read;
}

TEST_F(AdminPortTest, WhoWaitsForAnAnswerIsNotQuiet) {
  Start(kSoonNs);
  TestSocket later(port_->address());
  later.Write(Get("/later"));
  while (asked_count_ == 0) std::this_thread::yield();
  TestSocket quiet(port_->address());
  EXPECT_EQ(quiet.ReadToEnd(), "");
  may_answer_ = true;
  EXPECT_NE(ReadUntil(later, "[/later]"), "");
}

TEST_F(AdminPortTest, StopsBeforeTheNextOfManyRequests) {
  Start();
  TestSocket socket(port_->address());
  std::string many;
  for (int i = 0; i < 50; ++i) many += Get("/at_the_end");
  socket.Write(many);
  while (asked_count_ == 0) std::this_thread::yield();
  port_->Stop();
  EXPECT_EQ(asked_count_, 1);
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

TEST_F(AdminPortTest, RemovesItsFileAndNoOther) {
  char folder[] = "/tmp/penstock_test_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/admin";
  Start(kNeverNs, "unix:" + path);
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  port_->Stop();
  EXPECT_EQ(::access(path.c_str(), F_OK), -1);
  Start(kNeverNs, "unix:" + path);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  std::string why;
  const int successor = reactor::OpenListeningSocket("unix:" + path, &why);
  ASSERT_GE(successor, 0) << why;
  port_->Stop();
  EXPECT_EQ(::unlink(path.c_str()), 0) << "the successor's is gone";
  ::close(successor);
  EXPECT_EQ(::rmdir(folder), 0);
}

TEST(AdminPort, SaysWhyItCannotListen) {
  const auto answer = [](const http1::Request&, TimeNs) { return http1::Response(); };
  AdminPort first(answer);
  ASSERT_TRUE(first.Open("127.0.0.1:0").ok());
  AdminPort second(answer);
  Status status = second.Open(first.address());
  EXPECT_TRUE(MessageOf(status).starts_with("the admin port: ")) << status;
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  status = second.Open("127.0.0.1:0/nonsense");
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(second.url(), "");
}

}  // namespace
}  // namespace penstock::server
