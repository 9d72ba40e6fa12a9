#include "penstock/server/guards/limit_concurrency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/testing/fake_call.h"

namespace penstock {
namespace {

using guards::AdaptiveLimit;
using guards::DelayGate;
using testing::FakeCall;
using testing::FakeShard;

static_assert(PlainInterceptor<LimitConcurrency>);

// --- How late calls begin

// A shard that turns on a clock of its own. A call that is refused takes a tenth of the others.
class Turns {
 public:
  static constexpr TimeNs kTargetNs = 1000;

  explicit Turns(TimeNs call_ns) : call_ns_(call_ns) {}

  // One with so many calls; returns how many were let in.
  int Run(int calls_count) {
    const TimeNs turn_at = now_;
    int admitted_count = 0;
    for (int i = 0; i < calls_count; ++i) {
      const TimeNs begun_at = now_;
      const bool is_admitted = gate_.Admit(turn_at, begun_at);
      now_ += is_admitted ? call_ns_ : call_ns_ / 10;
      if (is_admitted) gate_.NoteEnd(turn_at, begun_at, now_);
      admitted_count += is_admitted;
    }
    length_ns_ = now_ - turn_at;
    return admitted_count;
  }
  // One with what came while the one before ran, at so many percent of what can be served.
  int RunAtLoad(int percent) {
    arrived_ += static_cast<double>(length_ns_) * percent / 100 / static_cast<double>(call_ns_);
    const int calls_count = std::max(1, static_cast<int>(arrived_));
    arrived_ = std::max(0.0, arrived_ - calls_count);
    return Run(calls_count);
  }
  void Sleep(TimeNs duration_ns) { now_ += duration_ns; }

  const DelayGate& gate() const { return gate_; }
  TimeNs now() const { return now_; }
  TimeNs length_ns() const { return length_ns_; }

 private:
  DelayGate gate_{kTargetNs};
  const TimeNs call_ns_;
  TimeNs now_ = 1'000'000;
  TimeNs length_ns_ = 0;
  double arrived_ = 0;
};

void Overload(Turns& turns) {
  turns.Run(40);
  for (int i = 0; i < 100; ++i) turns.RunAtLoad(200);
  ASSERT_TRUE(turns.gate().is_overloaded());
}

TEST(DelayGate, LetsABurstIn) {
  Turns turns(kNsPerMs);
  EXPECT_EQ(turns.Run(100), 100);
  turns.Sleep(kNsPerSecond);
  EXPECT_EQ(turns.Run(500), 101) << "and no more at once; one begins at the limit";
}

TEST(DelayGate, ShedsWhatWouldBeginTooLateWhileItIsBehind) {
  Turns turns(100);
  Overload(turns);
  int admitted_count = 0;
  TimeNs longest_ns = 0;
  const TimeNs begun_at = turns.now();
  for (int i = 0; i < 100; ++i) {
    admitted_count += turns.RunAtLoad(200);
    longest_ns = std::max(longest_ns, turns.length_ns());
  }
  EXPECT_TRUE(turns.gate().is_overloaded());
  // Two turns are the longest that a call has waited.
  EXPECT_LT(longest_ns, 2 * Turns::kTargetNs);
  // What is served, of what could be if refusing took no time: at a tenth of a call, and one
  // refused for each served, no more than 10 of 11.
  const auto possible_count = static_cast<double>(turns.now() - begun_at) / 100;
  EXPECT_GT(admitted_count, 0.85 * possible_count);
}

TEST(DelayGate, LetsEverythingInAgainWhenItHasCaughtUp) {
  Turns turns(100);
  Overload(turns);
  for (int i = 0; i < 1000; ++i) turns.RunAtLoad(50);
  EXPECT_FALSE(turns.gate().is_overloaded());
  EXPECT_EQ(turns.Run(100), 100);
}

TEST(DelayGate, WhoHasHadNothingToDoIsNotBehind) {
  Turns turns(100);
  Overload(turns);
  turns.Sleep(turns.gate().interval_ns());
  EXPECT_EQ(turns.Run(100), 100);
}

// Each turn has one call, or two: they take long, and nothing is late.
TEST(DelayGate, LongHandlersAreNoOverload) {
  Turns turns(10 * Turns::kTargetNs);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(turns.Run(1 + i % 2), 1 + i % 2);
  EXPECT_FALSE(turns.gate().is_overloaded());
  EXPECT_EQ(turns.gate().target_ns(), DelayGate::kHandlersPerTarget * 10 * Turns::kTargetNs);
}

// --- How many are under way

// As many calls at once as are let in, and one that is not; each takes what `latency` says of so
// many. Time passes in windows.
template <typename Latency>
void FillWindow(AdaptiveLimit& limit, TimeNs* now, Latency latency) {
  int calls_count = 0;
  while (limit.Acquire()) ++calls_count;
  *now += AdaptiveLimit::kWindowNs;
  for (int i = 0; i < calls_count; ++i) limit.Release(*now - latency(calls_count), *now);
}

TEST(AdaptiveLimit, GrowsWhileCallsTakeNoLongerAndShrinksWhenTheyDo) {
  AdaptiveLimit limit(4, 1000);
  TimeNs now = 0;
  const struct {
    TimeNs latency_ns;
    uint32_t want;
  } cases[] = {{kNsPerMs, 37},        // 32 + sqrt(32)
               {kNsPerMs, 43},        // + sqrt(37.66)
               {10 * kNsPerMs, 28},   // half of 43.79, + sqrt(43.79)
               {10 * kNsPerMs, 19}};
  EXPECT_EQ(limit.limit(), AdaptiveLimit::kLimitFirst);
  for (const auto& each : cases) {
    FillWindow(limit, &now, [&each](int) { return each.latency_ns; });
    EXPECT_EQ(limit.limit(), each.want);
  }
}

TEST(AdaptiveLimit, StaysWhereNobodyReachesIt) {
  AdaptiveLimit limit(4, 1000);
  TimeNs now = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(limit.Acquire());
    now += 10 * kNsPerMs;
    limit.Release(now - kNsPerMs * (1 + i % 7), now);
  }
  EXPECT_EQ(limit.limit(), AdaptiveLimit::kLimitFirst);
  EXPECT_FALSE(limit.is_probing());
}

TEST(AdaptiveLimit, KeepsItsBounds) {
  AdaptiveLimit limit(30, 40);
  TimeNs now = 0;
  for (int i = 0; i < 20; ++i) FillWindow(limit, &now, [](int) { return kNsPerMs; });
  EXPECT_EQ(limit.limit(), 40u);
  for (int i = 0; i < 20; ++i) FillWindow(limit, &now, [](int) { return 40 * kNsPerMs; });
  EXPECT_EQ(limit.limit(), 30u);
}

// What stands behind does ten at once, in a millisecond.
TimeNs LatencyOfTen(int calls_count) { return std::max(1, calls_count / 10) * kNsPerMs; }

// First asked when it is overloaded already, it takes that for usual; the probe tells.
TEST(AdaptiveLimit, FindsWhatIsBehindByProbing) {
  AdaptiveLimit limit(4, 1000);
  TimeNs now = 0;
  for (int i = 0; i < 40; ++i) FillWindow(limit, &now, &LatencyOfTen);
  EXPECT_GT(limit.limit(), 40u);
  int probes_count = 0;
  bool was_probing = false;
  while (now < 4 * AdaptiveLimit::kProbeEachNs) {
    FillWindow(limit, &now, &LatencyOfTen);
    probes_count += limit.is_probing() && !was_probing;
    was_probing = limit.is_probing();
  }
  EXPECT_GE(probes_count, 3);
  while (limit.is_probing()) FillWindow(limit, &now, &LatencyOfTen);
  EXPECT_GE(limit.limit(), 10u);
  EXPECT_LE(limit.limit(), 30u);
}

// --- The interceptor

ConcurrencyOptions OneAtATime() {
  ConcurrencyOptions options;
  options.calls_per_shard_min = 1;
  options.calls_per_shard_max = 1;
  return options;
}

TEST(LimitConcurrency, ACallTooManyIsUnavailable) {
  LimitConcurrency limit(OneAtATime());
  FakeShard shard;
  FakeCall first(&shard);
  FakeCall second(&shard);
  EXPECT_TRUE(limit.Before(first).ok());
  const Status status = limit.Before(second);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(status), "the server is overloaded: too many calls are under way");
  EXPECT_EQ(limit.too_many_count(), 1u);
  EXPECT_EQ(limit.late_count(), 0u);
  limit.After(first, OkStatus());
  EXPECT_TRUE(limit.Before(second).ok());
  limit.After(second, OkStatus());
}

TEST(LimitConcurrency, HealthChecksPass) {
  LimitConcurrency limit(OneAtATime());
  FakeShard shard;
  FakeCall first(&shard);
  FakeCall health(&shard);
  health.SetMethod("/grpc.health.v1.Health/Check");
  EXPECT_TRUE(limit.Before(first).ok());
  EXPECT_TRUE(limit.Before(health).ok());
  limit.After(health, OkStatus());
  FakeCall second(&shard);
  EXPECT_FALSE(limit.Before(second).ok()) << "and count for nothing";
}

// As where an interceptor in front has dropped its next().
TEST(LimitConcurrency, ACallThatGoesWithoutAnEndIsForgotten) {
  LimitConcurrency limit(OneAtATime());
  FakeShard shard;
  {
    FakeCall dropped(&shard);
    EXPECT_TRUE(limit.Before(dropped).ok());
  }
  FakeCall next(&shard);
  EXPECT_TRUE(limit.Before(next).ok());
}

TEST(ConcurrencyOptions, AreRefusedWithASentence) {
  const auto with = [](TimeNs target_ns, uint32_t min, uint32_t max) {
    ConcurrencyOptions options;
    options.delay_target_ns = target_ns;
    options.calls_per_shard_min = min;
    options.calls_per_shard_max = max;
    return CheckConcurrency(options);
  };
  EXPECT_TRUE(CheckConcurrency(ConcurrencyOptions()).ok());
  EXPECT_TRUE(with(kTimeNever, 1, 1).ok());
  EXPECT_TRUE(with(10 * kNsPerUs, 1, 1'000'000).ok());
  EXPECT_TRUE(with(60 * kNsPerSecond, 5, 5).ok());
  EXPECT_EQ(MessageOf(with(9999, 1, 1)),
            "ConcurrencyOptions::delay_target_ns is 9999: it is from 10 us to a minute, or "
            "kTimeNever");
  EXPECT_FALSE(with(60 * kNsPerSecond + 1, 1, 1).ok());
  EXPECT_FALSE(with(kNsPerMs, 0, 1).ok());
  EXPECT_FALSE(with(kNsPerMs, 1, 1'000'001).ok());
  EXPECT_EQ(MessageOf(with(kNsPerMs, 2, 1)),
            "ConcurrencyOptions::calls_per_shard_min and _max are 2 and 1: they are from 1 to "
            "1000000, in this order");
}

}  // namespace
}  // namespace penstock
