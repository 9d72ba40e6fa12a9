// Handlers that are clients themselves.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::ShardedChannel;

// Asks another server, whose answer is its own.
class Relay final : public EchoHandlers<Relay> {
 public:
  explicit Relay(std::string target) : channel_(target) {}

  Task<StatusOr<Text>> Say(Call& call, const Text& request) {
    co_return co_await echo_.Say(call, request);
  }

 private:
  ShardedChannel channel_;
  EchoClient echo_{&channel_};
};

class ShardedTest : public ClientTest {
 protected:
  std::unique_ptr<Server> StartRelay(const std::string& target) {
    ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 3;
    options.io = GetParam();
    auto relay = std::make_unique<Server>(options);
    relay->Add<Relay>(target);
    const Status status = relay->Start();
    EXPECT_TRUE(status.ok()) << status;
    return relay;
  }
};
INSTANTIATE_CLIENT_TEST(ShardedTest);

TEST_P(ShardedTest, HandlersOfEveryShardShareAClient) {
  StartServer([](Call& call, const Text& request, Text& reply) {
    EXPECT_NE(call.deadline(), kTimeNever);  // the first caller's
    reply.set_text(request.text());
    return OkStatus();
  });
  const std::unique_ptr<Server> relay = StartRelay(address());
  const CallOptions options = CallOptions().SetTimeout(60 * kNsPerSecond);
  ChannelOptions several;
  several.connections = 6;  // on the relay's shards, the least loaded first
  Channel channel(shard(), relay->addresses().front(), several);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(SayTo(channel, std::to_string(i), options).value(), std::to_string(i));
  }
  relay->Stop();
}

// The relay's channels are in TRANSIENT_FAILURE, with timers, when its shards go.
TEST_P(ShardedTest, AServerStopsWhateverItsChannelsDo) {
  const std::unique_ptr<Server> relay = StartRelay("unix-abstract:penstock-nobody-is-here");
  Channel channel(shard(), relay->addresses().front());
  const Status status = SayTo(channel, "x").status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  relay->Stop();
}

}  // namespace
}  // namespace penstock::test::client
