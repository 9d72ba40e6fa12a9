// Calls from threads that are no shard's.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::BlockingChannel;

class BlockingTest : public ClientTest {
 protected:
  static reactor::ShardOptions Shard() {
    reactor::ShardOptions options;
    options.io = GetParam();
    return options;
  }
};
INSTANTIATE_CLIENT_TEST(BlockingTest);

StatusOr<Text> AskToSay(const EchoBlockingClient& echo, std::string_view text,
                   const CallOptions& options = CallOptions::Default()) {
  Text request;
  request.set_text(text);
  return echo.Say(request, options);
}

TEST_P(BlockingTest, TheReplyComesBack) {
  StartServer();
  BlockingChannel channel(address(), ChannelOptions(), Shard());
  EXPECT_EQ(AskToSay(EchoBlockingClient(&channel), "hear, hear")->text(), "hear, hear");
}

TEST_P(BlockingTest, ThreadsCallAtOnce) {
  StartServer();
  BlockingChannel channel(address(), ChannelOptions(), Shard());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&channel, thread] {
      for (int call = 0; call < 50; ++call) {
        const std::string text = std::to_string(thread) + "." + std::to_string(call);
        const StatusOr<Text> reply = AskToSay(EchoBlockingClient(&channel), text);
        ASSERT_TRUE(reply.ok()) << reply.status();
        EXPECT_EQ(reply->text(), text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(BlockingTest, FailuresComeBack) {
  StartServer([](Call&, const Text&, Text&) { return MakeStatus(StatusCode::kAborted, "no"); });
  BlockingChannel channel(address(), ChannelOptions(), Shard());
  const EchoBlockingClient echo(&channel);
  EXPECT_EQ(AskToSay(echo, "x").status().code(), StatusCode::kAborted);
  const CallOptions options = CallOptions().SetTimeout(0);
  EXPECT_EQ(AskToSay(echo, "x", options).status().code(), StatusCode::kDeadlineExceeded);
}

TEST_P(BlockingTest, ATargetThatIsNotThereIsUnavailable) {
  BlockingChannel channel("unix-abstract:penstock-nobody-listens-here", ChannelOptions(), Shard());
  const Status status = AskToSay(EchoBlockingClient(&channel), "x").status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(MessageOf(status).find("cannot connect to unix-abstract:penstock-nobody-listens-here: "
                                   "connection refused"),
            std::string_view::npos)
      << status;
}

}  // namespace
}  // namespace penstock::test::client
