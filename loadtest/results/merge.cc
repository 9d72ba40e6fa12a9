#include "penstock/loadtest/results/merge.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "penstock/loadtest/report.h"

namespace penstock::loadtest {
namespace {

const char* LoopOf(const RunRecord& record) {
  return record.result.is_open_loop ? "an open loop" : "a closed loop";
}

// What is known of both servers together; of one alone nothing is.
void MergeServer(const RunResult& from, MergeOf how, RunResult* to) {
  if (!from.server || !to->server) {
    to->server.reset();
    return;
  }
  to->server->cpu_ns += from.server->cpu_ns;
  to->server->user_ns += from.server->user_ns;
  to->server->system_ns += from.server->system_ns;
  to->server->rss_bytes = how == MergeOf::kRunsSideBySide
                              ? to->server->rss_bytes + from.server->rss_bytes
                              : std::max(to->server->rss_bytes, from.server->rss_bytes);
}

// The windows one behind the other. Side by side their seconds are not the same ones.
void MergeSeries(const RunResult& from, MergeOf how, RunResult* to) {
  if (how == MergeOf::kRunsSideBySide) return to->series.clear();
  const double begin_s = to->seconds_measured();
  for (SeriesEntry entry : from.series) {
    entry.at_s += begin_s;
    to->series.push_back(entry);
  }
}

void MergeGenerator(const RunResult& from, MergeOf how, RunResult* to) {
  to->generator_cpu_busiest = std::max(to->generator_cpu_busiest, from.generator_cpu_busiest);
  to->generator_waited = std::max(to->generator_waited, from.generator_waited);
  to->lateness.Merge(from.lateness);
  if (how == MergeOf::kRunsSideBySide) {
    to->generator_cpu_total += from.generator_cpu_total;
    to->shards += from.shards;
    return;
  }
  const double before_s = to->seconds_measured();
  const double all_s = before_s + from.seconds_measured();
  if (all_s <= 0) return;
  to->generator_cpu_total = (to->generator_cpu_total * before_s +
                             from.generator_cpu_total * from.seconds_measured()) /
                            all_s;
}

void MergeResult(const RunResult& from, MergeOf how, RunResult* to) {
  MergeServer(from, how, to);
  MergeSeries(from, how, to);
  MergeGenerator(from, how, to);
  to->tally.Merge(from.tally);
  to->messages.Merge(from.messages);
  to->methods.resize(std::max(to->methods.size(), from.methods.size()));
  for (size_t i = 0; i < from.methods.size(); ++i) to->methods[i].Merge(from.methods[i]);
  to->offered_count += from.offered_count;
  to->dropped_count += from.dropped_count;
  to->slot_waits_count += from.slot_waits_count;
  to->carried_ok_count += from.carried_ok_count;
  to->carried_error_count += from.carried_error_count;
  to->timely_ok_count += from.timely_ok_count;
  to->connections_made += from.connections_made;
  to->connects.Merge(from.connects);
  to->repeated_count += from.repeated_count;
  to->unfinished_count += from.unfinished_count;
  to->measured_ns = how == MergeOf::kRunsSideBySide ? std::max(to->measured_ns, from.measured_ns)
                                                    : to->measured_ns + from.measured_ns;
  to->interrupted = to->interrupted || from.interrupted;
}

// Generators at the same time are one load of all they have. False: rates of other times cannot be
// added.
bool MergeOptions(const Options& from, Options* to) {
  const uint64_t connections = uint64_t{to->connections} + from.connections;
  to->connections = static_cast<uint32_t>(std::min<uint64_t>(connections, UINT32_MAX));
  to->in_flight_max += from.in_flight_max;
  const auto at_same_time = [](const RateStage& a, const RateStage& b) {
    return a.at_ns == b.at_ns;
  };
  std::vector<RateStage>& stages = to->rate.stages;
  const std::vector<RateStage>& others = from.rate.stages;
  if (!std::equal(stages.begin(), stages.end(), others.begin(), others.end(), at_same_time)) {
    return false;
  }
  for (size_t i = 0; i < stages.size(); ++i) stages[i].per_second += others[i].per_second;
  return true;
}

std::string DescribeMerge(size_t count, MergeOf how, const std::string& first, bool differ) {
  std::string text = std::to_string(count) +
                     " results are merged: histograms and counts are sums, ";
  if (how == MergeOf::kRunsSideBySide) {
    return text + "the window is the longest, and connections and rates are those of all";
  }
  text += "the time is that of all windows";
  return differ ? text + "; the first line is of " + first : text;
}

// The histograms of --repeat are those of one run: a file stands for all of them.
RunRecord Flatten(const RunRecord& record) {
  RunRecord flat = record;
  for (size_t i = 0; i < record.repeats.size(); ++i) {
    if (i == record.median_repeat) continue;
    MergeResult(record.repeats[i], MergeOf::kRunsInARow, &flat.result);
  }
  flat.repeats.clear();
  return flat;
}

}  // namespace

std::string MergeRecords(const std::vector<NamedRecord>& records, MergeOf how, RunRecord* merged) {
  const RunRecord& first = records.front().record;
  for (const NamedRecord& named : records) {
    const RunRecord& other = named.record;
    if (other.options.method != first.options.method ||
        other.options.kind != first.options.kind || !HaveOneMix(first.options, other.options)) {
      return "results of different methods cannot be merged: " + records.front().name + " is of " +
             FormatMethod(first.options) + ", " + named.name + " of " +
             FormatMethod(other.options);
    }
    if (other.result.is_open_loop != first.result.is_open_loop) {
      return "results of different loops cannot be merged: " + records.front().name + " is of " +
             LoopOf(first) + ", " + named.name + " of " + LoopOf(other);
    }
  }
  if (records.size() == 1) {
    *merged = first;
    return "";
  }
  *merged = Flatten(first);
  std::vector<std::string> notes = std::move(merged->result.notes);
  for (std::string& note : notes) note = records.front().name + ": " + note;
  bool differ = false;
  for (size_t i = 1; i < records.size(); ++i) {
    const RunRecord other = Flatten(records[i].record);
    MergeResult(other.result, how, &merged->result);
    if (how == MergeOf::kRunsSideBySide && !MergeOptions(other.options, &merged->options)) {
      notes.push_back("the first line lacks the rates of " + records[i].name +
                      ", which are at other times");
    }
    for (const std::string& difference : DifferencesOf(first, other)) {
      differ = true;
      notes.push_back(records[i].name + " is of another load: " + difference);
    }
    for (const std::string& note : other.result.notes) {
      notes.push_back(records[i].name + ": " + note);
    }
  }
  notes.insert(notes.begin(), DescribeMerge(records.size(), how, records.front().name, differ));
  merged->result.notes = std::move(notes);
  return "";
}

}  // namespace penstock::loadtest
