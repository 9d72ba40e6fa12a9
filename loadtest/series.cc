#include "penstock/loadtest/series.h"

#include <algorithm>
#include <utility>

#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

double SecondsOf(TimeNs ns) { return static_cast<double>(ns) / static_cast<double>(kNsPerSecond); }

// The share or rate of two spans together.
double MeanOf(double first, double first_s, double second, double second_s) {
  return (first * first_s + second * second_s) / (first_s + second_s);
}

// At least what all calls of both would have. Unknown where one of both had calls and did not know.
std::optional<int64_t> HigherOf(const SeriesEntry& first, const SeriesEntry& second,
                                std::optional<int64_t> SeriesEntry::* percentile) {
  if (!first.max_ns) return second.*percentile;
  if (!second.max_ns) return first.*percentile;
  if (!(first.*percentile) || !(second.*percentile)) return std::nullopt;
  return std::max(first.*percentile, second.*percentile);
}

// `begin_s` is the end of what is before them.
SeriesEntry Join(double begin_s, const SeriesEntry& first, const SeriesEntry& second) {
  const double first_s = first.at_s - begin_s;
  const double second_s = second.at_s - first.at_s;
  SeriesEntry both = second;
  both.ok_count += first.ok_count;
  both.error_count += first.error_count;
  both.carried_ok_count += first.carried_ok_count;
  both.dropped_count += first.dropped_count;
  both.messages_sent_count += first.messages_sent_count;
  both.messages_received_count += first.messages_received_count;
  for (const auto percentile : {&SeriesEntry::p50_ns, &SeriesEntry::p99_ns, &SeriesEntry::p999_ns,
                                &SeriesEntry::max_ns}) {
    both.*percentile = HigherOf(first, second, percentile);
  }
  both.generator_cpu = MeanOf(first.generator_cpu, first_s, second.generator_cpu, second_s);
  if (first.server_cores && second.server_cores) {
    both.server_cores = MeanOf(*first.server_cores, first_s, *second.server_cores, second_s);
  }
  return both;
}

}  // namespace

void Series::Begin(TimeNs begin_ns, const ProcessSample* server) {
  begin_ns_ = begin_ns;
  before_.at_ns = begin_ns;
  latest_.at_ns = begin_ns;
  if (server != nullptr) server_before_ = *server;
}

void Series::Add(const std::vector<const LoadSample*>& shards, const ProcessSample* server) {
  LoadSample now = Sum(shards);
  const double span_s = SecondsOf(std::max<TimeNs>(now.at_ns - latest_.at_ns, 1));
  rps_ = static_cast<double>(now.ok_count + now.carried_ok_count - latest_.ok_count -
                             latest_.carried_ok_count) /
         span_s;
  if (++taken_ >= stride_) Conclude(now, shards, server);
  latest_ = std::move(now);
}

void Series::AddLast(const std::vector<const LoadSample*>& shards, const ProcessSample* server) {
  Conclude(Sum(shards), shards, server);
}

LoadSample Series::Sum(const std::vector<const LoadSample*>& shards) const {
  LoadSample sum;
  for (const LoadSample* shard : shards) {
    sum.at_ns = std::max(sum.at_ns, shard->at_ns);
    sum.ok_count += shard->ok_count;
    sum.error_count += shard->error_count;
    sum.carried_ok_count += shard->carried_ok_count;
    sum.dropped_count += shard->dropped_count;
    sum.in_flight_count += shard->in_flight_count;
    sum.messages_sent_count += shard->messages_sent_count;
    sum.messages_received_count += shard->messages_received_count;
    sum.latency.Merge(shard->latency);
  }
  return sum;
}

void Series::Conclude(const LoadSample& now, const std::vector<const LoadSample*>& shards,
                      const ProcessSample* server) {
  taken_ = 0;
  const double span_s = SecondsOf(std::max<TimeNs>(now.at_ns - before_.at_ns, 1));
  SeriesEntry entry;
  entry.at_s = SecondsOf(now.at_ns - begin_ns_);
  entry.ok_count = now.ok_count - before_.ok_count;
  entry.error_count = now.error_count - before_.error_count;
  entry.carried_ok_count = now.carried_ok_count - before_.carried_ok_count;
  entry.dropped_count = now.dropped_count - before_.dropped_count;
  entry.in_flight_count = now.in_flight_count;
  entry.messages_sent_count = now.messages_sent_count - before_.messages_sent_count;
  entry.messages_received_count = now.messages_received_count - before_.messages_received_count;
  Histogram latency = now.latency;
  latency.Subtract(before_.latency);
  entry.p50_ns = latency.Percentile(kP50);
  entry.p99_ns = latency.Percentile(kP99);
  entry.p999_ns = latency.Percentile(kP999);
  if (latency.count() > 0) entry.max_ns = latency.max();
  cpu_before_ns_.resize(shards.size(), 0);
  for (size_t i = 0; i < shards.size(); ++i) {
    const TimeNs cpu_ns = shards[i]->cpu_ns - std::exchange(cpu_before_ns_[i], shards[i]->cpu_ns);
    entry.generator_cpu = std::max(entry.generator_cpu, SecondsOf(cpu_ns) / span_s);
  }
  if (server != nullptr && server_before_) {
    entry.server_cores = SecondsOf(server->cpu_ns - server_before_->cpu_ns) / span_s;
    entry.server_rss_bytes = server->rss_bytes;
    server_before_ = *server;
  }
  before_ = now;
  entries_.push_back(entry);
  if (entries_.size() >= entries_max_) Thin();
}

void Series::Thin() {
  PENSTOCK_DCHECK(entries_.size() % 2 == 0, "each has a neighbour");
  double begin_s = 0;
  for (size_t i = 0; i < entries_.size() / 2; ++i) {
    entries_[i] = Join(begin_s, entries_[2 * i], entries_[2 * i + 1]);
    begin_s = entries_[i].at_s;
  }
  entries_.resize(entries_.size() / 2);
  stride_ *= 2;
}

}  // namespace penstock::loadtest
