#include "penstock/loadtest/histogram.h"

#include <algorithm>

namespace penstock::loadtest {

void Histogram::Merge(const Histogram& other) {
  for (size_t bucket = 0; bucket < kBucketCount; ++bucket) counts_[bucket] += other.counts_[bucket];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::Subtract(const Histogram& earlier) {
  for (size_t bucket = 0; bucket < kBucketCount; ++bucket) {
    counts_[bucket] -= earlier.counts_[bucket];
  }
  count_ -= earlier.count_;
  sum_ -= earlier.sum_;
  FindExtremes();
}

void Histogram::FindExtremes() {
  const uint64_t max = max_;
  min_ = std::numeric_limits<uint64_t>::max();
  max_ = 0;
  for (uint32_t bucket = 0; bucket < kBucketCount; ++bucket) {
    if (counts_[bucket] == 0) continue;
    max_ = std::min(HighestOf(bucket), max);
    min_ = std::min(min_, max_);
  }
}

bool Histogram::Restore(const std::vector<std::pair<uint32_t, uint64_t>>& buckets, int64_t min,
                        int64_t max, double mean) {
  Clear();
  if (buckets.empty()) return true;
  uint64_t count = 0;
  for (size_t i = 0; i < buckets.size(); ++i) {
    const bool ascends = i == 0 || buckets[i].first > buckets[i - 1].first;
    if (!ascends || buckets[i].first >= kBucketCount || buckets[i].second == 0 ||
        __builtin_add_overflow(count, buckets[i].second, &count)) {
      return false;
    }
  }
  const double sum = mean * static_cast<double>(count);
  if (min < 0 || min > max || BucketOf(static_cast<uint64_t>(min)) != buckets.front().first ||
      BucketOf(static_cast<uint64_t>(max)) != buckets.back().first || !(sum >= 0) ||
      sum >= 0x1p64) {
    return false;
  }
  for (const auto& [bucket, of_bucket] : buckets) counts_[bucket] = of_bucket;
  count_ = count;
  sum_ = static_cast<uint64_t>(sum);
  min_ = static_cast<uint64_t>(min);
  max_ = static_cast<uint64_t>(max);
  return true;
}

void Histogram::Clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  sum_ = 0;
  min_ = std::numeric_limits<uint64_t>::max();
  max_ = 0;
}

double Histogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

uint64_t Histogram::RankOf(Quantile quantile, uint64_t count) {
  // ceil(count * q), whole hundred-thousands first: the product would overflow after 2^47 samples.
  const uint64_t whole = count / 100'000;
  const uint64_t rest = count % 100'000;
  const uint64_t rank = whole * quantile.per_100k + (rest * quantile.per_100k + 99'999) / 100'000;
  return std::max<uint64_t>(rank, 1);
}

int64_t Histogram::ValueAtRank(uint64_t rank) const {
  uint64_t seen = 0;
  for (uint32_t bucket = 0; bucket < kBucketCount; ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) return static_cast<int64_t>(std::min(HighestOf(bucket), max_));
  }
  return max();
}

std::optional<int64_t> Histogram::Percentile(Quantile quantile) const {
  if (count_ == 0) return std::nullopt;
  const uint64_t rank = RankOf(quantile, count_);
  if (count_ - rank < kSamplesAboveMin) return std::nullopt;
  return ValueAtRank(rank);
}

int64_t Histogram::PercentileOfAny(Quantile quantile) const {
  return count_ == 0 ? 0 : ValueAtRank(RankOf(quantile, count_));
}

std::optional<int64_t> Histogram::PercentileBelow(uint64_t above_count, Quantile quantile) const {
  if (count_ + above_count == 0) return 0;
  const uint64_t rank = RankOf(quantile, count_ + above_count);
  if (rank > count_) return std::nullopt;
  return ValueAtRank(rank);
}

std::vector<std::pair<uint32_t, uint64_t>> Histogram::NonEmptyBuckets() const {
  std::vector<std::pair<uint32_t, uint64_t>> buckets;
  for (uint32_t bucket = 0; bucket < kBucketCount; ++bucket) {
    if (counts_[bucket] != 0) buckets.emplace_back(bucket, counts_[bucket]);
  }
  return buckets;
}

}  // namespace penstock::loadtest
