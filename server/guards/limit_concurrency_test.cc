#include "penstock/server/guards/limit_concurrency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

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
  static constexpr TimeNs kTargetNs = kNsPerMs;

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
  // The kernel does not run the thread; what comes meanwhile has the next turn.
  void Stall(TimeNs duration_ns) {
    now_ += duration_ns;
    length_ns_ += duration_ns;
  }

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

constexpr TimeNs kCallNs = Turns::kTargetNs / 10;

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
  Turns turns(kCallNs);
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
  const auto possible_count = static_cast<double>(turns.now() - begun_at) / kCallNs;
  EXPECT_GT(admitted_count, 0.85 * possible_count);
}

TEST(DelayGate, AShortTurnIsNoEndOfAnOverload) {
  Turns turns(100);
  Overload(turns);
  TimeNs longest_ns = 0;
  for (int i = 0; i < 500; ++i) {
    if (i % 10 == 0) turns.Run(1);
    turns.RunAtLoad(200);
    longest_ns = std::max(longest_ns, turns.length_ns());
    ASSERT_TRUE(turns.gate().is_overloaded()) << i;
  }
  EXPECT_LT(longest_ns, 2 * Turns::kTargetNs);
}

TEST(DelayGate, LetsEverythingInAgainWhenItHasCaughtUp) {
  Turns turns(kCallNs);
  Overload(turns);
  for (int i = 0; i < 2000; ++i) turns.RunAtLoad(50);
  EXPECT_FALSE(turns.gate().is_overloaded());
  EXPECT_EQ(turns.Run(100), 100);
}

TEST(DelayGate, WhoHasHadNothingToDoIsNotBehind) {
  Turns turns(kCallNs);
  Overload(turns);
  turns.Sleep(turns.gate().interval_ns());
  EXPECT_EQ(turns.Run(100), 100);
}

// What waits behind it makes a turn long, and the one behind that, but not for an interval.
TEST(DelayGate, AMomentWithoutTheProcessorIsNoOverload) {
  const struct {
    int load_percent;
    TimeNs stall_ns;
  } cases[] = {{50, 8 * kNsPerMs}, {50, 20 * kNsPerMs}, {50, 90 * kNsPerMs},
               {70, 20 * kNsPerMs}, {90, 8 * kNsPerMs}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.load_percent);
    Turns turns(kCallNs);
    for (int stalls = 0; stalls < 5; ++stalls) {
      for (int i = 0; i < 4000; ++i) turns.RunAtLoad(each.load_percent);
      turns.Stall(each.stall_ns);
      for (int i = 0; i < 200; ++i) {
        turns.RunAtLoad(each.load_percent);
        ASSERT_FALSE(turns.gate().is_overloaded());
      }
    }
  }
}

TEST(DelayGate, WhoWaitsBetweenLongTurnsIsNotBehind) {
  Turns turns(kCallNs);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(turns.Run(20), 20);
    turns.Sleep(8 * kNsPerMs);
  }
  EXPECT_FALSE(turns.gate().is_overloaded());
}

// A pause of the callers does not let the next burst in whole.
TEST(DelayGate, IsBehindUntilNothingIsLateForAnInterval) {
  Turns turns(kCallNs);
  Overload(turns);
  for (int i = 0; i < 10; ++i) {
    turns.Sleep(turns.gate().interval_ns() / 2);
    EXPECT_LT(turns.Run(100), 20);
  }
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
  while (limit.Acquire(*now)) ++calls_count;
  *now += AdaptiveLimit::kWindowNs;
  for (int i = 0; i < calls_count; ++i) limit.Release(*now - latency(calls_count), *now);
}

// Of a shard whose first probe is not at once.
constexpr size_t kLastStagger = AdaptiveLimit::kStaggersCount - 1;

TEST(AdaptiveLimit, GrowsWhileCallsTakeNoLongerAndShrinksWhenTheyDo) {
  AdaptiveLimit limit(4, 1000, kLastStagger);
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
    ASSERT_TRUE(limit.Acquire(now));
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
  AdaptiveLimit limit(4, 1000, kLastStagger);
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

// Half of the calls take no time: they have set the base, and are gone.
TEST(AdaptiveLimit, RecoversWhenFastCallsHaveSetItsBase) {
  AdaptiveLimit limit(4, 1000, kLastStagger);
  TimeNs now = 0;
  for (int i = 0; i < 50; ++i) FillWindow(limit, &now, [](int) { return kNsPerUs; });
  const uint32_t limit_before = limit.limit();
  for (int i = 0; i < 60; ++i) FillWindow(limit, &now, [](int) { return 20 * kNsPerMs; });
  EXPECT_GE(limit.limit(), limit_before / 2);
}

// Calls of a second: as many come as are let in, each 10 ms.
TEST(AdaptiveLimit, AProbeOfLongCallsEndsByTime) {
  constexpr TimeNs kStepNs = 10 * kNsPerMs;
  AdaptiveLimit limit(4, 100);
  std::vector<TimeNs> begun_at;  // the oldest first
  TimeNs now = 0;
  TimeNs probing_ns = 0;
  TimeNs longest_ns = 0;
  for (int i = 0; i < 6000; ++i, now += kStepNs) {
    while (!begun_at.empty() && begun_at.front() <= now - kNsPerSecond) {
      limit.Release(begun_at.front(), now);
      begun_at.erase(begun_at.begin());
    }
    while (limit.Acquire(now)) begun_at.push_back(now);
    probing_ns = limit.is_probing() ? probing_ns + kStepNs : 0;
    longest_ns = std::max(longest_ns, probing_ns);
  }
  EXPECT_GT(longest_ns, 0);
  EXPECT_LE(longest_ns, AdaptiveLimit::kProbeNsMax);
}

TEST(AdaptiveLimit, AProbeEndsByTimeWhereNobodyCallsAnyMore) {
  AdaptiveLimit limit(4, 1000);
  TimeNs now = 0;
  FillWindow(limit, &now, [](int) { return kNsPerMs; });
  ASSERT_TRUE(limit.is_probing());
  EXPECT_EQ(limit.limit(), 37u / AdaptiveLimit::kProbeDivisor);
  now += AdaptiveLimit::kProbeNsMax;
  ASSERT_TRUE(limit.Acquire(now));
  EXPECT_FALSE(limit.is_probing());
  EXPECT_EQ(limit.limit(), 37u);
  limit.Forget();
}

TEST(AdaptiveLimit, ShardsProbeAtSeveralTimes) {
  AdaptiveLimit first(4, 1000, 0);
  AdaptiveLimit second(4, 1000, 1);
  for (AdaptiveLimit* limit : {&first, &second}) {
    TimeNs now = 0;
    FillWindow(*limit, &now, [](int) { return kNsPerMs; });
  }
  EXPECT_TRUE(first.is_probing());
  EXPECT_FALSE(second.is_probing());
}

// What overloads it otherwise has no calls that end well.
TEST(AdaptiveLimit, CallsThatTheirDeadlinesEndShrinkIt) {
  AdaptiveLimit limit(4, 1000, kLastStagger);
  TimeNs now = 0;
  FillWindow(limit, &now, [](int) { return kNsPerMs; });
  const uint32_t limit_before = limit.limit();
  const auto expire_all = [&](TimeNs after_ns) {
    int calls_count = 0;
    while (limit.Acquire(now)) ++calls_count;
    now += AdaptiveLimit::kWindowNs;
    while (calls_count-- > 0) limit.ReleaseExpired(now - after_ns, now);
  };
  expire_all(kNsPerMs / 10);
  EXPECT_EQ(limit.limit(), limit_before) << "by deadlines too short to say something";
  expire_all(40 * kNsPerMs);
  EXPECT_LT(limit.limit(), limit_before);
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

// A tighter one for a service, behind one for all.
TEST(LimitConcurrency, TwoOfThemAroundACallCountEachForItself) {
  LimitConcurrency outer(OneAtATime());
  LimitConcurrency inner(OneAtATime());
  FakeShard shard;
  for (int i = 0; i < 2; ++i) {
    FakeCall first(&shard);
    FakeCall second(&shard);
    ASSERT_TRUE(outer.Before(first).ok());
    ASSERT_TRUE(inner.Before(first).ok());
    EXPECT_FALSE(outer.Before(second).ok());
    EXPECT_FALSE(inner.Before(second).ok());
    inner.After(first, OkStatus());
    EXPECT_FALSE(outer.Before(second).ok());
    outer.After(first, OkStatus());
  }
}

// Else 32 streams that say nothing would keep everybody out.
TEST(LimitConcurrency, CallsThatStreamAreNotCounted) {
  LimitConcurrency limit(OneAtATime());
  FakeShard shard;
  std::vector<std::unique_ptr<FakeCall>> idle;
  for (uint32_t i = 0; i < AdaptiveLimit::kLimitFirst; ++i) {
    idle.push_back(std::make_unique<FakeCall>(&shard));
    idle.back()->SetStreams();
    EXPECT_TRUE(limit.Before(*idle.back()).ok());
  }
  FakeCall call(&shard);
  EXPECT_TRUE(limit.Before(call).ok());
  limit.After(call, OkStatus());
  for (const auto& each : idle) limit.After(*each, OkStatus());
}

TEST(LimitConcurrency, CallsThatStreamAreCountedWhereThatIsSaid) {
  ConcurrencyOptions options = OneAtATime();
  options.counts_streams = true;
  LimitConcurrency limit(options);
  FakeShard shard;
  FakeCall first(&shard);
  FakeCall second(&shard);
  first.SetStreams();
  second.SetStreams();
  EXPECT_TRUE(limit.Before(first).ok());
  EXPECT_FALSE(limit.Before(second).ok());
  limit.After(first, OkStatus());
  EXPECT_TRUE(limit.Before(second).ok());
  limit.After(second, OkStatus());
}

// As many calls as are let in, which end so long later. Returns how many there were.
int RunCalls(LimitConcurrency& limit, FakeShard& shard, TimeNs latency_ns, const Status& status) {
  std::vector<std::unique_ptr<FakeCall>> calls;
  for (;;) {
    calls.push_back(std::make_unique<FakeCall>(&shard));
    if (!limit.Before(*calls.back()).ok()) break;
  }
  calls.pop_back();
  shard.Pass(latency_ns);
  for (const auto& call : calls) limit.After(*call, status);
  return static_cast<int>(calls.size());
}

// A database is away for a second, and comes back.
TEST(LimitConcurrency, FastFailuresTeachNothing) {
  LimitConcurrency limit((ConcurrencyOptions()));
  FakeShard shard;
  const Status away = MakeStatus(StatusCode::kUnavailable, "away");
  int calls_count = 0;
  for (int i = 0; i < 50; ++i) calls_count = RunCalls(limit, shard, 20 * kNsPerMs, OkStatus());
  for (int i = 0; i < 1000; ++i) RunCalls(limit, shard, kNsPerMs, away);
  for (int i = 0; i < 50; ++i) {
    EXPECT_GE(RunCalls(limit, shard, 20 * kNsPerMs, OkStatus()), calls_count);
  }
}

// Ten calls of a millisecond in each turn, one behind the other: the target is four of them.
TEST(LimitConcurrency, ACallThatWouldBeginTooLateIsUnavailable) {
  LimitConcurrency limit((ConcurrencyOptions()));
  FakeShard shard;
  std::string message;
  for (int turn = 0; turn < 30; ++turn) {
    shard.RunReady();
    for (int i = 0; i < 10; ++i) {
      FakeCall call(&shard);
      const Status status = limit.Before(call);
      shard.RunLong(kNsPerMs);
      if (status.ok()) limit.After(call, status);
      if (!status.ok()) message = MessageOf(status);
    }
  }
  EXPECT_EQ(message, "the server is overloaded: the call would have begun too late");
  EXPECT_GT(limit.late_count(), 0u);
  EXPECT_EQ(limit.too_many_count(), 0u);
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
