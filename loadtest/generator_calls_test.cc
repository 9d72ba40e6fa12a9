// What a generator sends again, and what it makes before it sends.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/message_template.h"
#include "penstock/loadtest/schema.h"
#include "penstock/loadtest/simulated_load.h"

namespace penstock::loadtest {
namespace {

using testing::OptionsFor;
using testing::SimulatedLoad;

// One slot more than is needed: the session is ready all the time, and the next start far away.
TEST(Generator, RepeatsAtOnceWhatIsRefusedInAnOpenLoop) {
  Options options = OptionsFor(2);
  options.rate.stages = {{0, 1}};
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  EXPECT_EQ(load.TakeRequests(), 1);
  load.PassTime(kNsPerMs);
  load.Send({http2::testing::RstStream(1, http2::ErrorCode::kRefusedStream)});
  EXPECT_EQ(load.TakeRequests(), 1);
  load.Answer(3);
  load.generator().EndMeasuring();
  EXPECT_EQ(load.generator().measured().tally.response().max(), kNsPerMs);
  EXPECT_EQ(load.generator().measured().repeated_count, 1u);
}

// To be sent again is no new call.
TEST(Generator, TheDeadlineOfARepeatIsThatOfItsCall) {
  Options options;
  options.method = "pkg.Service/Method";
  options.deadline_ns = 10 * kNsPerMs;
  GeneratorPlan plan;
  plan.calls_max = 1;
  SimulatedLoad load(options, plan);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  EXPECT_EQ(load.TakeRequests(), 1);
  load.PassTime(6 * kNsPerMs);
  load.Send({http2::testing::RstStream(1, http2::ErrorCode::kRefusedStream)});
  EXPECT_EQ(load.TakeRequests(), 1);
  const Tally& tally = load.generator().measured().tally;
  load.PassTime(3 * kNsPerMs);
  EXPECT_EQ(tally.error_count(), 0u);
  load.PassTime(3 * kNsPerMs);
  EXPECT_EQ(tally.errors()[kDeadlineExceeded].count, 1u) << "at 10 ms, and a tick";
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kRstStream), 1);
}

TEST(Generator, ARepeatThatHasNoConnectionWaits) {
  Options options;
  options.method = "pkg.Service/Method";
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.PassTime(2 * kNsPerMs);
  load.Send({http2::testing::GoAway(0, http2::ErrorCode::kNoError)});
  load.PassTime(2 * kNsPerMs);
  load.generator().EndMeasuring();
  EXPECT_EQ(load.generator().measured().unfinished_count, 1u);
  EXPECT_EQ(load.generator().measured().longest_wait_ns, 4 * kNsPerMs);
}

// Each look at the clock takes 10 us here. What is sent at once is made one after the other.
TEST(Generator, WhatMessagesTakeToMakeIsNotTheServers) {
  constexpr TimeNs kLookNs = 10 * kNsPerUs;
  const std::string file = std::string(std::getenv("TEST_TMPDIR")) + "/pkg.proto";
  std::ofstream(file) << "syntax = \"proto3\"; package pkg; message M { int64 id = 1; }"
                         "service Service { rpc Method(M) returns (M); }";
  const auto schema = std::make_shared<Schema>();
  std::string why;
  ASSERT_TRUE(schema->AddProto(file, {}, &why)) << why;
  Options options;
  options.method = "pkg.Service/Method";
  options.streams_per_connection = 20;
  options.message_template =
      MessageTemplate::Parse(R"({"id": {{seq}}})", options.method, schema, &why);
  ASSERT_NE(options.message_template, nullptr) << why;
  GeneratorPlan plan;
  plan.calls_max = 20;
  for (const bool is_open : {false, true}) {
    SCOPED_TRACE(is_open ? "open" : "closed");
    if (is_open) options.rate.stages = {{0, 1e9}};  // all at once, nearly
    SimulatedLoad load(options, plan);
    load.Greet();
    load.net().set_look_ns(kLookNs);
    load.generator().BeginMeasuring();
    load.Turn();
    load.net().set_look_ns(0);
    load.PassTime(kNsPerSecond);
    for (uint32_t id = 1; id < 40; id += 2) load.Answer(id);
    load.generator().EndMeasuring();
    const GeneratorMeasured& measured = load.generator().measured();
    ASSERT_EQ(measured.tally.ok_count(), 20u);
    const Histogram& service = measured.tally.latency();
    EXPECT_EQ(service.max() - service.min(), 19 * (is_open ? 2 : 1) * kLookNs);
    if (is_open) EXPECT_GE(measured.lateness.max() - measured.lateness.min(), 37 * kLookNs);
  }
}

}  // namespace
}  // namespace penstock::loadtest
