// Resets of every kind against a server in this process whose handlers are counted: never more at
// work than the limit it advertises, and few in all.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <regex>
#include <string>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/task.h"
#include "penstock/server/server.h"
#include "penstock/tests/attack/attack.h"

#include "examples/helloworld/helloworld.server.h"

namespace penstock::attack {

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

namespace {

// Threading: handlers of one shard, read by the test when the server has stopped.
class CountingGreeter final : public helloworld::GreeterService {
 public:
  Status SayHello(Call&, const helloworld::HelloRequest& request,
                  helloworld::HelloReply& reply) override {
    ++total;
    running_max = std::max<uint32_t>(running_max, ++running);
    reply.set_message(request.name());
    --running;
    return OkStatus();
  }

  uint32_t running = 0;
  uint32_t running_max = 0;
  uint32_t total = 0;
};

// The same, with handlers that outlive the streams which asked for them. What they await answers at
// once when the stream is gone, and then they wait another while, as one that has to clean up.
class SleepingGreeter {
 public:
  Task<StatusOr<helloworld::HelloReply>> SayHello(Call& call, const helloworld::HelloRequest&) {
    running_max = std::max<uint32_t>(running_max, ++running);
    Status status = co_await Sleep(call, kNsPerSecond);
    const TimeNs until = call.now() + kCleaningNs;
    reactor::Cancellation never;
    while (call.now() < until) co_await Turn(&never);
    --running;
    if (!status.ok()) co_return status;
    co_return helloworld::HelloReply();
  }

  uint32_t running = 0;
  uint32_t running_max = 0;

 private:
  static constexpr TimeNs kCleaningNs = 200 * kNsPerMs;

  class Turn final : public reactor::Wait {
   public:
    explicit Turn(reactor::Cancellation* never)
        : Wait(&reactor::Shard::Current()->run_queue(), never) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      Wake();
    }
    void await_resume() const {}
  };
};

class HandlersTest : public ::testing::TestWithParam<Attack> {};

TEST_P(HandlersTest, AreNeverMoreThanTheAdvertisedLimit) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  Server server(options);
  const auto& greeter = server.Add<CountingGreeter>();
  ASSERT_TRUE(server.Start().ok());
  const std::string verdict = GetParam().run(server.addresses().front());
  EXPECT_TRUE(std::regex_match(verdict, std::regex(std::string(GetParam().want)))) << verdict;
  server.Stop();
  EXPECT_LE(greeter.running_max, options.http2.concurrent_streams_max);
  // "Closed within 2000 resets": no more calls than that were ever handled, or begun.
  EXPECT_LE(greeter.total, 2000u);
  const server::ServerCounters& counters = server.counters();
  EXPECT_LE(counters.calls_started, 2000u);
  EXPECT_EQ(counters.calls_started,
            counters.calls_ok + counters.calls_failed + counters.calls_cancelled);
}

TEST_P(HandlersTest, ThatSleepAreNeverMoreEither) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  Server server(options);
  SleepingGreeter greeter;
  server.registry().Handle(helloworld::Greeter::SayHello,
                           [&greeter](Call& call, const helloworld::HelloRequest& request) {
                             return greeter.SayHello(call, request);
                           });
  ASSERT_TRUE(server.Start().ok());
  const std::string verdict = GetParam().run(server.addresses().front());
  const std::string want(GetParam().want);
  EXPECT_TRUE(std::regex_match(verdict, std::regex(want + "|GOAWAY .* too_many_early_resets.*")))
      << verdict;
  server.Stop();
  EXPECT_EQ(greeter.running, 0u);
  EXPECT_LE(greeter.running_max, options.http2.concurrent_streams_max);
  const server::ServerCounters& counters = server.counters();
  EXPECT_EQ(counters.calls_started,
            counters.calls_ok + counters.calls_failed + counters.calls_cancelled);
}

INSTANTIATE_TEST_SUITE_P(Resets, HandlersTest,
                         ::testing::ValuesIn(ResetAttacks().begin(), ResetAttacks().end()),
                         [](const auto& attack) { return std::string(attack.param.name); });

}  // namespace
}  // namespace penstock::attack
