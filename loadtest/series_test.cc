#include "penstock/loadtest/series.h"

#include <gtest/gtest.h>

namespace penstock::loadtest {
namespace {

// A shard that has done `calls_per_second` calls of `latency_ns` each second.
class OneShard {
 public:
  // Seconds from the begin of the window.
  const std::vector<const LoadSample*>& After(int seconds, uint64_t calls, TimeNs latency_ns) {
    sample_.at_ns = kBegin + seconds * kNsPerSecond;
    sample_.ok_count += calls;
    sample_.cpu_ns += kNsPerSecond / 4;
    for (uint64_t i = 0; i < calls; ++i) sample_.latency.Record(latency_ns);
    return samples_;
  }
  LoadSample& sample() { return sample_; }

  static constexpr TimeNs kBegin = 77 * kNsPerSecond;

 private:
  LoadSample sample_;
  const std::vector<const LoadSample*> samples_{&sample_};
};

TEST(Series, AnEntryIsWhatCameBetweenTwoSamples) {
  OneShard shard;
  Series series;
  ProcessSample server;
  series.Begin(OneShard::kBegin, &server);
  server.cpu_ns = kNsPerSecond / 2;
  server.rss_bytes = 4096;
  series.Add(shard.After(1, 1'000, 100), &server);
  shard.sample().error_count = 3;
  shard.sample().carried_ok_count = 20;
  shard.sample().dropped_count = 7;
  shard.sample().in_flight_count = 9;
  series.Add(shard.After(2, 2'000, 250), &server);
  EXPECT_EQ(series.rps(), 2'020);
  EXPECT_EQ(series.ok_count(), 3'000u);
  EXPECT_EQ(series.error_count(), 3u);
  series.AddLast(shard.After(3, 0, 0), nullptr);
  const std::vector<SeriesEntry> entries = series.Take();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].at_s, 1);
  EXPECT_EQ(entries[0].ok_count, 1'000u);
  EXPECT_EQ(entries[0].p99_ns, 100);
  EXPECT_EQ(entries[0].p999_ns, std::nullopt) << "one sample lies above it";
  EXPECT_EQ(entries[0].generator_cpu, 0.25);
  EXPECT_EQ(entries[0].server_cores, 0.5);
  EXPECT_EQ(entries[0].server_rss_bytes, 4096u);
  EXPECT_EQ(entries[1].at_s, 2);
  EXPECT_EQ(entries[1].ok_count, 2'000u);
  EXPECT_EQ(entries[1].error_count, 3u);
  EXPECT_EQ(entries[1].carried_ok_count, 20u);
  EXPECT_EQ(entries[1].dropped_count, 7u);
  EXPECT_EQ(entries[1].in_flight_count, 9u);
  EXPECT_EQ(entries[1].p50_ns, 250) << "and nothing of the second before";
  EXPECT_EQ(entries[1].max_ns, 250);
  EXPECT_EQ(entries[1].server_cores, 0);
  EXPECT_EQ(entries[2].ok_count, 0u);
  EXPECT_EQ(entries[2].max_ns, std::nullopt);
  EXPECT_EQ(entries[2].server_cores, std::nullopt);
}

TEST(Series, ThinsOutAtItsLimitAndLosesNoCall) {
  OneShard shard;
  Series series(/*entries_max=*/4);
  series.Begin(OneShard::kBegin, nullptr);
  for (int second = 1; second <= 11; ++second) {
    series.Add(shard.After(second, 100, 100 + second), nullptr);
  }
  series.AddLast(shard.After(12, 100, 50), nullptr);
  std::vector<double> ends;
  uint64_t ok_count = 0;
  const std::vector<SeriesEntry> entries = series.Take();
  for (const SeriesEntry& entry : entries) {
    ends.push_back(entry.at_s);
    ok_count += entry.ok_count;
    EXPECT_DOUBLE_EQ(entry.generator_cpu, 0.25);
  }
  EXPECT_EQ(ends, (std::vector<double>{4, 8, 12}));
  EXPECT_EQ(ok_count, 1'200u);
  EXPECT_EQ(entries[0].p50_ns, 104) << "the highest of those that became one";
  EXPECT_EQ(entries[2].p50_ns, 109) << "of all calls of its four seconds";
  EXPECT_EQ(entries[2].max_ns, 111);
}

TEST(Series, KnowsNoPercentileWhereAHalfWithCallsKnewNone) {
  OneShard shard;
  Series series(/*entries_max=*/4);
  series.Begin(OneShard::kBegin, nullptr);
  series.Add(shard.After(1, 100, 100), nullptr);
  series.Add(shard.After(2, 5, 200), nullptr);
  series.Add(shard.After(3, 100, 100), nullptr);
  series.AddLast(shard.After(4, 0, 0), nullptr);
  const std::vector<SeriesEntry> entries = series.Take();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].p50_ns, std::nullopt);
  EXPECT_EQ(entries[0].max_ns, 200);
  EXPECT_EQ(entries[1].p50_ns, 100) << "its other half had no call";
}

}  // namespace
}  // namespace penstock::loadtest
