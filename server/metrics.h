// ShardMetrics: what one shard counts of its methods: plain numbers, written where a call begins
// and ends, and copied for whoever asks (server/admin/snapshot.h). docs/metrics.md says what is
// made of them.
//
//     MethodMetrics& method = metrics.Of(entry.index);
//     ++method.started_count;
//
// A call is counted once at its start and once at its end, by its status. The time it took, from
// its head to its answer, is taken of a sample: reading the clock twice for each call would cost
// more than all the rest. What is timed is the first call of each turn of the shard, and of all the
// others every kSampleEvery-th, counted across turns, so that one which always comes second is
// among them. An idle server times every call.
//
// Threading: the shard's.
#ifndef PENSTOCK_SERVER_METRICS_H_
#define PENSTOCK_SERVER_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "penstock/rpc/status.h"
#include "penstock/wire/check.h"
#include "penstock/wire/histogram.h"
#include "penstock/wire/time.h"

namespace penstock::server {

struct MethodEntry;

// gRPC's status codes, 0 to 16.
inline constexpr size_t kStatusCodesCount = 17;

struct MethodMetrics {
  // Of a status that gRPC does not have: UNKNOWN, as which it is sent.
  void CountEnd(StatusCode code) {
    const auto number = static_cast<size_t>(code);
    ++handled_counts[PENSTOCK_LIKELY(number < kStatusCodesCount)
                         ? number
                         : static_cast<size_t>(StatusCode::kUnknown)];
  }
  void Add(const MethodMetrics& other);
  uint64_t handled_count() const;
  uint64_t failed_count() const { return handled_count() - handled_counts[0]; }

  uint64_t started_count = 0;
  std::array<uint64_t, kStatusCodesCount> handled_counts{};
  // Messages, as they are before compression.
  wire::SizeHistogram received_sizes;
  wire::SizeHistogram sent_sizes;
  wire::DurationHistogram times;  // of the sample
};

// A call that failed, or took long.
struct NotableCall {
  static constexpr size_t kTextBytesMax = 120;

  std::string_view message() const { return {text.data(), text_bytes}; }

  const MethodEntry* method = nullptr;
  StatusCode code = StatusCode::kOk;
  TimeNs ended_at = 0;
  TimeNs took_ns = 0;
  uint64_t connection_id = 0;
  size_t text_bytes = 0;
  std::array<char, kTextBytesMax> text{};  // the status's message, cut
};

class ShardMetrics {
 public:
  static constexpr uint32_t kSampleEvery = 17;
  // Failed and slow calls that are remembered, the latest ones.
  static constexpr size_t kNotableCallsMax = 64;
  // From here on a call with one answer is slow. (A stream may well last.)
  static constexpr TimeNs kSlowNs = 500 * kNsPerMs;

  explicit ShardMetrics(size_t methods_count) : methods_(methods_count) {}

  MethodMetrics& Of(uint32_t method_index) {
    if (PENSTOCK_UNLIKELY(method_index >= methods_.size())) Grow(method_index);
    return methods_[method_index];
  }
  // Calls of methods that nobody handles.
  MethodMetrics& unknown() { return unknown_; }
  const MethodMetrics& unknown() const { return unknown_; }

  // Whether the call that begins in this turn of the shard is timed; the first one has begun with
  // the turn, and the clock need not be read for it.
  enum class Sample : uint8_t { kNone, kFirst, kLater };
  Sample TakeSample(uint64_t turn) {
    if (PENSTOCK_LIKELY(turn == sampled_turn_ && --until_sample_ != 0)) return Sample::kNone;
    if (turn == sampled_turn_) {
      until_sample_ = kSampleEvery;
      return Sample::kLater;
    }
    sampled_turn_ = turn;
    return Sample::kFirst;
  }

  void Remember(NotableCall call, std::string_view message);

  const std::vector<MethodMetrics>& methods() const { return methods_; }
  // The latest first.
  std::vector<NotableCall> NotableCalls() const;

 private:
  void Grow(uint32_t method_index);

  std::vector<MethodMetrics> methods_;  // by MethodEntry::index
  MethodMetrics unknown_;
  uint64_t sampled_turn_ = UINT64_MAX;
  uint32_t until_sample_ = kSampleEvery;  // of calls that are not the first of their turn
  uint64_t notable_count_ = 0;
  std::array<NotableCall, kNotableCallsMax> notable_;  // the n-th at n % kNotableCallsMax
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_METRICS_H_
