#include "penstock/loadtest/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "penstock/loadtest/bounded_queue.h"

namespace penstock::loadtest {
namespace {

std::vector<TimeNs> StartsUntil(Arrivals& arrivals, TimeNs end_ns) {
  std::vector<TimeNs> starts;
  for (TimeNs at_ns = arrivals.Next(); at_ns < end_ns; at_ns = arrivals.Next()) {
    starts.push_back(at_ns);
  }
  return starts;
}

std::vector<TimeNs> StartsUntil(const RateProfile& profile, const ArrivalOptions& options,
                                TimeNs end_ns) {
  Arrivals arrivals(profile, options);
  return StartsUntil(arrivals, end_ns);
}

TEST(Arrivals, AreAsFarApartAsTheRateSays) {
  Arrivals arrivals({{{0, 50'000}}}, {});
  for (TimeNs want_ns = 0; want_ns < kNsPerSecond; want_ns += 20 * kNsPerUs) {
    ASSERT_NEAR(static_cast<double>(arrivals.Next()), static_cast<double>(want_ns), 1);
  }
}

TEST(Arrivals, PartsFallBetweenEachOther) {
  std::vector<TimeNs> starts;
  for (uint32_t i = 0; i < 3; ++i) {
    const auto part = StartsUntil({{{0, 3'000}}}, {.index = i, .parts = 3}, kNsPerSecond);
    starts.insert(starts.end(), part.begin(), part.end());
  }
  std::sort(starts.begin(), starts.end());
  ASSERT_EQ(starts.size(), 3'000u);
  for (size_t i = 0; i < starts.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(starts[i]), static_cast<double>(i) * 1e9 / 3'000, 2);
  }
}

// The count has the variance of its mean, and gaps have the mean for their deviation.
TEST(Arrivals, PoissonsComeByChance) {
  const auto starts = StartsUntil({{{0, 100'000}}}, {.poisson = true, .seed = 3}, kNsPerSecond);
  EXPECT_NEAR(static_cast<double>(starts.size()), 100'000, 5 * std::sqrt(100'000));
  double squares = 0;
  for (size_t i = 1; i < starts.size(); ++i) {
    const double gap = static_cast<double>(starts[i] - starts[i - 1]) / 10'000;
    squares += gap * gap;
  }
  EXPECT_NEAR(squares / static_cast<double>(starts.size()), 2, 0.05);
}

TEST(Arrivals, OneSeedIsOneSequence) {
  const RateProfile profile{{{0, 1'000}}};
  const auto once = StartsUntil(profile, {.poisson = true, .seed = 7}, kNsPerSecond);
  EXPECT_EQ(once, StartsUntil(profile, {.poisson = true, .seed = 7}, kNsPerSecond));
  EXPECT_NE(once, StartsUntil(profile, {.poisson = true, .seed = 8}, kNsPerSecond));
  EXPECT_NE(once,
            StartsUntil({{{0, 2'000}}}, {.poisson = true, .seed = 7, .index = 1, .parts = 2},
                        kNsPerSecond))
      << "parts draw for themselves";
}

TEST(Arrivals, RampsFollowTheirLine) {
  const RateProfile profile{{{0, 0}, {kNsPerSecond, 1'000}, {2 * kNsPerSecond, 1'000},
                             {3 * kNsPerSecond, 200}}};
  EXPECT_DOUBLE_EQ(profile.PerSecondAt(kNsPerSecond / 2), 500);
  EXPECT_DOUBLE_EQ(profile.PerSecondAt(9 * kNsPerSecond), 200);
  Arrivals arrivals(profile, {});
  size_t count = 0;
  for (const TimeNs half_s : {1, 2, 3, 4, 5, 6, 8}) {
    const TimeNs end_ns = half_s * kNsPerSecond / 2;
    Arrivals anew(profile, {});
    count = StartsUntil(anew, end_ns).size();
    EXPECT_NEAR(static_cast<double>(count), profile.CallsUntil(end_ns), 1) << half_s;
  }
  EXPECT_NEAR(profile.CallsUntil(4 * kNsPerSecond), 500 + 1'000 + 600 + 200, 1e-6);
}

TEST(Arrivals, EndWhereTheRateStaysZero) {
  Arrivals arrivals({{{0, 101}, {kNsPerSecond, 0}}}, {});
  EXPECT_EQ(StartsUntil(arrivals, kTimeNever).size(), 51u);
  EXPECT_EQ(arrivals.Next(), kTimeNever);
  Arrivals none({}, {});
  EXPECT_EQ(none.Next(), kTimeNever);
}

TEST(BoundedQueue, IsFirstInFirstOutAroundItsEnd) {
  BoundedQueue<int> queue(3);
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 10; ++round) {
    while (!queue.full()) queue.Push(pushed++);
    EXPECT_EQ(queue.count(), 3u);
    EXPECT_EQ(queue.Pop(), popped++);
    EXPECT_EQ(queue.Pop(), popped++);
  }
  EXPECT_EQ(queue.front(), popped);
}

}  // namespace
}  // namespace penstock::loadtest
