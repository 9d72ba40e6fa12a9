// DurationHistogram and SizeHistogram: plain counts in buckets of fixed bounds, for what is counted
// on the hot path: a shift, an add, no division, nothing to set up.
//
//     DurationHistogram times;
//     times.Count(1500);                       // nanoseconds
//     times.Quantile(0.99)                     // an upper bound, too high by a half at most
//
// Threading: whoever owns it; others get a copy.
#ifndef PENSTOCK_WIRE_HISTOGRAM_H_
#define PENSTOCK_WIRE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::wire {

// Two buckets for each power of two: up to 512 ns, 768, 1024, 1536, ... 2^36 ns (69 s), and longer.
class DurationHistogram {
 public:
  static constexpr size_t kBucketsCount = 56;

  void Count(TimeNs duration_ns) {
    const TimeNs counted_ns = std::max<TimeNs>(duration_ns, 1);
    ++counts_[BucketOf(counted_ns)];
    sum_ns_ += counted_ns;
  }
  void Add(const DurationHistogram& other) {
    for (size_t i = 0; i < kBucketsCount; ++i) counts_[i] += other.counts_[i];
    sum_ns_ += other.sum_ns_;
  }

  uint64_t count(size_t bucket) const { return counts_[bucket]; }
  TimeNs sum_ns() const { return sum_ns_; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t count : counts_) sum += count;
    return sum;
  }
  // The longest duration of a bucket; the last one has none: kTimeNever.
  static constexpr TimeNs UpperNs(size_t bucket) {
    if (bucket + 1 >= kBucketsCount) return kTimeNever;
    const TimeNs power = TimeNs{1} << (kFirstPower + bucket / 2);
    return bucket % 2 == 0 ? power : power + power / 2;
  }
  // Of the bucket in which the share `quantile` (0 to 1) of all is reached; 0 when it is empty.
  TimeNs Quantile(double quantile) const {
    const uint64_t all = total();
    const auto wanted = static_cast<uint64_t>(static_cast<double>(all) * quantile);
    uint64_t seen = 0;
    for (size_t i = 0; i < kBucketsCount; ++i) {
      seen += counts_[i];
      if (seen > wanted || (seen == all && seen != 0)) {
        return UpperNs(std::min(i, kBucketsCount - 2));
      }
    }
    return 0;
  }

 private:
  static constexpr unsigned kFirstPower = 9;  // 512 ns

  static size_t BucketOf(TimeNs duration_ns) {
    const uint64_t below =
        std::max<uint64_t>(static_cast<uint64_t>(duration_ns) - 1, (1u << kFirstPower) - 1);
    const auto bits = static_cast<unsigned>(std::bit_width(below));
    const size_t bucket = 2 * (bits - kFirstPower) + ((below >> (bits - 2)) & 1) - 1;
    return std::min(bucket, kBucketsCount - 1);
  }

  std::array<uint64_t, kBucketsCount> counts_{};
  TimeNs sum_ns_ = 0;
};

// A bucket for each power of two octets: up to 1, 3, 7, 15, ... 2^32 - 1, which is as long as a
// message can be. Found with two instructions, since every message is counted.
class SizeHistogram {
 public:
  static constexpr size_t kBucketsCount = 32;

  void Count(size_t bytes) {
    ++counts_[static_cast<size_t>(std::bit_width(static_cast<uint32_t>(bytes) | 1) - 1)];
    sum_bytes_ += bytes;
  }
  void Add(const SizeHistogram& other) {
    for (size_t i = 0; i < kBucketsCount; ++i) counts_[i] += other.counts_[i];
    sum_bytes_ += other.sum_bytes_;
  }

  uint64_t count(size_t bucket) const { return counts_[bucket]; }
  uint64_t sum_bytes() const { return sum_bytes_; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t count : counts_) sum += count;
    return sum;
  }
  // The largest size of a bucket.
  static constexpr uint64_t UpperBytes(size_t bucket) { return (uint64_t{2} << bucket) - 1; }

 private:
  std::array<uint64_t, kBucketsCount> counts_{};
  uint64_t sum_bytes_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_HISTOGRAM_H_
