#include "penstock/loadtest/slo.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

constexpr Quantile kMaximum{100'000};
constexpr struct {
  std::string_view name;
  Quantile quantile;
} kLatencies[] = {{"p50", kP50},    {"p90", kP90},     {"p99", kP99},
                  {"p99.9", kP999}, {"p99.99", kP9999}, {"max", kMaximum}};

// False: it is no condition.
bool TakeCondition(std::string_view text, Slo* slo) {
  const size_t less = text.find('<');
  if (less == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, less);
  const std::string_view bound = text.substr(less + 1);
  if (name == "err") {
    const std::optional<double> share = ParseShare(bound);
    slo->errors_below = share.value_or(1);
    return share.has_value();
  }
  const auto* const known = std::find_if(std::begin(kLatencies), std::end(kLatencies),
                                         [name](const auto& one) { return one.name == name; });
  const std::optional<TimeNs> below_ns = ParseDuration(bound);
  if (known == std::end(kLatencies) || !below_ns || *below_ns <= 0) return false;
  slo->latencies.push_back({std::string(name), known->quantile, *below_ns});
  return true;
}

void Append(const std::string& missed, std::string* all) {
  *all += (all->empty() ? "" : ", ") + missed;
}

}  // namespace

std::optional<double> ParseShare(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(percent > 0 && percent <= 100)) return std::nullopt;
  return percent / 100;
}

std::string ParseSlo(std::string_view text, Slo* slo) {
  *slo = Slo();
  for (std::string_view rest = text;;) {
    const size_t comma = std::min(rest.find(','), rest.size());
    if (!TakeCondition(rest.substr(0, comma), slo)) {
      return "--slo '" + std::string(text) +
             "' is not a list of conditions, such as 'p99<5ms,err<0.1%': of p50, p90, p99, p99.9, "
             "p99.99 and max a time, of err a percentage";
    }
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  slo->text = text;
  return "";
}

std::string MissedOf(const Slo& slo, const RunResult& result) {
  std::string missed;
  if (slo.empty()) return missed;
  const uint64_t bad_count = result.tally.error_count() + result.dropped_count;
  Histogram latency = result.is_open_loop ? result.tally.response() : result.tally.latency();
  latency.Merge(result.waits);
  const uint64_t above_count = slo.errors_below < 1 ? 0 : bad_count;
  for (const Slo::Latency& one : slo.latencies) {
    const std::optional<int64_t> value = latency.PercentileBelow(above_count, one.quantile);
    if (!value) {
      Append(one.name + " is of calls that failed", &missed);
    } else if (*value >= one.below_ns) {
      Append(one.name + " " + FormatDuration(static_cast<double>(*value)), &missed);
    }
  }
  const auto bad = static_cast<double>(bad_count);
  const double share = bad / std::max(1.0, bad + static_cast<double>(result.tally.ok_count()));
  if (share >= slo.errors_below) {
    char text[32];
    std::snprintf(text, sizeof text, "err %.3g%%", 100 * share);
    Append(text, &missed);
  }
  if (result.tally.ok_count() == 0) Append("no call was OK", &missed);
  return missed;
}

}  // namespace penstock::loadtest
