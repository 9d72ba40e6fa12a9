// Series: how the measured window went, second by second, in constant memory however long the run.
//
//     Series series;
//     series.Begin(begin_ns);
//     each second:  series.Add(samples, server);      // one sample of each shard
//     at the end:   series.AddLast(samples, server);
//     result.series = series.Take();
//
// Samples are counts from the begin of the window on; an entry is what came between two of them, so
// that its percentiles are exact. When there are kEntriesMax, two neighbours become one, and from
// then on an entry has twice as many seconds: 1 s for an hour, 2 s for two, and so on. Of two that
// became one the percentiles are the higher ones: no less than those of all their calls.
//
// Limits: 3,600 entries, and two histograms.
#ifndef PENSTOCK_LOADTEST_SERIES_H_
#define PENSTOCK_LOADTEST_SERIES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/process_cpu.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

// What a shard has done since the window began.
struct LoadSample {
  TimeNs at_ns = 0;
  uint64_t ok_count = 0;
  uint64_t error_count = 0;
  uint64_t carried_ok_count = 0;  // due in the warm-up
  uint64_t dropped_count = 0;
  uint64_t in_flight_count = 0;  // now: under way, and waiting
  uint64_t messages_sent_count = 0;  // of streams, as is the next
  uint64_t messages_received_count = 0;
  TimeNs cpu_ns = 0;             // of the thread, without turns that only waited
  Histogram latency;             // response, in a closed loop service
};

struct SeriesEntry {
  double at_s = 0;  // its end, from the begin of the window
  uint64_t ok_count = 0;
  uint64_t error_count = 0;
  uint64_t carried_ok_count = 0;
  uint64_t dropped_count = 0;
  uint64_t in_flight_count = 0;  // at its end
  uint64_t messages_sent_count = 0;
  uint64_t messages_received_count = 0;
  // Empty: too few calls to know it; max_ns: none.
  std::optional<int64_t> p50_ns, p99_ns, p999_ns, max_ns;
  double generator_cpu = 0;  // of the busiest core; 1: all of it
  // Empty: no process is watched.
  std::optional<double> server_cores;
  std::optional<uint64_t> server_rss_bytes;
};

class Series {
 public:
  static constexpr size_t kEntriesMax = 3600;

  // `entries_max` is even.
  explicit Series(size_t entries_max = kEntriesMax) : entries_max_(entries_max) {}

  // `server` may be null here and below: it is not watched.
  void Begin(TimeNs begin_ns, const ProcessSample* server);
  // A second has passed.
  void Add(const std::vector<const LoadSample*>& shards, const ProcessSample* server);
  // The window has ended.
  void AddLast(const std::vector<const LoadSample*>& shards, const ProcessSample* server);

  // Since the begin, as of the last sample; and in its second alone.
  uint64_t ok_count() const { return latest_.ok_count; }
  uint64_t error_count() const { return latest_.error_count; }
  double rps() const { return rps_; }

  std::vector<SeriesEntry> Take() { return std::move(entries_); }

 private:
  LoadSample Sum(const std::vector<const LoadSample*>& shards) const;
  void Conclude(const LoadSample& now, const std::vector<const LoadSample*>& shards,
                const ProcessSample* server);
  void Thin();

  const size_t entries_max_;
  TimeNs begin_ns_ = 0;
  LoadSample before_;                  // at the end of the last entry
  std::vector<TimeNs> cpu_before_ns_;  // of each shard, then
  std::optional<ProcessSample> server_before_;
  LoadSample latest_;
  double rps_ = 0;
  uint64_t stride_ = 1;  // samples that make an entry
  uint64_t taken_ = 0;   // of them
  std::vector<SeriesEntry> entries_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SERIES_H_
