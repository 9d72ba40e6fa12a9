// The generator on a simulated net, where time passes when the test says so; run_test.cc has whole
// runs, and open_loop_test.cc the account of what is due.
#include "penstock/loadtest/generator.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/loadtest/simulated_load.h"
#include "penstock/wire/tls_credentials.h"
#include "penstock/wire/tls_options.h"

namespace penstock::loadtest {
namespace {

using testing::Data;
using testing::Headers;
using testing::OptionsFor;
using testing::SimulatedLoad;

// One slot: what is due waits, in the warm-up already.
TEST(Generator, CountsThroughputByWhenCallsEndAndGoodputByHowLate) {
  Options options = OptionsFor(1);
  options.deadline_ns = 5 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginLoad();
  load.Turn();
  for (int i = 0; i < 4; ++i) load.PassTime(kNsPerMs);
  load.Answer(1);  // in the warm-up; the next one, due at 1 ms, is sent at 4 ms
  load.PassTime(kNsPerMs / 2);
  load.generator().BeginMeasuring();
  load.Turn();
  load.PassTime(3 * kNsPerMs);  // to 7.5 ms
  load.Answer(3, "14");         // due at 1 ms
  load.Answer(5);               // due at 2 ms, too late for a caller who waits for 5 ms
  load.Answer(7);               // due at 3 ms, just in time
  load.PassTime(kNsPerMs);
  load.Answer(9);   // due at 4 ms
  load.Answer(11);  // due at 4.5 ms: the first of the window
  load.PassTime(kNsPerMs);
  load.generator().EndMeasuring();
  const GeneratorMeasured& measured = load.generator().measured();
  EXPECT_EQ(measured.carried_error_count, 1u);
  EXPECT_EQ(measured.carried_ok_count, 3u);
  EXPECT_EQ(measured.timely_ok_count, 3u);
  EXPECT_EQ(measured.tally.ok_count(), 1u);
  EXPECT_EQ(measured.tally.error_count(), 0u);
  EXPECT_EQ(measured.offered_count, 6u);
  EXPECT_EQ(measured.unfinished_count, 5u);
  EXPECT_EQ(measured.waits.count(), 5u) << "one under way, four without a slot";
  EXPECT_EQ(measured.waits.max(), 4 * kNsPerMs);
}

// Nothing is due behind the answers that would have let anybody look at them.
TEST(Generator, ASampleHasWhatEndedBetweenTwoStarts) {
  Options options = OptionsFor(2);
  options.rate.stages = {{0, 1}};
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.generator().TakeSample();
  EXPECT_EQ(load.generator().sample().in_flight_count, 1u);
  EXPECT_EQ(load.generator().progress().samples_count, 1u);
  load.PassTime(3 * kNsPerMs);
  load.Answer(1);
  load.generator().TakeSample();
  const LoadSample& sample = load.generator().sample();
  EXPECT_EQ(sample.ok_count, 1u);
  EXPECT_EQ(sample.in_flight_count, 0u);
  EXPECT_EQ(sample.latency.max(), 3 * kNsPerMs);
  load.PassTime(kNsPerSecond);
  load.Answer(3, "14");
  load.generator().EndMeasuring();
  EXPECT_EQ(load.generator().measured().last.ok_count, 1u);
  EXPECT_EQ(load.generator().measured().last.error_count, 1u);
  load.PassTime(kNsPerSecond);
  load.generator().TakeSample();
  EXPECT_EQ(sample.at_ns, load.generator().measured().last.at_ns) << "the window is over";
}

// The oldest call is of the method that waits longer.
TEST(Generator, EachMethodOfAMixHasItsDeadline) {
  Options options;
  options.streams_per_connection = 20;
  options.mix.resize(2);
  for (MethodOptions& method : options.mix) method.method = "pkg.Service/Method";
  options.mix[0].deadline_ns = 50 * kNsPerMs;
  options.mix[1].deadline_ns = 5 * kNsPerMs;
  GeneratorPlan plan;
  plan.calls_max = 20;
  SimulatedLoad load(options, plan);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.PassTime(7 * kNsPerMs);
  const std::vector<MethodTally>& methods = load.generator().measured().methods;
  const uint64_t short_count = methods[1].tally.errors()[kDeadlineExceeded].count;
  EXPECT_GT(short_count, 0u);
  EXPECT_EQ(methods[0].tally.error_count(), 0u);
  load.PassTime(50 * kNsPerMs);
  EXPECT_EQ(methods[0].tally.errors()[kDeadlineExceeded].count, 20 - short_count);
  EXPECT_EQ(methods[0].tally.errors()[kDeadlineExceeded].first_message,
            "no answer within the deadline of 50ms");
}

// Each message is due an interval after the one before, and up to a tick of the timers late.
TEST(Generator, SendsTheMessagesOfAStreamWhenTheyAreDue) {
  Options options;
  options.method = "pkg.Service/Method";
  options.kind = CallKind::kClientStream;
  options.messages_per_stream = 4;
  options.message_interval_ns = 10 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kData), 1);
  load.PassTime(9 * kNsPerMs);
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kData), 0);
  load.PassTime(2 * kNsPerMs);
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kData), 1) << "at 11 ms";
  load.PassTime(10 * kNsPerMs);
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kData), 1) << "at 21 ms, not at 22";
  load.PassTime(30 * kNsPerMs);
  EXPECT_EQ(load.TakeFrames(http2::FrameType::kData), 1) << "there are no more than four";
  load.generator().EndMeasuring();
  EXPECT_EQ(load.generator().measured().methods.front().messages.sent_count, 4u);
  EXPECT_EQ(load.generator().measured().longest_wait_ns, 0) << "it waits since the last message";
}

// One at a time, every 10 ms. What is due while the response is out waits for it.
TEST(Generator, ARoundTripBeginsWhenItsMessageIsDue) {
  Options options;
  options.method = "pkg.Service/Method";
  options.kind = CallKind::kBidi;
  options.messages_per_stream = 10;
  options.message_interval_ns = 10 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.PassTime(35 * kNsPerMs);
  load.Send({Headers(1).Status("200"), Data(1, std::string(5, '\0'))});
  load.PassTime(kNsPerMs);
  load.Send({Data(1, std::string(5, '\0'))});
  load.generator().EndMeasuring();
  const Histogram& round_trip =
      load.generator().measured().methods.front().messages.round_trip;
  EXPECT_EQ(round_trip.count(), 2u);
  EXPECT_EQ(round_trip.max(), 35 * kNsPerMs);
  EXPECT_EQ(round_trip.min(), 26 * kNsPerMs) << "it was due at 10 ms";
}

// To go on sending hides no silence.
TEST(Generator, AStreamWaitsSinceTheFirstMessageWithoutAResponse) {
  Options options;
  options.method = "pkg.Service/Method";
  options.kind = CallKind::kBidi;
  options.messages_per_stream = options.messages_in_flight = 1'000;
  options.message_interval_ns = 10 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.PassTime(kNsPerMs);
  load.Send({Headers(1).Status("200"), Data(1, std::string(5, '\0'))});
  for (int i = 0; i < 500; ++i) load.PassTime(kNsPerMs);
  load.generator().EndMeasuring();
  EXPECT_GE(load.generator().measured().methods.front().messages.sent_count, 40u);
  EXPECT_GE(load.generator().measured().longest_wait_ns, 488 * kNsPerMs);
}

TEST(Generator, FailsAStreamWhoseLastMessageIsCutOff) {
  Options options;
  options.method = "pkg.Service/Method";
  options.kind = CallKind::kServerStream;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  load.Send({Headers(1).Status("200"), Data(1, std::string("\0\0\0\0\2ab\0\0\0\0\3ab", 14)),
             Headers(1).Field("grpc-status", "0").End()});
  load.generator().EndMeasuring();
  const GeneratorMeasured& measured = load.generator().measured();
  EXPECT_EQ(measured.methods.front().messages.received_count, 1u);
  EXPECT_EQ(measured.tally.errors()[kInternal].first_message,
            "grpc-status 0, but the last message of the response is cut off");
}

// A server that accepts, and does not go on with the TLS handshake.
TEST(Generator, GivesAConnectionUpThatIsNotReadyInTime) {
  wire::TlsClientOptions tls;
  tls.enabled = true;
  tls.insecure_skip_verification = true;
  wire::TlsCredentials credentials(tls);
  std::string why;
  ASSERT_TRUE(credentials.Load(0, &why)) << why;
  GeneratorPlan plan;
  plan.tls = &credentials;
  SimulatedLoad load(OptionsFor(1), plan);
  const GeneratorMeasured& measured = load.generator().measured();
  load.PassTime(kConnectNsMax - kNsPerMs);
  EXPECT_EQ(measured.connections_failed, 0u);
  load.PassTime(2 * kNsPerMs);
  EXPECT_EQ(measured.connections_failed, 1u);
  EXPECT_TRUE(measured.first_failure.starts_with("no answer within 10s")) << measured.first_failure;
}

// The call under way ends first.
TEST(Generator, ReplacesAConnectionWhenItsTimeIsOver) {
  Options options;
  options.method = "pkg.Service/Method";
  options.reconnect_ns = 100 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  const GeneratorProgress& progress = load.generator().progress();
  const GeneratorMeasured& measured = load.generator().measured();
  EXPECT_EQ(load.TakeRequests(), 1);
  load.PassTime(99 * kNsPerMs);
  load.Answer(1);
  EXPECT_EQ(load.TakeRequests(), 1);
  load.PassTime(2 * kNsPerMs);
  EXPECT_EQ(progress.connections_open, 1u) << "its call is under way";
  load.Answer(3);
  EXPECT_EQ(progress.connections_open, 0u);
  load.PassTime(3 * kNsPerMs);
  load.Greet();
  EXPECT_EQ(progress.connections_open, 1u);
  EXPECT_EQ(measured.connections_made, 1u);
  EXPECT_EQ(measured.connects.max(), 3 * kNsPerMs);
  EXPECT_EQ(measured.connections_lost, 0u);
  EXPECT_EQ(measured.tally.ok_count(), 2u);
}

// Those that retire without a call say nothing of the server, however many.
TEST(Generator, ReplacesConnectionsThatHadNoCallToAnswer) {
  Options options = OptionsFor(1);
  options.rate.stages = {{0, 0}};
  options.poisson = true;  // uniform arrivals begin with a call
  options.reconnect_ns = 10 * kNsPerMs;
  SimulatedLoad load(options);
  load.Greet();
  load.PassTime(kNsPerSecond);
  const GeneratorProgress& progress = load.generator().progress();
  EXPECT_EQ(progress.connections_open, 1u) << "the load has not begun";
  load.generator().BeginMeasuring();
  load.Turn();
  constexpr uint32_t kReplacements = kUnansweringMax + 50;
  for (uint32_t i = 0; i < kReplacements; ++i) {
    load.PassTime(12 * kNsPerMs);
    load.Turn();
    load.Greet();
  }
  EXPECT_EQ(progress.connections_open, 1u);
  const GeneratorMeasured& measured = load.generator().measured();
  EXPECT_EQ(measured.connections_lost, 0u);
  EXPECT_EQ(measured.connections_made, kReplacements);
}

TEST(Generator, AConnectionThatIsReadyMayBeSilent) {
  SimulatedLoad load(OptionsFor(1));
  load.Greet();
  load.PassTime(2 * kConnectNsMax);
  EXPECT_EQ(load.generator().measured().connections_failed, 0u);
  EXPECT_EQ(load.generator().progress().connections_open, 1u);
}

TEST(Generator, SharesTheRateOfAnOpenLoopOut) {
  for (const int index : {0, 1}) {
    GeneratorPlan plan;
    plan.index = index;
    plan.parts = 2;
    SimulatedLoad load(OptionsFor(100), plan);
    load.Greet();
    load.generator().BeginMeasuring();
    load.Turn();
    uint32_t stream_id = 1;
    for (int ms = 0; ms < 1'000; ++ms) {
      ASSERT_EQ(load.TakeRequests(), ms % 2 == index ? 1 : 0) << "at " << ms << " ms";
      if (ms % 2 == index) {
        load.Answer(stream_id);
        stream_id += 2;
      }
      load.PassTime(kNsPerMs);
    }
    load.generator().EndMeasuring();
    EXPECT_EQ(load.generator().measured().tally.ok_count(), 500u);
    EXPECT_LE(load.generator().measured().lateness.max(), 1);
  }
}

// One call a millisecond for 11 seconds, and a server that stops for the sixth.
TEST(Generator, AStopOfTheServerIsInTheResponsesOfAnOpenLoop) {
  constexpr uint32_t kSlots = 100;
  SimulatedLoad load(OptionsFor(kSlots));
  load.Greet();
  load.generator().BeginMeasuring();
  load.Turn();
  uint32_t stream_id = 1;
  for (int ms = 0; ms < 11'000; ++ms) {
    load.PassTime(kNsPerMs);
    if (ms >= 5'000 && ms < 6'000) continue;
    while (int64_t count = load.TakeRequests()) {
      for (; count > 0; --count, stream_id += 2) load.Answer(stream_id);
    }
  }
  load.generator().EndMeasuring();
  const GeneratorMeasured& measured = load.generator().measured();
  EXPECT_EQ(measured.offered_count, 11'001u) << "one at either end";
  EXPECT_EQ(measured.tally.error_count(), 0u);
  // 1,000 calls were due meanwhile, a tenth of them less than 100 ms before it went on.
  const Histogram& response = measured.tally.response();
  EXPECT_GE(response.max(), 999 * kNsPerMs);
  EXPECT_GE(response.Percentile(kP999), 900 * kNsPerMs);
  EXPECT_GE(response.Percentile(kP99), 800 * kNsPerMs);
  EXPECT_LE(response.Percentile(kP50), kNsPerMs);
  // Of what had been sent only the slots' calls waited: less than one in a hundred.
  EXPECT_LE(measured.tally.latency().Percentile(kP99), 2 * kNsPerMs);
}

}  // namespace
}  // namespace penstock::loadtest
