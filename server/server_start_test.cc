// Servers that cannot start say why, in a sentence, and end cleanly.
#include <gtest/gtest.h>

#include <string>

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
