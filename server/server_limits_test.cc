// Limits that are the server's own or a shard's, at their bound and one above.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/http2/limit.h"
#include "penstock/reactor/testing/descriptor_limit.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::ErrorCode;
using http2::Limit;

class ServerLimitsTest : public ServerTest {
 protected:
  uint64_t TripsOf(Limit limit) { return Stop().limit_trips[limit]; }
};
INSTANTIATE_SERVER_TEST(ServerLimitsTest);

// Whether the server closes a new connection without a word.
bool IsTurnedAway(const std::string& address) {
  TestSocket socket(address);
  return socket.ReadToEnd().empty();
}

TEST_P(ServerLimitsTest, AShardTakesSoManyConnections) {
  options_.shards = 1;
  options_.connections_per_shard_max = 2;
  START_SERVER();
  TestClient first(address()), second(address());
  EXPECT_EQ(first.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_EQ(second.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_TRUE(IsTurnedAway(address()));
  EXPECT_EQ(first.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_EQ(TripsOf(Limit::kConnectionsOfShard), 1u);
}

TEST_P(ServerLimitsTest, AServerTakesSoManyConnections) {
  options_.shards = 2;
  options_.connections_max = 2;
  START_SERVER();
  TestClient first(address()), second(address());
  EXPECT_EQ(first.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_EQ(second.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_TRUE(IsTurnedAway(address()));
  EXPECT_EQ(TripsOf(Limit::kConnectionsOfProcess), 1u);
}

TEST_P(ServerLimitsTest, ShortMemoryTakesNoConnection) {
  options_.shard_memory_bytes_max = 1;
  START_SERVER();
  EXPECT_TRUE(IsTurnedAway(address()));
  EXPECT_EQ(TripsOf(Limit::kMemoryConnections), 1u);
}

TEST_P(ServerLimitsTest, ShortMemoryClosesWhoIsIdle) {
  options_.shards = 1;
  options_.shard_memory_bytes_max = 1;
  options_.memory_connections_percent = options_.memory_streams_percent = UINT32_MAX;
  START_SERVER();
  TestSocket socket(address());
  EXPECT_EQ(socket.ReadToEnd(), "") << "it had not said yet what it speaks";
  EXPECT_EQ(TripsOf(Limit::kMemoryIdle), 1u);
}

TEST_P(ServerLimitsTest, ShortMemoryTakesNoStreams) {
  options_.shards = 1;
  options_.shard_memory_bytes_max = 1;
  options_.memory_connections_percent = options_.memory_idle_percent = UINT32_MAX;
  START_SERVER();
  TestClient client(address());
  client.Ping();  // the handshake is over, and the memory was looked at
  const uint32_t id = client.Open(TestClient::Head(kSay));
  EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kRefusedStream);
  EXPECT_EQ(TripsOf(Limit::kMemoryStreams), 1u);
}

TEST_P(ServerLimitsTest, OutOfDescriptorsItSaysWhatToDo) {
  options_.io = reactor::IoMode::kEpoll;  // a ring reads the limit when it begins to accept
  START_SERVER();
  ::testing::internal::CaptureStderr();
  {
    const reactor::DescriptorLimit limit(1);  // the peer's
    EXPECT_TRUE(IsTurnedAway(address()));
  }
  Stop();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("penstock: out of file descriptors, new connections are closed at once; "
                      "RLIMIT_NOFILE is "),
            std::string::npos)
      << said;
  EXPECT_NE(said.find(": raise it (ulimit -n, a unit's LimitNOFILE=), or set connections-max below "
                      "it (shard "),
            std::string::npos)
      << said;
}

TEST_P(ServerLimitsTest, AMessageTooLongIsCounted) {
  options_.message_bytes_max = 10;
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client
                .Call(kSay, Framed("\x0a\x08"
                                   "12345678"))
                .status(),
            0);
  EXPECT_EQ(client
                .Call(kSay, Framed("\x0a\x09"
                                   "123456789"))
                .status(),
            8);
  EXPECT_EQ(TripsOf(Limit::kMessageBytes), 1u);
}

TEST_P(ServerLimitsTest, AMessageThatDoesNotGoOnIsCancelled) {
  options_.http2.slow_request_timeout_ns = kNsPerMs;
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("x").substr(0, 3));
  EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kCancel);
  EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_EQ(TripsOf(Limit::kSlowRequest), 1u);
}

TEST_P(ServerLimitsTest, ACallThatHasNotBegunItsMessageMayRest) {
  options_.http2.slow_request_timeout_ns = kNsPerMs;
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  // Another stream's time passes meanwhile.
  const uint32_t slow = client.Open(TestClient::Head(kSay));
  client.Send(slow, FramedText("x").substr(0, 3));
  EXPECT_EQ(client.WaitForReset(slow).reset, ErrorCode::kCancel);
  client.Send(id, FramedText("x"), http2::EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 0);
}

}  // namespace
}  // namespace penstock::test
