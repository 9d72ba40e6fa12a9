#include "penstock/loadtest/rate_flags.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "penstock/loadtest/flag_values.h"
#include "penstock/loadtest/payload.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

// So far that a nanosecond matters little; no generator comes near it.
constexpr int64_t kRateMax = 100'000'000;
constexpr int64_t kInFlightMax = 1'000'000'000;
constexpr std::string_view kStagesForm =
    "TIME:RATE,TIME:RATE,..., the first at 0s, each behind the one before, such as 0s:1k,30s:20k";

// Of one stage; nullopt where it is none.
std::optional<RateStage> ParseStage(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<TimeNs> at_ns = ParseSpan(text.substr(0, colon));
  const std::optional<int64_t> rate = ParseCount(text.substr(colon + 1));
  if (!at_ns || !rate || *rate < 0 || *rate > kRateMax) return std::nullopt;
  return RateStage{*at_ns, static_cast<double>(*rate)};
}

// Without -t the load ends with its stages: without -n always, and with it where nothing is due
// behind the last, so that -n might wait for ever.
std::string TakeStages(const std::string& text, const GivenExtent& given, Options* options) {
  RateProfile profile;
  double rate_max = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::optional<RateStage> stage = ParseStage(rest.substr(0, comma));
    if (!stage || (profile.empty() ? stage->at_ns != 0 : stage->at_ns <= profile.last_at_ns())) {
      return WrongValue("--stages", text, kStagesForm);
    }
    profile.stages.push_back(*stage);
    rate_max = std::max(rate_max, stage->per_second);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (rate_max == 0) return WrongValue("--stages", text, "any load: all its rates are 0");
  const bool lasts_as_stages =
      !given.duration && (!given.count || profile.stages.back().per_second == 0);
  if (lasts_as_stages && profile.last_at_ns() > 0) options->duration_ns = profile.last_at_ns();
  options->rate = std::move(profile);
  return "";
}

std::string TakeSeed(const std::string& text, Options* options) {
  return TakeCount("--seed", text, INT64_MAX, &options->seed);
}

std::string TakeLoop(const RateFlags& flags, const GivenExtent& given, Options* options) {
  if (!flags.rate.empty() && !flags.stages.empty()) {
    return "--rate and --stages both say how many calls a second: leave one out";
  }
  if (flags.rate.empty() && flags.stages.empty()) {
    const bool has_choice = !options->mix.empty();
    const char* const without = !flags.arrival.empty()              ? "--arrival"
                                : !flags.in_flight_max.empty()      ? "--max-in-flight"
                                : !flags.seed.empty() && !has_choice ? "--seed"
                                                                    : nullptr;
    if (without == nullptr) return TakeSeed(flags.seed, options);
    return std::string(without) + " is for an open loop: say --rate or --stages, too";
  }
  int64_t rate = 0;
  int64_t in_flight_max = Options::kInFlightMaxDefault;
  std::string trouble = TakeNumber("--rate", flags.rate, kRateMax, &rate);
  if (trouble.empty()) {
    trouble = TakeNumber("--max-in-flight", flags.in_flight_max, kInFlightMax, &in_flight_max);
  }
  if (trouble.empty()) trouble = TakeSeed(flags.seed, options);
  if (trouble.empty() && !flags.stages.empty()) {
    trouble = TakeStages(flags.stages, given, options);
  }
  if (trouble.empty() && !flags.arrival.empty() && flags.arrival != "uniform" &&
      flags.arrival != "poisson") {
    trouble = WrongValue("--arrival", flags.arrival, "uniform or poisson");
  }
  if (rate > 0) options->rate.stages = {{0, static_cast<double>(rate)}};
  options->poisson = flags.arrival != "uniform";
  options->in_flight_max = static_cast<uint64_t>(in_flight_max);
  return trouble;
}

// --find-max leaves the rates to the search, and keeps each trial short.
std::string TakeFindMax(const RateFlags& flags, const GivenExtent& given, Options* options) {
  if (flags.slo.empty()) return "--find-max needs --slo: say what a good rate keeps";
  if (given.count || !flags.stages.empty()) {
    return "--find-max chooses the rates and how many calls they come to: leave out " +
           std::string(given.count ? "-n" : "--stages");
  }
  options->finds_max = true;
  if (!given.duration) options->duration_ns = kTrialNsDefault;
  if (!given.warmup) options->warmup_ns = kTrialWarmUpNsDefault;
  return "";
}

}  // namespace

std::string TakeRate(const RateFlags& flags, const GivenExtent& given, Options* options) {
  RateFlags loop = flags;
  if (flags.finds_max && flags.rate.empty() && flags.stages.empty()) loop.rate = kFirstRateDefault;
  std::string trouble = TakeLoop(loop, given, options);
  if (trouble.empty() && !flags.slo.empty()) trouble = ParseSlo(flags.slo, &options->slo);
  if (trouble.empty() && flags.finds_max) trouble = TakeFindMax(flags, given, options);
  return trouble;
}

}  // namespace penstock::loadtest
