// A server and its clients in one process, without ports or files: "inproc:NAME".
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/writer.h"
#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::BlockingChannel;
using penstock::client::Download;

class InProcessTest : public ClientTest {
 protected:
  void Start(Say say = {}) { StartServer(std::move(say), "inproc:client-test"); }
};
INSTANTIATE_CLIENT_TEST(InProcessTest);

TEST_P(InProcessTest, ACallIsAnswered) {
  Start();
  EXPECT_EQ(address(), "inproc:client-test");
  Channel channel(shard(), "inproc:client-test");
  EXPECT_EQ(SayTo(channel, "hear, hear").value(), "hear, hear");
}

TEST_P(InProcessTest, TheServerKnowsWhereTheCallCameFrom) {
  Start([](Call& call, const Text&, Text& reply) {
    reply.set_text(call.peer());
    return OkStatus();
  });
  Channel channel(shard(), "inproc:client-test");
  EXPECT_EQ(SayTo(channel, "").value(), "inproc:client-test");
}

TEST_P(InProcessTest, NobodyListens) {
  Channel channel(shard(), "inproc:nobody");
  const Status status = SayTo(channel, "x").status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  const std::string want =
      "cannot connect to inproc:nobody: in-process server 'nobody' is not listening in this "
      "process: start it before, with \"inproc:nobody\" in ServerOptions::listen";
  EXPECT_NE(MessageOf(status).find(want), std::string_view::npos) << status;
}

TEST_P(InProcessTest, TheNameIsFreeWhenTheServerHasStopped) {
  for (int i = 0; i < 3; ++i) {
    Start();
    Channel channel(shard(), address());
    EXPECT_EQ(SayTo(channel, "x").value(), "x");
    StopServer();
  }
}

TEST_P(InProcessTest, ThreadsCallAtOnce) {
  Start();
  reactor::ShardOptions options;
  options.io = GetParam();
  BlockingChannel channel(address(), ChannelOptions(), options);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&channel, thread] {
      const EchoBlockingClient echo(&channel);
      Text request;
      for (int call = 0; call < 50; ++call) {
        request.set_text(std::to_string(thread) + "." + std::to_string(call));
        const StatusOr<Text> reply = echo.Say(request);
        ASSERT_TRUE(reply.ok()) << reply.status();
        EXPECT_EQ(reply->text(), request.text());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// ---- Flow control

constexpr int kTextsCount = 200;
constexpr size_t kTextBytes = 64 * 1024;

// Where the caller hears behind how many texts the handler was held back first.
struct News {
  reactor::Shard* const shard;
  penstock::Channel<uint64_t> held_back_behind{1};
};

void Tell(void* news, uint64_t count) {
  EXPECT_EQ(static_cast<News*>(news)->held_back_behind.TrySend(count), Sent::kSent);
}

Task<Status> WriteMuch(Call& call, Writer<Text>& out, News* news) {
  Text text(&call.arena());
  text.set_text(std::string(kTextBytes, 'x'));
  bool is_told = false;
  for (uint64_t i = 1; i <= kTextsCount; ++i) {
    auto writing = out.Write(text);
    if (!writing.await_ready() && !std::exchange(is_told, true)) {
      EXPECT_TRUE(news->shard->Post(&Tell, news, i));
    }
    co_await Try(co_await writing);
  }
  co_return OkStatus();
}

Task<void> ReadOnceItIsHeldBack(const StreamsClient& streams, Scope* scope, News* news,
                                uint64_t* behind, int* count) {
  Text request;
  Download<Text> texts = streams.Repeat(*scope, request);
  const StatusOr<std::optional<uint64_t>> heard = co_await news->held_back_behind.Receive(*scope);
  EXPECT_TRUE(heard.ok()) << heard.status();
  if (heard.ok()) *behind = heard->value_or(0);
  for (;;) {
    const StatusOr<const Text*> next = co_await texts.Next();
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next.ok() || *next == nullptr) break;
    ++*count;
  }
}

TEST_P(InProcessTest, AHandlerIsHeldBackByACallerThatDoesNotRead) {
  News news{shard()};
  register_more_ = [&](Registry& registry) {
    registry.Handle(Streams::Repeat, [&](Call& call, const Text&, Writer<Text>& out) {
      return WriteMuch(call, out, &news);
    });
  };
  Start();
  ChannelOptions options;
  options.http2.stream_window_bytes = 256 * 1024;
  Channel channel(shard(), address(), options);
  Scope scope(shard());
  uint64_t behind = 0;
  int count = 0;
  Run(ReadOnceItIsHeldBack(StreamsClient(&channel), &scope, &news, &behind, &count));
  EXPECT_EQ(count, kTextsCount);
  // The window, and stream_unsent_bytes_max: 256 KiB each, and the text that is too much.
  EXPECT_GE(behind, 4u);
  EXPECT_LE(behind, 9u);
}

}  // namespace
}  // namespace penstock::test::client
