#include "penstock/loadtest/knee_search.h"

#include <gtest/gtest.h>

#include <cmath>

#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/tally.h"

namespace penstock::loadtest {
namespace {

// Tries until it is done; `is_good(rate, try)`.
template <typename Server>
double KneeOf(double first_rate, Server&& is_good, int* tries_count) {
  KneeSearch search(first_rate);
  for (*tries_count = 0; !search.done(); ++*tries_count) {
    search.Note(is_good(search.rate(), *tries_count));
  }
  return search.knee();
}

TEST(KneeSearch, FindsTheCapacityToThreePerCentWhereverItBegins) {
  for (double capacity = 3; capacity < 5e6; capacity *= 2.7) {
    for (const double first : {1.0, 1'000.0, 1e6}) {
      SCOPED_TRACE(capacity);
      int tries = 0;
      const double knee =
          KneeOf(first, [capacity](double rate, int) { return rate <= capacity; }, &tries);
      EXPECT_LE(knee, capacity);
      EXPECT_GE(knee, std::min(capacity / KneeSearch::kGapMax, capacity - 1));
      EXPECT_LE(tries, 60);
    }
  }
}

// The response of a queue grows without bound near its capacity: p99 = 4.6 / (capacity - rate).
TEST(KneeSearch, FindsWhereAQueueMissesItsLatency) {
  constexpr double kCapacity = 20'000;
  int tries = 0;
  const double knee = KneeOf(
      1'000,
      [](double rate, int) { return rate < kCapacity && 4.6 / (kCapacity - rate) < 0.005; },
      &tries);
  EXPECT_NEAR(knee, kCapacity - 4.6 / 0.005, 0.05 * kCapacity);
}

// Every fifth try is spoilt, whatever its rate.
TEST(KneeSearch, IsNotLedAstrayByChance) {
  int tries = 0;
  const double knee = KneeOf(
      1'000, [](double rate, int one) { return one % 5 != 3 && rate <= 20'000; }, &tries);
  EXPECT_NEAR(knee, 20'000, 1'000);
}

TEST(KneeSearch, EndsWhereNothingIsGoodAndWhereEverythingIs) {
  int tries = 0;
  EXPECT_EQ(KneeOf(1'000, [](double, int) { return false; }, &tries), 0);
  EXPECT_LE(tries, 2 * 11);
  EXPECT_EQ(KneeOf(1'000, [](double, int) { return true; }, &tries), KneeSearch::kRateMax);
  EXPECT_LE(tries, 20);
}

// ---- Slo

TEST(Slo, IsAListOfConditions) {
  Slo slo;
  EXPECT_EQ(ParseSlo("p99<5ms,err<0.1%,max<1s", &slo), "");
  ASSERT_EQ(slo.latencies.size(), 2u);
  EXPECT_EQ(slo.latencies[0].below_ns, 5 * kNsPerMs);
  EXPECT_DOUBLE_EQ(slo.errors_below, 0.001);
  for (const char* wrong :
       {"", "p99", "p98<5ms", "p99<5", "err<1", "err<0%", "p99<5ms,", "p99>5ms"}) {
    SCOPED_TRACE(wrong);
    EXPECT_NE(ParseSlo(wrong, &slo).find("is not a list of conditions"), std::string::npos);
  }
}

TEST(Slo, SaysWhatWasNotKept) {
  Slo slo;
  ASSERT_EQ(ParseSlo("p50<1ms,p99<5ms,err<1%", &slo), "");
  RunResult result;
  for (int i = 0; i < 98; ++i) result.tally.RecordOk(500'000);
  EXPECT_EQ(MissedOf(slo, result), "");
  for (int i = 0; i < 2; ++i) result.tally.RecordOk(7'012'351);
  result.tally.RecordError(kInternal, "");
  EXPECT_EQ(MissedOf(slo, result), "p99 7.01ms");
  result.dropped_count = 4;
  EXPECT_EQ(MissedOf(slo, result), "p99 7.01ms, err 4.76%");
  result.is_open_loop = true;  // whose response latencies count
  for (int i = 0; i < 100; ++i) result.tally.RecordResponse(2'000'000);
  EXPECT_EQ(MissedOf(slo, result), "p50 2.00ms, err 4.76%");
  EXPECT_EQ(MissedOf(slo, RunResult()), "no call was OK");
  EXPECT_EQ(MissedOf(Slo(), RunResult()), "") << "nothing was asked for";
}

}  // namespace
}  // namespace penstock::loadtest
