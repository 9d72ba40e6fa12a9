// Histogram: how often each latency was seen, in constant memory however long the run.
//
// Log-linear, as HDR histograms are: values below 256 have a bucket each; above, every power of two
// is cut into 128 buckets of equal width. What is reported is the highest value of a bucket, so it
// is never below the truth and at most 1/128 (0.8 %) above it. The extremes and the sum are exact.
//
//     Histogram latency;
//     latency.Record(end_ns - start_ns);
//     total.Merge(latency);
//     std::optional<int64_t> p99_ns = total.Percentile(kP99);   // empty: too few samples
//
// Units:      the caller's; nanoseconds here.
// Limits:     values from 0 to 2^63-1; 57 KiB each, whatever is recorded.
// Threading:  one owner; merged after the others have stopped.
#ifndef PENSTOCK_LOADTEST_HISTOGRAM_H_
#define PENSTOCK_LOADTEST_HISTOGRAM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace penstock::loadtest {

// A share of the samples in hundred-thousandths, so that ranks are computed without rounding.
struct Quantile {
  uint32_t per_100k;
};
inline constexpr Quantile kP50{50'000};
inline constexpr Quantile kP90{90'000};
inline constexpr Quantile kP99{99'000};
inline constexpr Quantile kP999{99'900};
inline constexpr Quantile kP9999{99'990};

class Histogram {
 public:
  static constexpr int kSubBucketBits = 7;
  // A percentile that fewer samples lie above is chance, and not told.
  static constexpr uint64_t kSamplesAboveMin = 10;

  Histogram() : counts_(kBucketCount) {}

  // Values below zero (a clock that stood between two cores) count as zero.
  void Record(int64_t value) {
    const uint64_t v = value < 0 ? 0 : static_cast<uint64_t>(value);
    ++counts_[BucketOf(v)];
    ++count_;
    sum_ += v;
    if (v < min_) min_ = v;
    if (v > max_) max_ = v;
  }

  void Merge(const Histogram& other);
  // Takes away `earlier`, which is a copy of this one when it held less. The extremes are then
  // those of the buckets: 0.8 % from the truth at most.
  void Subtract(const Histogram& earlier);
  void Clear();
  // Becomes what NonEmptyBuckets() and the extremes of another one told; of its sum, what the mean
  // still tells. False: there is no such histogram, and this one is empty.
  [[nodiscard]] bool Restore(const std::vector<std::pair<uint32_t, uint64_t>>& buckets,
                             int64_t min, int64_t max, double mean);

  uint64_t count() const { return count_; }
  // 0 without samples.
  int64_t min() const { return count_ == 0 ? 0 : static_cast<int64_t>(min_); }
  int64_t max() const { return static_cast<int64_t>(max_); }
  double mean() const;

  // The value that the share `quantile` of the samples does not exceed. Empty when fewer than
  // kSamplesAboveMin samples lie above it.
  std::optional<int64_t> Percentile(Quantile quantile) const;
  // The same, however few the samples; 0 without any.
  int64_t PercentileOfAny(Quantile quantile) const;
  // The same, if `above_count` more samples lay above all of these. Empty: it is one of those.
  std::optional<int64_t> PercentileBelow(uint64_t above_count, Quantile quantile) const;

  // Bucket index and count of every bucket that is not empty, ascending: what it takes to merge
  // histograms of several runs.
  std::vector<std::pair<uint32_t, uint64_t>> NonEmptyBuckets() const;

  static constexpr uint32_t BucketOf(uint64_t value) {
    if (value < kLinearValues) return static_cast<uint32_t>(value);
    const int shift = std::bit_width(value) - (kSubBucketBits + 1);
    return static_cast<uint32_t>((static_cast<uint64_t>(shift) << kSubBucketBits) +
                                 (value >> shift));
  }
  // The highest value that falls into the bucket.
  static constexpr uint64_t HighestOf(uint32_t bucket) {
    if (bucket < kLinearValues) return bucket;
    const uint32_t shift = (bucket >> kSubBucketBits) - 1;
    const uint64_t lowest = static_cast<uint64_t>(bucket - (shift << kSubBucketBits)) << shift;
    return lowest + ((uint64_t{1} << shift) - 1);
  }

 private:
  static constexpr uint64_t kLinearValues = uint64_t{2} << kSubBucketBits;
  static constexpr size_t kBucketCount = (63 - kSubBucketBits + 1) << kSubBucketBits;

  // As far as the buckets tell.
  void FindExtremes();
  // The rank, from 1, of the sample that is the percentile of `count`.
  static uint64_t RankOf(Quantile quantile, uint64_t count);
  int64_t ValueAtRank(uint64_t rank) const;

  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t min_ = std::numeric_limits<uint64_t>::max();
  uint64_t max_ = 0;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_HISTOGRAM_H_
