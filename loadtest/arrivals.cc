#include "penstock/loadtest/arrivals.h"

#include <algorithm>
#include <cmath>

namespace penstock::loadtest {
namespace {

// SplitMix64. Source: Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
uint64_t Draw64(uint64_t* state) {
  uint64_t mixed = *state += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

// The rate at `at_ns`, which is in `stage` or behind it, and its growth, in calls per ns and per
// ns^2.
struct Slope {
  double rate;
  double growth;
};

Slope SlopeOf(const std::vector<RateStage>& stages, size_t stage, double at_ns) {
  const RateStage& from = stages[stage];
  const double rate = from.per_second / kNsPerSecond;
  if (stage + 1 == stages.size()) return {rate, 0};
  const RateStage& to = stages[stage + 1];
  const double growth = (to.per_second / kNsPerSecond - rate) /
                        static_cast<double>(to.at_ns - from.at_ns);
  return {rate + growth * (at_ns - static_cast<double>(from.at_ns)), growth};
}

}  // namespace

double RateProfile::PerSecondAt(TimeNs at_ns) const {
  if (stages.empty()) return 0;
  size_t stage = 0;
  while (stage + 1 < stages.size() && stages[stage + 1].at_ns <= at_ns) ++stage;
  return SlopeOf(stages, stage, static_cast<double>(at_ns)).rate * kNsPerSecond;
}

double RateProfile::CallsUntil(TimeNs end_ns) const {
  double calls = 0;
  for (size_t i = 0; i < stages.size() && stages[i].at_ns < end_ns; ++i) {
    const bool is_last = i + 1 == stages.size();
    const TimeNs until_ns = is_last ? end_ns : std::min(end_ns, stages[i + 1].at_ns);
    const double from = static_cast<double>(stages[i].at_ns);
    const double span_ns = static_cast<double>(until_ns) - from;
    const Slope slope = SlopeOf(stages, i, from);
    calls += slope.rate * span_ns + slope.growth * span_ns * span_ns / 2;
  }
  return calls;
}

Arrivals::Arrivals(const RateProfile& profile, const ArrivalOptions& options)
    : profile_(profile),
      poisson_(options.poisson),
      random_(options.seed * options.parts + options.index),
      first_(static_cast<double>(options.index) / options.parts) {
  for (RateStage& stage : profile_.stages) stage.per_second /= options.parts;
}

// How much the integral grows until the next start.
double Arrivals::Draw() {
  if (poisson_) {
    const double uniform = static_cast<double>(Draw64(&random_) >> 11) * 0x1p-53;  // below 1
    return -std::log1p(-uniform);
  }
  if (began_) return 1;
  began_ = true;
  return first_;
}

TimeNs Arrivals::Next() {
  if (profile_.empty()) return kTimeNever;
  double calls = Draw();
  for (;;) {
    const Slope slope = SlopeOf(profile_.stages, stage_, at_ns_);
    const bool is_last = stage_ + 1 == profile_.stages.size();
    const double left_ns =
        is_last ? 0 : static_cast<double>(profile_.stages[stage_ + 1].at_ns) - at_ns_;
    const double in_stage = slope.rate * left_ns + slope.growth * left_ns * left_ns / 2;
    if (is_last && slope.rate <= 0 && calls > 0) return kTimeNever;
    if (is_last || calls < in_stage) {
      // rate * t + growth * t^2 / 2 = calls, in the form that loses no digits where growth is small
      const double root = std::sqrt(
          std::max(0.0, slope.rate * slope.rate + 2 * slope.growth * calls));
      if (calls > 0) at_ns_ += 2 * calls / (slope.rate + root);
      break;
    }
    calls -= in_stage;
    at_ns_ = static_cast<double>(profile_.stages[++stage_].at_ns);
  }
  return at_ns_ >= static_cast<double>(kTimeNever) ? kTimeNever : static_cast<TimeNs>(at_ns_);
}

}  // namespace penstock::loadtest
