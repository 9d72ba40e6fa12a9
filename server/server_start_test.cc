// Servers that cannot start say why, in a sentence, and end cleanly.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "penstock/reactor/address.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/uring_features.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/server/server.h"

namespace penstock {
namespace {

ServerOptions Options() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  return options;
}

std::string WhyNot(const ServerOptions& options) {
  Server server(options);
  const Status status = server.Start();
  EXPECT_FALSE(status.ok());
  server.Stop();
  return std::string(MessageOf(status));
}

void ExpectIn(const std::string& text, const char* part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(ServerStart, APortInUseIsNamed) {
  Server first(Options());
  ASSERT_TRUE(first.Start().ok());
  ServerOptions options = Options();
  options.shards = 2;
  options.listen = {"127.0.0.1:0", first.addresses().front()};
  const std::string why = WhyNot(options);
  ExpectIn(why, first.addresses().front().c_str());
  ExpectIn(why, "in use");
}

TEST(ServerStart, AnAddressThatIsNoneIsNamed) {
  ServerOptions options = Options();
  options.listen = {"nonsense"};
  ExpectIn(WhyNot(options), "nonsense");
}

TEST(ServerStart, APassedSocketServesAndIsTakenOnce) {
  ServerOptions options = Options();
  std::string why;
  const int fd = reactor::OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(fd, 0) << why;
  const std::string address = reactor::Address::OfLocalEnd(fd)->ToString();
  options.listen = {"fd:" + std::to_string(fd), "[::1]:0", "[::]:0"};
  {
    Server server(options);
    ASSERT_TRUE(server.Start().ok());
    ASSERT_EQ(server.addresses().size(), 3u);
    EXPECT_EQ(server.addresses()[0], address);
    EXPECT_TRUE(server.addresses()[1].starts_with("[::1]:"));
    EXPECT_TRUE(server.addresses()[2].starts_with("[::]:"));
  }
  EXPECT_NE(::fcntl(fd, F_GETFD), 0) << "the server closes what it has taken";
  ExpectIn(WhyNot(options), "cannot listen on fd:");
  options.listen = {"systemd:"};
  ExpectIn(WhyNot(options), "LISTEN_FDS is not set");
}

TEST(ServerStart, APassedSocketIsNamedOnce) {
  ServerOptions options = Options();
  std::string why;
  const int fd = reactor::OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(fd, 0) << why;
  const std::string listen = "fd:" + std::to_string(fd);
  options.listen = {listen, listen};
  ExpectIn(WhyNot(options), "is taken by fd:");
}

TEST(ServerStart, ACpuThatIsNotThereIsNamed) {
  ServerOptions options = Options();
  options.cpus = {1023};
  ExpectIn(WhyNot(options), "cpu 1023");
}

TEST(ServerStart, TheShardsBeforeTheOneThatFailsAreEnded) {
  ServerOptions options = Options();
  options.shards = 3;
  options.cpus = {0, 1023, 0};
  ExpectIn(WhyNot(options), "cpu 1023");
}

TEST(ServerStart, NothingIsLeftOfAServerThatNeverStarted) {
  Server server(Options());
  server.Stop();
  EXPECT_EQ(server.counters().calls_started, 0u);
}

TEST(ServerStart, DescribesWhatRunsWhere) {
  ServerOptions options = Options();
  options.shards = 2;
  options.io = reactor::IoMode::kEpoll;
  Server server(options);
  ASSERT_TRUE(server.Start().ok());
  const std::string line = server.Describe();
  ExpectIn(line, server.addresses().front().c_str());
  ExpectIn(line, "2 shards");
  ExpectIn(line, "epoll");
}

TEST(ServerStart, AStartThatFailedLeavesNothingBehindForTheNext) {
  ServerOptions options = Options();
  std::string why;
  const int holder = reactor::OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(holder, 0) << why;
  options.admin = reactor::Address::OfLocalEnd(holder)->ToString();
  Server server(options);
  server.registry().Handle(UnaryMethod<RawMessage, RawMessage>{"/by.Hand/Raw"},
                           [](Call&, const RawMessage&, RawMessage&) { return OkStatus(); });
  const Status refused = server.Start();
  ASSERT_FALSE(refused.ok());
  ExpectIn(std::string(MessageOf(refused)), options.admin.c_str());
  ::close(holder);
  const Status status = server.Start();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(server.addresses().size(), 1u);
  const std::string line = server.Describe();
  ExpectIn(line, "; services by.Hand, grpc.health.v1.Health, ");
  EXPECT_EQ(line.find("v1.ServerReflection"), line.rfind("v1.ServerReflection")) << line;
  EXPECT_EQ(server.health().List(100)->size(), 2u) << "the server, and the program's own";
}

// The line that programs print, behind their name.
TEST(ServerStart, OneLineSaysItAllInTheOrderOfInterest) {
  ServerOptions options = Options();
  options.cpus = {0};
  options.io = reactor::IoMode::kEpoll;
  options.admin = "127.0.0.1:0";
  options.reflection = options.channelz = options.healthz = false;
  Server server(options);
  ASSERT_TRUE(server.Start().ok());
  EXPECT_EQ(server.Describe(), "listening on " + server.addresses().front() +
                                   " (h2c); 1 shard on cpu 0; epoll; admin " + server.admin_url() +
                                   "; services grpc.health.v1.Health");
}

TEST(ServerStart, WhatIsUsedInPlaceOfIoUringIsSaidWithTheCause) {
  Server server(Options());
  ASSERT_TRUE(server.Start().ok());
  const std::string line = server.Describe();
  const std::string uring = reactor::DescribeUring();
  if (uring.starts_with(reactor::kUringFeaturesNeeded)) {
    ExpectIn(line, "; 1 shard; io_uring (multishot, buffer rings); services ");
  } else {
    ExpectIn(line, ("; 1 shard; " + uring + "; using epoll; services ").c_str());
  }
}

TEST(ServerStart, ANumberThatHttp2DoesNotAllowIsRefused) {
  ServerOptions options = Options();
  options.http2.stream_window_bytes = 0x8000'0000;
  ExpectIn(WhyNot(options), "2^31-1");
  options.http2 = {};
  options.http2.decoder_table_bytes = 65'537;
  ExpectIn(WhyNot(options), "65,536");
}

TEST(ServerStart, WithoutCountThereIsAShardForEachCpu) {
  ServerOptions options = Options();
  options.shards = 0;
  options.cpus = {0, 0, 0};
  Server server(options);
  ASSERT_TRUE(server.Start().ok());
  ExpectIn(server.Describe(), "3 shards on cpus 0,0,0");
}

TEST(ServerStart, DescribesThatItDoesNotRun) {
  Server server(Options());
  EXPECT_EQ(server.Describe(), "not running");
}

}  // namespace
}  // namespace penstock
