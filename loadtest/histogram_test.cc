#include "penstock/loadtest/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace penstock::loadtest {
namespace {

// The truth: every sample kept.
int64_t ExactPercentile(std::vector<int64_t> samples, Quantile quantile) {
  std::sort(samples.begin(), samples.end());
  const uint64_t scaled = samples.size() * uint64_t{quantile.per_100k};
  const uint64_t rank = std::max<uint64_t>((scaled + 99'999) / 100'000, 1);
  return samples[rank - 1];
}

TEST(Histogram, BucketsFollowEachOtherWithoutGapOrOverlap) {
  for (uint32_t bucket = 0; bucket < Histogram::BucketOf(uint64_t{1} << 40); ++bucket) {
    const uint64_t highest = Histogram::HighestOf(bucket);
    ASSERT_EQ(Histogram::BucketOf(highest), bucket);
    ASSERT_EQ(Histogram::BucketOf(highest + 1), bucket + 1);
  }
}

TEST(Histogram, AReportedValueIsAtMostOnePartIn128AboveTheTruth) {
  for (int shift = 0; shift < 63; ++shift) {
    for (const uint64_t offset : {uint64_t{0}, uint64_t{1}, (uint64_t{1} << shift) - 1}) {
      const uint64_t value = (uint64_t{1} << shift) + offset;
      if (value >> 63 != 0) continue;
      const uint64_t reported = Histogram::HighestOf(Histogram::BucketOf(value));
      ASSERT_GE(reported, value);
      ASSERT_LE(static_cast<double>(reported - value), static_cast<double>(value) / 128);
    }
  }
}

TEST(Histogram, TheLargestValueFitsTheLastBucket) {
  Histogram histogram;
  histogram.Record(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(histogram.max(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(histogram.PercentileOfAny(kP50), std::numeric_limits<int64_t>::max());
}

TEST(Histogram, NegativeValuesCountAsZero) {
  Histogram histogram;
  histogram.Record(-5);
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int value = 1; value <= 200; ++value) histogram.Record(value);
  EXPECT_EQ(histogram.Percentile(kP50), 100);
  EXPECT_EQ(histogram.Percentile(kP90), 180);
  EXPECT_EQ(histogram.min(), 1);
  EXPECT_EQ(histogram.max(), 200);
  EXPECT_DOUBLE_EQ(histogram.mean(), 100.5);
}

TEST(Histogram, AgreesWithTheSortedSamplesWithinItsError) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency_ns(11.0, 1.5);
  for (const size_t count : {1u, 2u, 99u, 1'000u, 54'321u, 200'000u}) {
    SCOPED_TRACE(count);
    Histogram histogram;
    std::vector<int64_t> samples;
    for (size_t i = 0; i < count; ++i) {
      samples.push_back(static_cast<int64_t>(latency_ns(random)));
      histogram.Record(samples.back());
    }
    for (const Quantile quantile : {kP50, kP90, kP99, kP999, kP9999}) {
      SCOPED_TRACE(quantile.per_100k);
      const int64_t exact = ExactPercentile(samples, quantile);
      const int64_t reported = histogram.PercentileOfAny(quantile);
      EXPECT_GE(reported, exact);
      EXPECT_LE(static_cast<double>(reported - exact), static_cast<double>(exact) / 128);
    }
    EXPECT_EQ(histogram.max(), *std::max_element(samples.begin(), samples.end()));
    EXPECT_EQ(histogram.min(), *std::min_element(samples.begin(), samples.end()));
  }
}

TEST(Histogram, MergingIsTheSameAsRecordingEverythingInOne) {
  std::mt19937_64 random(11);
  Histogram parts[3];
  Histogram whole;
  for (int i = 0; i < 30'000; ++i) {
    const auto value = static_cast<int64_t>(random() >> (random() % 60 + 4));
    parts[i % 3].Record(value);
    whole.Record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.Merge(part);
  EXPECT_EQ(merged.NonEmptyBuckets(), whole.NonEmptyBuckets());
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
  EXPECT_DOUBLE_EQ(merged.mean(), whole.mean());
}

TEST(Histogram, APercentileWithFewerThanTenSamplesAboveItIsNotTold) {
  Histogram histogram;
  for (int i = 0; i < 999; ++i) histogram.Record(1'000);
  EXPECT_FALSE(histogram.Percentile(kP99).has_value());  // 990 of 999: nine above
  histogram.Record(1'000);
  EXPECT_EQ(histogram.Percentile(kP99), 1'000);  // 990 of 1000: ten above
  EXPECT_FALSE(histogram.Percentile(kP999).has_value());
}

TEST(Histogram, APercentileAmongSamplesThatLieAboveAllMayBeOneOfThem) {
  Histogram histogram;
  EXPECT_EQ(histogram.PercentileBelow(0, kP99), 0);
  EXPECT_FALSE(histogram.PercentileBelow(1, kP50).has_value());
  for (int i = 0; i < 99; ++i) histogram.Record(100);
  EXPECT_EQ(histogram.PercentileBelow(1, kP99), 100);
  EXPECT_FALSE(histogram.PercentileBelow(2, kP99).has_value());
}

TEST(Histogram, AnEmptyHistogramTellsNothing) {
  const Histogram histogram;
  EXPECT_FALSE(histogram.Percentile(kP50).has_value());
  EXPECT_EQ(histogram.PercentileOfAny(kP50), 0);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_TRUE(histogram.NonEmptyBuckets().empty());
}

TEST(Histogram, ClearForgetsEverything) {
  Histogram histogram;
  histogram.Record(123'456);
  histogram.Clear();
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_TRUE(histogram.NonEmptyBuckets().empty());
}

TEST(Histogram, SubtractingLeavesWhatCameAfterTheCopy) {
  Histogram histogram;
  for (const int64_t value : {5, 1'000'000, 2}) histogram.Record(value);
  const Histogram earlier = histogram;
  for (int i = 0; i < 100; ++i) histogram.Record(10'007);
  histogram.Record(3'000);
  histogram.Subtract(earlier);
  EXPECT_EQ(histogram.count(), 101u);
  EXPECT_EQ(histogram.mean(), (100 * 10'007 + 3'000) / 101.0);
  EXPECT_EQ(histogram.max(), 10'047) << "the highest of its bucket";
  EXPECT_EQ(histogram.min(), 3'007);
  EXPECT_EQ(histogram.Percentile(kP50), histogram.max());
  const Histogram all = histogram;
  histogram.Subtract(all);
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
}

TEST(Histogram, IsRestoredFromWhatItTells) {
  Histogram histogram;
  for (const int64_t value : {5, 1'000'003, 2, 77'777}) histogram.Record(value);
  Histogram copy;
  ASSERT_TRUE(copy.Restore(histogram.NonEmptyBuckets(), histogram.min(), histogram.max(),
                           histogram.mean()));
  EXPECT_EQ(copy.NonEmptyBuckets(), histogram.NonEmptyBuckets());
  EXPECT_EQ(copy.min(), 2);
  EXPECT_EQ(copy.max(), 1'000'003);
  EXPECT_EQ(copy.mean(), histogram.mean());
  EXPECT_TRUE(copy.Restore({}, 0, 0, 0));
  EXPECT_EQ(copy.count(), 0u);
}

TEST(Histogram, IsNotRestoredFromWhatNoneTells) {
  using Buckets = std::vector<std::pair<uint32_t, uint64_t>>;
  const uint64_t most = ~uint64_t{0};
  const struct {
    const char* name;
    Buckets buckets;
    int64_t min, max;
    double mean;
  } cases[] = {
      {"an empty bucket", {{5, 0}}, 5, 5, 5},
      {"not ascending", {{5, 1}, {5, 1}}, 5, 5, 5},
      {"no such bucket", {{7'296, 1}}, 5, 5, 5},
      {"more than a count holds", {{5, most}, {6, most}}, 5, 6, 5},
      {"a minimum elsewhere", {{5, 1}}, 4, 5, 5},
      {"a maximum elsewhere", {{5, 1}}, 5, 500, 5},
      {"below zero", {{5, 1}}, -5, 5, 5},
      {"a mean below zero", {{5, 1}}, 5, 5, -1},
      {"more than a sum holds", {{5, 1'000}}, 5, 5, 1e18},
  };
  for (const auto& [name, buckets, min, max, mean] : cases) {
    SCOPED_TRACE(name);
    Histogram histogram;
    histogram.Record(1);
    EXPECT_FALSE(histogram.Restore(buckets, min, max, mean));
    EXPECT_EQ(histogram.count(), 0u);
  }
}

}  // namespace
}  // namespace penstock::loadtest
