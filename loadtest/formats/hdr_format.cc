#include "penstock/loadtest/formats/hdr_format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

// As HdrHistogram's own programs and wrk2 have it.
constexpr double kLinesPerHalving = 5;

// Beyond it a double's steps are no longer those that are asked for.
constexpr double kPercentMax = 100 - 1e-9;

double MillisecondsOf(int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(kNsPerMs);
}

int64_t ValueOf(uint32_t bucket, const Histogram& latency) {
  return std::min(static_cast<int64_t>(Histogram::HighestOf(bucket)), latency.max());
}

// The next percentile to tell behind `percent`: the step is halved where what lies above is.
double NextPercent(double percent) {
  const double halvings = std::floor(std::log2(100 / (100 - percent))) + 1;
  return percent + 100 / (std::exp2(halvings) * kLinesPerHalving);
}

std::string FormatLines(const Histogram& latency) {
  std::string text;
  const std::vector<std::pair<uint32_t, uint64_t>> buckets = latency.NonEmptyBuckets();
  uint64_t seen = 0;
  double percent = 0;
  for (const auto& [bucket, count] : buckets) {
    seen += count;
    const double reached = 100 * static_cast<double>(seen) / static_cast<double>(latency.count());
    const int64_t value = ValueOf(bucket, latency);
    for (; percent <= std::min(reached, kPercentMax) && seen < latency.count();
         percent = NextPercent(percent)) {
      text += Format("%14.6f %14.12f %10llu %14.2f\n", MillisecondsOf(value), percent / 100,
                     static_cast<unsigned long long>(seen), 1 / (1 - percent / 100));
    }
  }
  // It has no 1/(1-Percentile).
  return text + Format("%14.6f %14.12f %10llu\n", MillisecondsOf(latency.max()), 1.0,
                       static_cast<unsigned long long>(seen));
}

// From the values that the buckets stand for.
double DeviationOf(const Histogram& latency) {
  double squares = 0;
  for (const auto& [bucket, count] : latency.NonEmptyBuckets()) {
    const double off = static_cast<double>(ValueOf(bucket, latency)) - latency.mean();
    squares += off * off * static_cast<double>(count);
  }
  return std::sqrt(squares / static_cast<double>(latency.count()));
}

// A name is the user's, and one line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

std::string FormatHdr(const RunRecord& record) {
  const bool is_open = record.result.is_open_loop;
  const Tally& tally = record.result.tally;
  const Histogram& latency = is_open ? tally.response() : tally.latency();
  std::string text = "#[" + std::string(is_open ? "Response" : "Service") + " latency of " +
                     OneLine(record.options.method) + ", in milliseconds, from the " +
                     (is_open ? "intended start]\n" : "actual send]\n");
  text += Format("%14s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                 "1/(1-Percentile)");
  const bool any = latency.count() > 0;
  if (any) text += FormatLines(latency);
  const double deviation = any ? DeviationOf(latency) : 0;
  text += Format("#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", latency.mean() / 1e6,
                 deviation / 1e6);
  text += Format("#[Max     = %12.6f, Total count    = %12llu]\n", MillisecondsOf(latency.max()),
                 static_cast<unsigned long long>(latency.count()));
  return text + Format("#[Buckets = %12d, SubBuckets     = %12d]\n",
                       63 - Histogram::kSubBucketBits, 1 << (Histogram::kSubBucketBits + 1));
}

}  // namespace penstock::loadtest
