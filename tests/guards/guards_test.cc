// The ready-made interceptors, put together as docs/guards.md shows it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <iterator>
#include <latch>
#include <string>
#include <vector>

#include "penstock/client/stub.h"
#include "penstock/rpc/tracing/request_id.h"
#include "penstock/rpc/tracing/trace.h"
#include "penstock/server/guards/access_log.h"
#include "penstock/server/guards/authenticate.h"
#include "penstock/server/guards/limit_concurrency.h"
#include "penstock/server/guards/limit_rate.h"
#include "penstock/server/guards/token_file.h"
#include "penstock/server/server.h"

#include "tests/client/echo.client.h"
#include "tests/client/echo.server.h"

namespace penstock::test::client {
namespace {

using penstock::client::BlockingChannel;
using penstock::client::CallOptions;
using penstock::client::ChannelOptions;

// A server in this process, with the interceptors that a test registers.
class GuardsTest : public ::testing::Test {
 protected:
  GuardsTest() : server(MakeOptions()) {}
  ~GuardsTest() override { server.Stop(); }

  // `answer` handles Echo.Say.
  template <typename Answer>
  void Start(Answer answer, RunOn run_on = RunOn::kShard) {
    server.registry().Handle(Echo::Say, answer, run_on);
    const Status status = server.Start();
    ASSERT_TRUE(status.ok()) << status;
  }

  Server server;
  ChannelOptions channel_options;

 private:
  static ServerOptions MakeOptions() {
    ServerOptions options;
    options.listen = {"inproc:guards"};
    options.shards = 1;
    options.workers = 2;
    return options;
  }
};

TEST_F(GuardsTest, ACallIsFoundInEveryLog) {
  server.registry().Intercept(TakeRequestId());
  server.registry().Intercept(TakeTrace());
  channel_options.Intercept(PassRequestId()).Intercept(PassTrace());
  Start([](Call& call, const Text&, Text& reply) {
    reply.set_text(call.Get<RequestId>()->text);
    // The trace that the client has begun.
    const TraceContext* trace = call.Get<TraceContext>();
    return trace->parent_span_id != 0 ? OkStatus()
                                      : MakeStatus(StatusCode::kInternal, "no trace has come");
  });
  BlockingChannel channel("inproc:guards", channel_options);
  const StatusOr<Text> reply = EchoBlockingClient(&channel).Say(Text());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text().size(), 32u);
}

TEST_F(GuardsTest, CallersAreKnownByTheirTokens) {
  const std::string path = ::testing::TempDir() + "/tokens";
  // Of the token "a-token".
  std::ofstream(path) << "anna sha256:"
                         "1f6076e3a47ba1ded08025ffe06e57af217c14f9407f33fba50f99b1c7019387\n";
  MethodPolicy policy;  // without more: everything, for everybody who says who it is
  policy.AllowAnonymous("/grpc.health.v1.Health/*")
      .AllowOnly("/penstock.test.client.Echo/*", {"token:anna", "uri:spiffe://prod/console"});
  StatusOr<TokenFile> tokens = TokenFile::Load(path);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  server.registry().Intercept(Authenticate(policy, *tokens));
  Start([](Call& call, const Text&, Text& reply) {
    reply.set_text(call.Get<Identity>()->ToString());
    return OkStatus();
  });
  BlockingChannel channel("inproc:guards", channel_options);
  EchoBlockingClient echo(&channel);
  EXPECT_EQ(echo.Say(Text()).status().code(), StatusCode::kUnauthenticated);
  CallOptions with_token;
  ASSERT_TRUE(with_token.AddMetadata("authorization", "Bearer a-token"));
  const StatusOr<Text> reply = echo.Say(Text(), with_token);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text(), "token:anna");
}

// Else the method would be anybody's.
TEST_F(GuardsTest, AMisspeltMethodInAPolicyDoesNotStart) {
  for (const char* pattern : {"/penstock.test.client.Echo/Sya", "/grpc.health.v1.Health/Chek"}) {
    Server other{ServerOptions()};
    MethodPolicy misspelt;
    misspelt.AllowAnonymous("*").AllowOnly(pattern, {"token:anna"});
    other.registry().Intercept(Authenticate(misspelt));
    other.registry().Handle(Echo::Say, [](Call&, const Text&, Text&) { return OkStatus(); });
    const Status status = other.Start();
    EXPECT_EQ(status.code(), StatusCode::kNotFound) << status;
    EXPECT_NE(MessageOf(status).find(pattern), std::string_view::npos) << status;
  }
}

TEST_F(GuardsTest, CallersThatAskTooOftenAreToldToWait) {
  RateLimitOptions limits;
  limits.calls_per_second = 0.01;
  limits.burst_calls = 2;
  server.registry().Intercept("penstock.test.client.Echo", LimitRate(limits));
  Start([](Call&, const Text&, Text&) { return OkStatus(); });
  BlockingChannel channel("inproc:guards", channel_options);
  EchoBlockingClient echo(&channel);
  for (int i = 0; i < 2; ++i) {
    const Status status = echo.Say(Text()).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  const Status status = echo.Say(Text()).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
}

TEST_F(GuardsTest, CallsAreLogged) {
  const std::string path = ::testing::TempDir() + "/guards.log";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  {
    AccessLogOptions log_options;
    log_options.fd = fd;  // standard output, if nothing is said
    AccessLog log(log_options);
    server.registry().Intercept(LogAccess(&log));
    Start([](Call&, const Text&, Text&) { return OkStatus(); });
    BlockingChannel channel("inproc:guards", channel_options);
    const Status status = EchoBlockingClient(&channel).Say(Text()).status();
    EXPECT_TRUE(status.ok()) << status;
    server.Stop();
  }
  ::close(fd);
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("\"method\":\"/penstock.test.client.Echo/Say\",\"code\":\"OK\","
                      "\"peer\":\"inproc:guards\""),
            std::string::npos)
      << text;
}

// Two at a time: while they are under way a third is shed, and behind them it is served.
TEST_F(GuardsTest, CallsTooManyAreShed) {
  ConcurrencyOptions load_options;
  load_options.delay_target_ns = 60 * kNsPerSecond;  // a machine of tests may stand still
  load_options.calls_per_shard_min = load_options.calls_per_shard_max = 2;
  server.registry().Intercept(LimitConcurrency(load_options));
  std::latch under_way(2);
  std::latch may_end(1);
  Start(
      [&](Call&, const Text& request, Text&) {
        if (request.text() == "wait") {
          under_way.count_down();
          may_end.wait();
        }
        return OkStatus();
      },
      RunOn::kWorkers);
  const auto say = [this](const char* word) {
    BlockingChannel channel("inproc:guards", channel_options);
    Text request;
    request.set_text(word);
    return EchoBlockingClient(&channel).Say(request).status();
  };
  std::vector<std::future<Status>> held;
  for (int i = 0; i < 2; ++i) held.push_back(std::async(std::launch::async, say, "wait"));
  under_way.wait();
  EXPECT_EQ(say("one more").code(), StatusCode::kUnavailable);
  may_end.count_down();
  for (std::future<Status>& each : held) EXPECT_TRUE(each.get().ok());
  EXPECT_TRUE(say("one more").ok());
}

}  // namespace
}  // namespace penstock::test::client
