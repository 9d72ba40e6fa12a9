#include "penstock/loadtest/serve/serve.h"

#include <gtest/gtest.h>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/run.h"
#include "penstock/loadtest/serve/capacity.h"
#include "penstock/server/server.h"

namespace penstock::loadtest {
namespace {

TEST(Capacity, IsOneQueueThatServesAtItsRate) {
  Capacity capacity(1'000);
  EXPECT_EQ(capacity.Take(0), kNsPerMs);
  EXPECT_EQ(capacity.Take(0), 2 * kNsPerMs);
  EXPECT_EQ(capacity.Take(kNsPerMs / 2), 2 * kNsPerMs + kNsPerMs / 2);
  EXPECT_EQ(capacity.Take(kNsPerSecond), kNsPerMs) << "idleness is not made up for";
}

TEST(Capacity, WithoutARateNobodyWaits) { EXPECT_EQ(Capacity(0).Take(5), 0); }

class ServeTest : public ::testing::Test {
 protected:
  RunOutcome RunAgainst(const ServeOptions& serve, Options options) {
    ServerOptions its_options;
    its_options.listen = {"127.0.0.1:0"};
    its_options.shards = 1;
    Server server(its_options);
    RegisterLoad(serve, &server.registry());
    const Status status = server.Start();
    EXPECT_TRUE(status.ok()) << status;
    options.target = server.addresses().front();
    options.message = "\x0a\x05world";
    options.quiet = true;
    return RunLoadTest(options);
  }
};

TEST_F(ServeTest, AnswersEachOfItsMethodsWaitingOrNot) {
  for (const char* method : {"helloworld.Greeter/SayHello", "penstock.load.Load/Echo",
                             "penstock.load.Load/Sink"}) {
    for (const TimeNs sleep_ns : {TimeNs{0}, kNsPerMs}) {
      SCOPED_TRACE(method);
      Options options;
      options.method = method;
      options.calls_max = 20;
      options.duration_ns = kTimeNever;
      const RunOutcome outcome = RunAgainst({.sleep_ns = sleep_ns}, options);
      EXPECT_EQ(outcome.exit_status, kExitOk) << outcome.error;
      EXPECT_EQ(outcome.result.tally.ok_count(), 20u);
      EXPECT_GE(outcome.result.tally.latency().min(), sleep_ns);
    }
  }
}

// 200 calls are due within 20 ms of a server that does 1,000 a second: the last has waited for 180
// ms and more, however fast the machine. A closed loop of 4 would have seen 4 ms.
TEST_F(ServeTest, PastTheCapacityTheResponseLatencyGrows) {
  Options options;
  options.method = "penstock.load.Load/Sink";
  options.calls_max = 200;
  options.duration_ns = kTimeNever;
  options.streams_per_connection = 4;
  options.rate.stages = {{0, 10'000}};
  const RunOutcome outcome = RunAgainst({.calls_per_second_max = 1'000}, options);
  EXPECT_EQ(outcome.exit_status, kExitOk) << outcome.error;
  EXPECT_EQ(outcome.result.offered_count, 200u);
  EXPECT_EQ(outcome.result.tally.ok_count(), 200u);
  EXPECT_GE(outcome.result.tally.response().max(), 180 * kNsPerMs);
  EXPECT_GE(outcome.result.tally.response().PercentileOfAny(kP50), 90 * kNsPerMs);
}

}  // namespace
}  // namespace penstock::loadtest
