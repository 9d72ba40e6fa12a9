#include "penstock/wire/histogram.h"

#include <gtest/gtest.h>

namespace penstock::wire {
namespace {

template <typename Histogram, typename Value>
size_t BucketWith(Value value) {
  Histogram histogram;
  histogram.Count(value);
  for (size_t i = 0; i < Histogram::kBucketsCount; ++i) {
    if (histogram.count(i) != 0) return i;
  }
  return Histogram::kBucketsCount;
}

TEST(DurationHistogram, CountsAnUpperBoundInItsOwnBucketAndWhatIsAboveInTheNext) {
  for (size_t i = 0; i + 1 < DurationHistogram::kBucketsCount; ++i) {
    SCOPED_TRACE(i);
    const TimeNs upper_ns = DurationHistogram::UpperNs(i);
    EXPECT_EQ(BucketWith<DurationHistogram>(upper_ns), i);
    EXPECT_EQ(BucketWith<DurationHistogram>(upper_ns + 1), i + 1);
  }
  EXPECT_EQ(BucketWith<DurationHistogram>(kTimeNever), DurationHistogram::kBucketsCount - 1);
  EXPECT_EQ(BucketWith<DurationHistogram>(TimeNs{-5}), 0u);
}

TEST(DurationHistogram, TellsQuantilesFromAbove) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  for (int i = 0; i < 98; ++i) histogram.Count(1000);
  histogram.Count(1'000'000);
  histogram.Count(1'000'000);
  EXPECT_EQ(histogram.Quantile(0.5), 1024);
  EXPECT_EQ(histogram.Quantile(0.97), 1024);
  EXPECT_EQ(histogram.Quantile(0.99), 1 << 20);
  EXPECT_EQ(histogram.Quantile(1), 1 << 20);
  EXPECT_EQ(histogram.sum_ns(), 98 * 1000 + 2'000'000);
  DurationHistogram sum;
  sum.Add(histogram);
  sum.Add(histogram);
  EXPECT_EQ(sum.total(), 200u);
}

TEST(SizeHistogram, CountsAnUpperBoundInItsOwnBucketAndWhatIsAboveInTheNext) {
  for (size_t i = 0; i + 1 < SizeHistogram::kBucketsCount; ++i) {
    SCOPED_TRACE(i);
    const uint64_t upper_bytes = SizeHistogram::UpperBytes(i);
    EXPECT_EQ(BucketWith<SizeHistogram>(upper_bytes), i);
    EXPECT_EQ(BucketWith<SizeHistogram>(upper_bytes + 1), i + 1);
  }
  EXPECT_EQ(BucketWith<SizeHistogram>(size_t{0}), 0u);
  EXPECT_EQ(BucketWith<SizeHistogram>(UINT32_MAX), SizeHistogram::kBucketsCount - 1);
}

}  // namespace
}  // namespace penstock::wire
