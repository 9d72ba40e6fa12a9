// A client's unary calls, against our own server.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

class UnaryTest : public ClientTest {};
INSTANTIATE_CLIENT_TEST(UnaryTest);

TEST_P(UnaryTest, TheReplyComesBack) {
  StartServer();
  Channel channel(shard(), address());
  EXPECT_EQ(channel.state(), ChannelState::kIdle);
  EXPECT_EQ(SayTo(channel, "hear, hear").value(), "hear, hear");
  EXPECT_EQ(channel.state(), ChannelState::kReady);
  EXPECT_EQ(SayTo(channel, "").value(), "");
  EXPECT_EQ(channel.counters().connections_made, 1u);
  EXPECT_EQ(channel.counters().calls_started, 2u);
}

// Larger than a frame, a slab and the windows.
TEST_P(UnaryTest, LargeMessagesPassBothWays) {
  StartServer();
  Channel channel(shard(), address());
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(SayTo(channel, large).value(), large);
}

TEST_P(UnaryTest, TheServersStatusComesBack) {
  StartServer([](Call&, const Text&, Text&) {
    return MakeStatus(StatusCode::kNotFound, "no such thing: 100 %, \xc3\xa4");
  });
  Channel channel(shard(), address());
  const Status status = SayTo(channel, "x").status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(status), "no such thing: 100 %, \xc3\xa4");
}

Task<void> SayWithMetadata(EchoClient echo, Scope* scope, const CallOptions& options) {
  Text request;
  request.set_text("x");
  auto saying = echo.Say(*scope, request, options);
  const StatusOr<Text> reply = co_await saying;
  EXPECT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(saying.initial_metadata().Get("x-initial"), "i");
  EXPECT_EQ(saying.trailing_metadata().Get("x-octets-bin"), std::string("\0\xff", 2));
}

TEST_P(UnaryTest, MetadataGoesBothWays) {
  StartServer([](Call& call, const Text&, Text&) {
    EXPECT_EQ(call.metadata().Get("x-user"), "ada");
    EXPECT_EQ(call.metadata().Get("x-key-bin"), "\x01\x02");
    EXPECT_TRUE(call.metadata().Get("user-agent")->starts_with("mine/1 grpc-c++-penstock/"));
    EXPECT_TRUE(call.initial_metadata().Add("x-initial", "i"));
    EXPECT_TRUE(call.trailing_metadata().Add("x-octets-bin", std::string_view("\0\xff", 2)));
    return OkStatus();
  });
  ChannelOptions channel_options;
  channel_options.user_agent_prefix = "mine/1";
  Channel channel(shard(), address(), channel_options);
  CallOptions options;
  EXPECT_TRUE(options.AddMetadata("x-user", "ada"));
  EXPECT_TRUE(options.AddMetadata("x-key-bin", "\x01\x02"));
  EXPECT_FALSE(options.AddMetadata("grpc-timeout", "1S"));
  EXPECT_FALSE(options.AddMetadata("X-User", "ada"));
  Scope scope(shard());
  Run(SayWithMetadata(EchoClient(&channel), &scope, options));
}

TEST_P(UnaryTest, ManyFieldsOfMetadataPass) {
  StartServer([](Call& call, const Text&, Text& reply) {
    reply.set_text(*call.metadata().Get("x-49"));
    return OkStatus();
  });
  Channel channel(shard(), address());
  CallOptions options;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(options.AddMetadata("x-" + std::to_string(i), std::to_string(i)));
  }
  EXPECT_EQ(SayTo(channel, "", options).value(), "49");
}

Task<void> SayAllAtOnce(EchoClient echo, Scope* scope) {
  Text request;
  request.set_text("one");
  auto one = echo.Say(*scope, request);
  request.set_text("two");  // the first is encoded
  auto two = echo.Say(*scope, request);
  const StatusOr<Text> second = co_await two;
  const StatusOr<Text> first = co_await one;
  EXPECT_EQ(first->text(), "one");
  EXPECT_EQ(second->text(), "two");
}

TEST_P(UnaryTest, CallsGoOnSideBySide) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  Run(SayAllAtOnce(EchoClient(&channel), &scope));
}

Task<void> SayAndForget(EchoClient echo, Scope* scope) {
  Text request;
  { auto forgotten = echo.Say(*scope, request); }
  const StatusOr<Text> reply = co_await echo.Say(*scope, request);
  EXPECT_TRUE(reply.ok()) << reply.status();
}

TEST_P(UnaryTest, ACallThatIsDroppedHurtsNoOther) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  Run(SayAndForget(EchoClient(&channel), &scope));  // while it waits for the connection
  Run(SayAndForget(EchoClient(&channel), &scope));  // on its stream
}

TEST_P(UnaryTest, SeveralConnectionsShareTheCalls) {
  StartServer();
  ChannelOptions options;
  options.connections = 3;
  Channel channel(shard(), address(), options);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(SayTo(channel, "x").ok());
  EXPECT_EQ(channel.counters().connections_made, 3u);
}

TEST_P(UnaryTest, UnixSocketsServe) {
  const std::string address = "unix-abstract:penstock-client-" + std::to_string(::getpid());
  StartServer({}, address);
  Channel channel(shard(), address);
  EXPECT_EQ(SayTo(channel, "x").value(), "x");
}

}  // namespace
}  // namespace penstock::test::client
