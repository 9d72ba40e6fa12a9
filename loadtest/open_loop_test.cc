#include "penstock/loadtest/open_loop.h"

#include <gtest/gtest.h>

#include <vector>

namespace penstock::loadtest {
namespace {

const RateProfile kThousand{{{0, 1'000}}};  // one a millisecond

TEST(OpenLoop, TakesWhatIsDueAndSaysWhenTheNextIs) {
  OpenLoop loop(kThousand, {}, 100);
  int64_t left = 1'000;
  EXPECT_EQ(loop.next_ns(), kTimeNever) << "before it begins";
  loop.Begin(5 * kNsPerSecond);
  EXPECT_EQ(loop.next_ns(), 5 * kNsPerSecond);
  loop.TakeDue(5 * kNsPerSecond + 2 * kNsPerMs, 0, &left);
  EXPECT_EQ(loop.offered_count(), 3u);
  EXPECT_EQ(left, 997);
  EXPECT_EQ(loop.next_ns(), 5 * kNsPerSecond + 3 * kNsPerMs);
  EXPECT_EQ(loop.TakeWaiting(5 * kNsPerSecond + 2 * kNsPerMs, 0), 5 * kNsPerSecond);
  EXPECT_EQ(loop.front_ns(), 5 * kNsPerSecond + kNsPerMs);
}

TEST(OpenLoop, DropsWhatIsDueAtTheLimitOfCallsInFlight) {
  OpenLoop loop(kThousand, {}, 4);
  int64_t left = 1'000;
  loop.Begin(0);
  EXPECT_EQ(loop.TakeDue(2 * kNsPerMs, 1, &left), 0u) << "three wait, one is under way";
  EXPECT_EQ(loop.TakeDue(5 * kNsPerMs, 1, &left), 3u);
  loop.TakeWaiting(5 * kNsPerMs, 0);
  EXPECT_EQ(loop.TakeDue(6 * kNsPerMs, 1, &left), 0u);
  EXPECT_EQ(loop.offered_count(), 7u);
  EXPECT_EQ(loop.dropped_count(), 3u);
}

TEST(OpenLoop, EndsWithTheCallsThatAreLeft) {
  OpenLoop loop(kThousand, {}, 100);
  int64_t left = 2;
  loop.Begin(0);
  loop.TakeDue(kNsPerSecond, 0, &left);
  EXPECT_EQ(loop.offered_count(), 2u);
  EXPECT_EQ(loop.next_ns(), kTimeNever);
}

TEST(OpenLoop, WaitingForASlotIsNotTheGeneratorsLateness) {
  OpenLoop loop(kThousand, {}, 100);
  int64_t left = 1'000;
  loop.Begin(0);
  loop.TakeDue(kNsPerMs, 0, &left);
  loop.TakeWaiting(40 * kNsPerMs, 40 * kNsPerMs - 7);
  EXPECT_EQ(loop.lateness().max(), 7);
  EXPECT_EQ(loop.slot_waits_count(), 1u);
  loop.TakeWaiting(kNsPerMs + 9, 0);
  EXPECT_EQ(loop.lateness().max(), 9) << "a slot was free all the time";
  EXPECT_EQ(loop.slot_waits_count(), 1u);
}

TEST(OpenLoop, TellsTheStartsOfAllThatWait) {
  OpenLoop loop(kThousand, {}, 3);
  int64_t left = 1'000;
  loop.Begin(0);
  loop.TakeDue(2 * kNsPerMs, 0, &left);
  loop.TakeWaiting(2 * kNsPerMs, 0);
  loop.TakeDue(3 * kNsPerMs, 0, &left);  // the room begins anew at its start
  std::vector<TimeNs> starts;
  loop.ForEachWaiting([&starts](TimeNs start_ns) { starts.push_back(start_ns); });
  EXPECT_EQ(starts, (std::vector<TimeNs>{kNsPerMs, 2 * kNsPerMs, 3 * kNsPerMs}));
}

TEST(OpenLoop, BeginsAnewForTheMeasuredWindow) {
  OpenLoop loop(kThousand, {}, 2);
  int64_t left = 1'000;
  loop.Begin(0);
  loop.TakeDue(9 * kNsPerMs, 0, &left);
  loop.Begin(10 * kNsPerMs);
  EXPECT_EQ(loop.offered_count(), 0u);
  EXPECT_EQ(loop.dropped_count(), 0u);
  EXPECT_EQ(loop.next_ns(), 10 * kNsPerMs);
  EXPECT_EQ(loop.front_ns(), 0) << "who waits goes on waiting";
}

}  // namespace
}  // namespace penstock::loadtest
