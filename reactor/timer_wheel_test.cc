#include "penstock/reactor/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

namespace penstock::reactor {
namespace {

constexpr TimeNs kTick = TimerWheel::kTickNs;
// The start of a machine's clock, and a time at which every digit is about to change.
constexpr TimeNs kStarts[] = {0, 5 * kTick, (TimeNs{1} << 24) * kTick - 1,
                              ((TimeNs{1} << 36) - 1) * kTick};

struct Probe {
  Timer timer{[](void* context, TimeNs now) { static_cast<Probe*>(context)->fired_at = now; },
              this};
  TimeNs fired_at = -1;
};

TEST(TimerWheel, FiresInItsTickAndNeverEarlyAtEveryDigitBoundary) {
  for (TimeNs start : kStarts) {
    for (int bit = 0; bit <= 36; ++bit) {
      for (TimeNs offset_ns : {-kTick, TimeNs{-1}, TimeNs{0}, TimeNs{1}, kTick}) {
        const TimeNs delay = (TimeNs{1} << bit) * kTick + offset_ns;
        if (delay <= 0) continue;
        SCOPED_TRACE(testing::Message() << start << " + " << delay);
        TimerWheel wheel(start);
        Probe probe;
        const TimeNs when = start + delay;
        wheel.Schedule(probe.timer, when);
        EXPECT_EQ(wheel.Expire(when - 1), 0u);
        EXPECT_EQ(wheel.Expire(when + kTick - 1), 1u);
        EXPECT_EQ(probe.fired_at, when + kTick - 1);
        EXPECT_EQ(wheel.NextWake(), kTimeNever);
      }
    }
  }
}

TEST(TimerWheel, NextWakeLeadsToTheTimerInFewSteps) {
  for (TimeNs start : kStarts) {
    for (int bit = 0; bit <= 36; ++bit) {
      TimerWheel wheel(start);
      Probe probe;
      const TimeNs when = start + (TimeNs{3} << bit) * kTick / 2 + 1;
      wheel.Schedule(probe.timer, when);
      int steps = 0;
      while (probe.fired_at < 0) {
        const TimeNs wake = wheel.NextWake();
        ASSERT_LE(wake, when + kTick - 1);
        wheel.Expire(wake);
        ASSERT_LE(++steps, 8);
      }
      EXPECT_GE(probe.fired_at, when);
    }
  }
}

TEST(TimerWheel, CancelledTimersDoNotFireNorWake) {
  TimerWheel wheel(0);
  Probe near;
  Probe far;
  wheel.Schedule(near.timer, 10 * kTick);
  wheel.Schedule(far.timer, 100'000 * kTick);
  wheel.Cancel(near.timer);
  wheel.Schedule(far.timer, kTimeNever);
  EXPECT_FALSE(far.timer.scheduled());
  EXPECT_EQ(wheel.NextWake(), kTimeNever);
  EXPECT_EQ(wheel.Expire(200'000 * kTick), 0u);
}

TEST(TimerWheel, ATimerThatDiesIsCancelled) {
  TimerWheel wheel(0);
  auto probe = std::make_unique<Probe>();
  wheel.Schedule(probe->timer, 10 * kTick);
  probe.reset();
  EXPECT_EQ(wheel.Expire(20 * kTick), 0u);
}

TEST(TimerWheel, ATimerForThePastFiresInTheNextTick) {
  TimerWheel wheel(1000 * kTick);
  Probe probe;
  wheel.Schedule(probe.timer, -5);
  EXPECT_EQ(wheel.Expire(1000 * kTick), 0u);
  EXPECT_EQ(wheel.Expire(1001 * kTick), 1u);
}

TEST(TimerWheel, ACallbackMayScheduleItselfAnewAndCancelOthers) {
  struct Repeating {
    TimerWheel* wheel;
    Timer* victim;
    int count = 0;
    Timer timer{[](void* context, TimeNs now) {
                  auto* self = static_cast<Repeating*>(context);
                  ++self->count;
                  self->wheel->Cancel(*self->victim);
                  self->wheel->Schedule(self->timer, now);
                },
                this};
  };
  TimerWheel wheel(0);
  Probe victim;
  Repeating repeating{.wheel = &wheel, .victim = &victim.timer};
  wheel.Schedule(repeating.timer, 10 * kTick);
  wheel.Schedule(victim.timer, 10 * kTick);
  wheel.Expire(10 * kTick);
  EXPECT_EQ(repeating.count, 1) << "scheduled for now, it waits for the next tick";
  EXPECT_EQ(victim.fired_at, -1);
  wheel.Expire(11 * kTick);
  EXPECT_EQ(repeating.count, 2);
  wheel.Cancel(repeating.timer);
}

// Random schedules, cancellations and jumps, against a multimap of when each timer is due.
TEST(TimerWheel, AgreesWithAnOrderedMap) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TimeNs now = kStarts[seed % std::size(kStarts)];
    TimerWheel wheel(now);
    std::vector<std::unique_ptr<Probe>> probes(64);
    for (auto& probe : probes) probe = std::make_unique<Probe>();
    std::multimap<TimeNs, size_t> model;  // the tick's time -> probe

    const auto erase = [&](size_t index) {
      std::erase_if(model, [&](const auto& entry) { return entry.second == index; });
    };
    for (int step = 0; step < 3000; ++step) {
      const size_t index = random() % probes.size();
      Probe& probe = *probes[index];
      const TimeNs span = TimeNs{1} << (random() % 42);
      switch (random() % 4) {
        case 0:
        case 1: {
          const TimeNs when = now + 1 + static_cast<TimeNs>(random() % static_cast<uint64_t>(span));
          erase(index);
          wheel.Schedule(probe.timer, when);
          const TimeNs next_tick = (now / kTick + 1) * kTick;
          model.emplace(std::max(next_tick, (when + kTick - 1) / kTick * kTick), index);
          break;
        }
        case 2:
          erase(index);
          wheel.Cancel(probe.timer);
          break;
        default: {
          now += static_cast<TimeNs>(random() % static_cast<uint64_t>(span));
          size_t due = 0;
          while (!model.empty() && model.begin()->first <= now) {
            EXPECT_FALSE(probes[model.begin()->second]->fired_at == now) << "fired twice";
            probes[model.begin()->second]->fired_at = -2;
            model.erase(model.begin());
            ++due;
          }
          ASSERT_EQ(wheel.Expire(now), due);
          for (auto& each : probes) ASSERT_NE(each->fired_at, -2) << "due, but not fired";
          for (auto& each : probes) each->fired_at = -1;
          break;
        }
      }
      const TimeNs wake = wheel.NextWake();
      if (model.empty()) {
        ASSERT_EQ(wake, kTimeNever);
      } else {
        ASSERT_LE(wake, model.begin()->first);
        ASSERT_GT(wake, now - kTick);
      }
    }
  }
}

}  // namespace
}  // namespace penstock::reactor
