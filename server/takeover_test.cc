// A server takes over from another, and what goes wrong leaves the old one serving.
#include "penstock/server/takeover.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/listener.h"
#include "penstock/server/server.h"
#include "penstock/server/takeover_message.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using server::ReceiveTakeover;
using server::SendTakeover;
using server::TakeoverKind;
using server::TakeoverMessage;

class TakeoverTest : public ServerTest {
 protected:
  TakeoverTest() {
    char folder[] = "/tmp/penstock_test_XXXXXX";
    EXPECT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    options_.takeover = "unix:" + folder_ + "/takeover";
    options_.listen = {"127.0.0.1:0", "unix:" + folder_ + "/app"};
  }
  void TearDown() override {
    ServerTest::TearDown();
    EXPECT_EQ(::rmdir(folder_.c_str()), 0) << "a file was left behind";
  }

  std::unique_ptr<Server> MakeSuccessor(const ServerOptions& options) {
    auto successor = std::make_unique<Server>(options);
    successor->registry().Handle(Echo::Say, [](Call&, const Text& request, Text& reply) {
      reply.set_text("the new one: " + std::string(request.text()));
      return OkStatus();
    });
    return successor;
  }
  static std::string Say(TestClient& client) { return TextOf(client.Call(kSay, FramedText("x"))); }

  // The other end of the control socket.
  int Connect() const {
    std::string why;
    const reactor::Address to = *reactor::Address::Resolve(options_.takeover, &why);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, to.get(), to.bytes()), 0);
    return fd;
  }
  std::string_view io() const { return GetParam() == reactor::IoMode::kUring ? "uring" : "epoll"; }

  std::string folder_;
};
INSTANTIATE_SERVER_TEST(TakeoverTest);

TEST_P(TakeoverTest, TheNewServerServesWhereTheOldOneDid) {
  START_SERVER();
  std::vector<DrainCause> causes;
  server().OnDrain([&](DrainCause cause) { causes.push_back(cause); });
  const std::vector<std::string> addresses = server().addresses();
  TestClient open(addresses[0]);
  EXPECT_EQ(Say(open), "x");
  std::thread old([this] { server().Run(); });
  // By the names that were asked for; port 0 is the old one's port.
  std::unique_ptr<Server> successor = MakeSuccessor(options_);
  const Status status = successor->Start();
  ASSERT_TRUE(status.ok()) << status;
  open.WaitForClose();
  open.socket().Close();
  old.join();
  EXPECT_EQ(causes, std::vector<DrainCause>{DrainCause::kSuccessor});
  EXPECT_EQ(server().health().Find(""), HealthStatus::kServing);
  EXPECT_EQ(successor->addresses(), addresses);
  for (const std::string& address : addresses) {
    TestClient client(address);
    EXPECT_EQ(Say(client), "the new one: x");
  }
  // And so on, by address.
  ServerOptions options = options_;
  options.listen = addresses;
  std::thread second([&] { successor->Run(); });
  std::unique_ptr<Server> third = MakeSuccessor(options);
  ASSERT_TRUE(third->Start().ok());
  second.join();
  TestClient client(addresses[1]);
  EXPECT_EQ(Say(client), "the new one: x");
}

TEST_P(TakeoverTest, WhatGoesWrongLeavesTheOldOneServing) {
  START_SERVER();
  testing::internal::CaptureStderr();
  TakeoverMessage message;
  // Somebody who only looks.
  ::close(Connect());
  int fd = Connect();
  EXPECT_EQ(::send(fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  EXPECT_EQ(ReceiveTakeover(fd, &message), "");
  EXPECT_EQ(message.kind, TakeoverKind::kRefused);
  ::close(fd);
  fd = Connect();
  EXPECT_EQ(::send(fd, "pstk\x02\x01\0\0", 8, 0), 8);
  EXPECT_EQ(ReceiveTakeover(fd, &message), "");
  EXPECT_NE(message.text.find("it speaks version 2 of the protocol"), std::string::npos);
  ::close(fd);
  // One that cannot share sockets, and one that dies with them.
  fd = Connect();
  EXPECT_EQ(SendTakeover(fd, TakeoverKind::kHello, "kqueue"), "");
  EXPECT_EQ(ReceiveTakeover(fd, &message), "");
  EXPECT_EQ(message.kind, TakeoverKind::kRefused);
  EXPECT_NE(message.text.find("give both the same --io"), std::string::npos) << message.text;
  ::close(fd);
  fd = Connect();
  EXPECT_EQ(SendTakeover(fd, TakeoverKind::kHello, io()), "");
  EXPECT_EQ(ReceiveTakeover(fd, &message), "");
  EXPECT_EQ(message.sockets.size(), 3u);
  ::close(fd);
  message = {};
  ExpectServes(server().addresses()[0]);
  ExpectServes(server().addresses()[1]);
  Stop();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("does not take over: the other process has closed"), std::string::npos)
      << said;
}

TEST_P(TakeoverTest, ASuccessorThatCannotStartTakesNothing) {
  START_SERVER();
  ServerOptions options = options_;
  options.listen.push_back("127.0.0.1:0/nonsense");
  EXPECT_FALSE(MakeSuccessor(options)->Start().ok());
  options = options_;
  options.admin = "127.0.0.1:0/nonsense";
  EXPECT_FALSE(MakeSuccessor(options)->Start().ok());
  options = options_;
  options.io = GetParam() == reactor::IoMode::kUring ? reactor::IoMode::kEpoll
                                                     : reactor::IoMode::kUring;
  EXPECT_FALSE(MakeSuccessor(options)->Start().ok());
  options.takeover = "127.0.0.1:1";
  EXPECT_NE(MessageOf(MakeSuccessor(options)->Start()).find("no unix: or unix-abstract: one"),
            std::string_view::npos);
  EXPECT_FALSE(server().draining());
  for (const std::string& address : server().addresses()) ExpectServes(address);
}

TEST_P(TakeoverTest, AnAdminAddressThatSomebodyHasCostsNobodyTheService) {
  START_SERVER();
  std::thread old([this] { server().Run(); });
  std::string why;
  const int holder = reactor::OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(holder, 0) << why;
  ServerOptions options = options_;
  options.admin = reactor::Address::OfLocalEnd(holder)->ToString();
  testing::internal::CaptureStderr();
  std::unique_ptr<Server> successor = MakeSuccessor(options);
  const Status status = successor->Start();
  if (!status.ok()) server().RequestDrain();
  old.join();
  const std::string said = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_NE(said.find("penstock: the admin port: cannot listen on " + options.admin),
            std::string::npos)
      << said;
  {
    TestClient client(successor->addresses()[0]);
    EXPECT_EQ(Say(client), "the new one: x");
  }
  EXPECT_EQ(successor->admin_url(), "");
  EXPECT_EQ(successor->Describe().find("admin"), std::string::npos);
  ::close(holder);
  while (successor->admin_url().empty()) std::this_thread::yield();
  EXPECT_EQ(successor->admin_url(), "http://" + options.admin);
}

TEST_P(TakeoverTest, OneThatDrainsAlreadyLetsGoOfTheAdminAddressWithCallsUnderWay) {
  options_.admin = "unix:" + folder_ + "/admin";
  options_.drain_delay_ns = 60 * kNsPerSecond;
  START_SERVER();
  TestClient client(address());
  const uint32_t held = client.Open(TestClient::Head(kSay));
  client.Ping();
  std::thread drain([this] { server().Drain(60 * kNsPerSecond); });
  while (!server().draining()) std::this_thread::yield();
  std::unique_ptr<Server> successor = MakeSuccessor(options_);
  const Status status = successor->Start();
  EXPECT_TRUE(status.ok()) << status;
  while (status.ok() && successor->admin_url().empty()) std::this_thread::yield();
  client.Send(held, FramedText("x"), http2::EndStream::kYes);
  EXPECT_EQ(client.Wait(held).status(), 0);
  client.WaitForClose();
  client.socket().Close();
  drain.join();
  EXPECT_EQ(::access((folder_ + "/admin").c_str(), F_OK), 0) << "the successor's file is gone";
}

TEST_P(TakeoverTest, MoreAddressesAreOpenedAndFewerAreLetGo) {
  START_SERVER();
  const std::string let_go = server().addresses()[1];
  std::thread old([this] { server().Run(); });
  ServerOptions options = options_;
  options.listen = {options_.listen[0], "127.0.0.1:0"};
  std::unique_ptr<Server> successor = MakeSuccessor(options);
  ASSERT_TRUE(successor->Start().ok());
  old.join();
  EXPECT_EQ(successor->addresses()[0], server().addresses()[0]);
  for (const std::string& address : successor->addresses()) {
    TestClient client(address);
    EXPECT_EQ(Say(client), "the new one: x");
  }
  successor.reset();
  EXPECT_EQ(::unlink((folder_ + "/app").c_str()), -1) << "the file of the one it does not want";
}

TEST_P(TakeoverTest, ASecondSignalWaitsForNoSuccessorThatHesitates) {
  START_SERVER();
  const int fd = Connect();
  TakeoverMessage message;
  ASSERT_EQ(SendTakeover(fd, TakeoverKind::kHello, io()), "");
  ASSERT_EQ(ReceiveTakeover(fd, &message), "");
  std::thread old([this] { server().Run(); });
  const TimeNs before_ns = reactor::ReadClock();
  ::kill(::getpid(), SIGTERM);
  while (!server().draining()) std::this_thread::yield();
  ::kill(::getpid(), SIGTERM);
  old.join();
  EXPECT_LT(reactor::ReadClock() - before_ns, server::kTakeoverTimeoutNs);
  message = {};
  EXPECT_NE(ReceiveTakeover(fd, &message), "");
  ::close(fd);
}

TEST_P(TakeoverTest, AnAddressThatIsAskedForTwiceStaysTwoSockets) {
  options_.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  START_SERVER();
  const std::vector<std::string> addresses = server().addresses();
  ASSERT_EQ(addresses.size(), 2u);
  std::thread old([this] { server().Run(); });
  std::unique_ptr<Server> successor = MakeSuccessor(options_);
  const Status status = successor->Start();
  if (!status.ok()) server().RequestDrain();
  old.join();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(successor->addresses(), addresses);
}

// By either way: it takes over, or it finds all addresses free.
TEST_P(TakeoverTest, ANewServerMayComeWhileTheOldOneEnds) {
  START_SERVER();
  ServerOptions options = options_;
  options.listen = server().addresses();
  std::thread old([this] { server().Drain(); });
  std::unique_ptr<Server> successor = MakeSuccessor(options);
  const Status status = successor->Start();
  old.join();
  ASSERT_TRUE(status.ok()) << status;
  for (const std::string& address : successor->addresses()) {
    TestClient client(address);
    EXPECT_EQ(Say(client), "the new one: x");
  }
}

// --- The messages

class TakeoverMessageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
  }
  void TearDown() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  std::string Receive(std::string_view octets) {
    EXPECT_EQ(::send(ends_[0], octets.data(), octets.size(), 0),
              static_cast<ssize_t>(octets.size()));
    TakeoverMessage message;
    return ReceiveTakeover(ends_[1], &message);
  }

  int ends_[2];
};

server::ListeningSockets Copies(size_t count) {
  std::string why;
  server::ListeningSockets sockets;
  sockets.emplace_back("127.0.0.1:0", reactor::OpenListeningSocket("127.0.0.1:0", &why));
  while (sockets.size() < count) sockets.push_back(sockets.front().Copy());
  return sockets;
}

TEST_F(TakeoverMessageTest, CarriesAsManySocketsAsAreAllowed) {
  server::ListeningSockets sockets = Copies(server::kTakeoverSocketsMax);
  ASSERT_EQ(SendTakeover(ends_[0], TakeoverKind::kSockets, TextOfSockets(sockets), &sockets), "");
  TakeoverMessage message;
  ASSERT_EQ(ReceiveTakeover(ends_[1], &message), "");
  ASSERT_EQ(message.sockets.size(), server::kTakeoverSocketsMax);
  EXPECT_EQ(message.sockets.back().asked(), "127.0.0.1:0");
  EXPECT_EQ(message.sockets.back().address(), sockets.front().address());
  sockets.push_back(sockets.front().Copy());
  EXPECT_EQ(SendTakeover(ends_[0], TakeoverKind::kSockets, TextOfSockets(sockets), &sockets),
            "more than 64 sockets");
}

TEST_F(TakeoverMessageTest, SocketsWithoutNamesAndNamesWithoutSocketsAreRefused) {
  const server::ListeningSockets sockets = Copies(2);
  TakeoverMessage message;
  ASSERT_EQ(SendTakeover(ends_[0], TakeoverKind::kSockets, "a\n", &sockets), "");
  EXPECT_EQ(ReceiveTakeover(ends_[1], &message), "it passes sockets without a name");
  ASSERT_EQ(SendTakeover(ends_[0], TakeoverKind::kSockets, "a\nb\nc\n", &sockets), "");
  EXPECT_EQ(ReceiveTakeover(ends_[1], &message), "it names sockets that it does not pass");
  ASSERT_EQ(SendTakeover(ends_[0], TakeoverKind::kServing, "", &sockets), "");
  EXPECT_EQ(ReceiveTakeover(ends_[1], &message),
            "it passes sockets where there should be none");
}

TEST_F(TakeoverMessageTest, WhatIsNoMessageIsRefused) {
  const struct {
    std::string_view octets;
    const char* want;
  } cases[] = {
      {{"\x16\x03\x01\0\0\0\0\0", 8}, "it does not speak this protocol"},
      {{"pstk\x07\x01\0\0", 8}, "it speaks version 7 of the protocol"},
      {{"pstk\x01\x01\x40\x01", 8}, "its message is too long"},
      {{"pstk\x01\x09\0\0", 8}, "it says what this process does not know"},
      {{"pstk\x01\x01\0\0+", 9}, "it says more than it should"},
  };
  for (const auto& each : cases) {
    EXPECT_TRUE(Receive(each.octets).starts_with(each.want)) << each.want;
  }
  ASSERT_EQ(::send(ends_[0], "pstk", 4, 0), 4);
  ::shutdown(ends_[0], SHUT_WR);
  TakeoverMessage message;
  EXPECT_EQ(ReceiveTakeover(ends_[1], &message), "the other process has closed the connection");
}

}  // namespace
}  // namespace penstock::test
