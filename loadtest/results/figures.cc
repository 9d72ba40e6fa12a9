#include "penstock/loadtest/results/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

std::string FormatNsAsUs(double value_ns) {
  char text[400];
  std::snprintf(text, sizeof text, "%.3fus", value_ns / 1e3);
  return text;
}

const Histogram& LatencyOf(const RunResult& result) {
  return result.is_open_loop ? result.tally.response() : result.tally.latency();
}

std::optional<double> PercentileOf(const RunResult& result, Quantile quantile) {
  const std::optional<int64_t> value = LatencyOf(result).Percentile(quantile);
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<double> CpuOf(const RunResult& result) {
  if (!result.server || result.ended_count() == 0) return std::nullopt;
  return result.PerRpc(result.server->cpu_ns);
}

// The median and the range of what `of_run` says of each run.
template <typename Function>
Figure Measure(const RunRecord& record, Figure figure, Function&& of_run) {
  std::vector<double> values;
  const auto take = [&values, &of_run](const RunResult& run) {
    if (const std::optional<double> value = of_run(run)) values.push_back(*value);
  };
  for (const RunResult& run : record.repeats) take(run);
  if (record.repeats.empty()) take(record.result);
  figure.runs_count = std::max<size_t>(record.repeats.size(), 1);
  if (values.size() != figure.runs_count) return figure;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  figure.value = values.size() % 2 == 1 ? values[middle]
                                        : (values[middle - 1] + values[middle]) / 2;
  figure.low = values.front();
  figure.high = values.back();
  const size_t left_out = values.size() / 5;
  figure.spread = values[values.size() - 1 - left_out] - values[left_out];
  return figure;
}

// Nothing of calls that do not stream.
std::optional<double> MessagesOf(const RunResult& result, uint64_t count) {
  if (result.messages.sent_count + result.messages.received_count == 0) return std::nullopt;
  return result.PerSecond(count);
}

Figure Of(const char* name, std::string (*format)(double)) {
  Figure figure;
  figure.name = name;
  figure.format = format;
  return figure;
}

}  // namespace

std::vector<Figure> FiguresOf(const RunRecord& record) {
  std::vector<Figure> figures;
  Figure rps = Of("rps", &FormatRate);
  rps.more_is_better = rps.is_judged = true;
  figures.push_back(Measure(record, rps, [](const RunResult& run) {
    return std::optional(run.rps());
  }));
  const std::pair<const char*, Quantile> quantiles[] = {
      {"p50", kP50}, {"p90", kP90}, {"p99", kP99}, {"p99.9", kP999}, {"p99.99", kP9999}};
  for (const auto& [name, quantile] : quantiles) {
    Figure percentile = Of(name, &FormatDuration);
    percentile.is_judged = percentile.name == "p99";
    figures.push_back(Measure(record, percentile, [which = quantile](const RunResult& run) {
      return PercentileOf(run, which);
    }));
  }
  Figure sent = Of("messages sent/s", &FormatRate);
  sent.more_is_better = true;
  figures.push_back(Measure(record, sent, [](const RunResult& run) {
    return MessagesOf(run, run.messages.sent_count);
  }));
  Figure received = Of("messages received/s", &FormatRate);
  received.more_is_better = true;
  figures.push_back(Measure(record, received, [](const RunResult& run) {
    return MessagesOf(run, run.messages.received_count);
  }));
  Figure cpu = Of("server cpu per RPC", &FormatNsAsUs);
  cpu.is_judged = true;
  figures.push_back(Measure(record, cpu, &CpuOf));
  return figures;
}

std::optional<Change> ChangeOf(const Figure& before, const Figure& after) {
  if (!before.value || !after.value || *before.value <= 0) return std::nullopt;
  Change change;
  change.ratio = *after.value / *before.value;
  change.worse_by = before.more_is_better ? 1 - change.ratio : change.ratio - 1;
  change.noise_is_known = before.runs_count > 1 || after.runs_count > 1;
  const bool overlap = before.low <= after.high && after.low <= before.high;
  const bool medians_are_near = std::fabs(*after.value - *before.value) <=
                                2 * std::max(before.spread, after.spread);
  change.is_within_noise = change.noise_is_known && overlap && medians_are_near;
  return change;
}

std::string FormatRange(const Figure& figure) {
  return figure.format(figure.low) + " to " + figure.format(figure.high);
}

}  // namespace penstock::loadtest
