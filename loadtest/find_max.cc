#include "penstock/loadtest/find_max.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/knee_search.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

std::string Cell(const std::string& text) {
  return std::string(text.size() < 10 ? 10 - text.size() : 1, ' ') + text;
}

std::string LatencyCell(const RunResult& result, Quantile quantile) {
  return Cell(FormatDuration(
      static_cast<double>(result.tally.response().PercentileOfAny(quantile))));
}

std::string FormatTrial(const Trial& trial) {
  std::string text = " " + Cell(FormatRate(trial.rate) + "/s") +
                     Cell(FormatRate(trial.result.rps())) + LatencyCell(trial.result, kP50) +
                     LatencyCell(trial.result, kP99) + LatencyCell(trial.result, kP999) +
                     Cell(std::to_string(trial.result.tally.error_count())) +
                     Cell(std::to_string(trial.result.dropped_count)) + "   " +
                     (trial.missed.empty() ? "good" : trial.missed);
  if (trial.result.generator_bound()) text += "   (generator-bound)";
  return text + "\n";
}

// The rate as a run of its own would have it.
Options TrialOptionsOf(const Options& options, double rate) {
  Options trial = options;
  trial.rate.stages = {{0, rate}};
  trial.quiet = true;
  return trial;
}

}  // namespace

std::string MissedOfTrial(const Options& options, const RunResult& result) {
  std::string missed = MissedOf(options.slo, result);
  const auto offered = static_cast<double>(result.offered_count);
  if (missed.empty() &&
      static_cast<double>(result.tally.ok_count()) < kKeptUpShareMin * offered) {
    missed = "OK " + FormatRate(result.rps()) + "/s";
  }
  return missed;
}

FindMaxOutcome FindMax(const Options& options) {
  FindMaxOutcome outcome;
  KneeSearch search(options.rate.PerSecondAt(0));
  while (!search.done()) {
    const Options trial_options = TrialOptionsOf(options, search.rate());
    RunOutcome run = RunLoadTest(trial_options);
    if (!run.error.empty()) {
      outcome.exit_status = run.exit_status;
      outcome.error = std::move(run.error);
      return outcome;
    }
    if (run.result.interrupted) {
      outcome.interrupted = true;
      outcome.exit_status = kExitInterrupted;
      break;
    }
    std::string missed = MissedOfTrial(options, run.result);
    search.Note(missed.empty());
    outcome.trials.push_back({search.rate(), std::move(missed), std::move(run.result)});
    outcome.trials.back().rate = trial_options.rate.PerSecondAt(0);
    if (!options.quiet && ::isatty(STDERR_FILENO) == 1) {
      std::fputs(FormatTrial(outcome.trials.back()).c_str(), stderr);
    }
  }
  outcome.knee = search.knee();
  if (!outcome.interrupted) outcome.exit_status = outcome.knee > 0 ? kExitOk : kExitSlo;
  return outcome;
}

std::string FormatFindMax(const Options& options, const FindMaxOutcome& outcome) {
  std::string text = "penstock-load find-max  " + options.method + "  " + options.slo.text +
                     "  each " + FormatSpan(options.duration_ns) + " (+" +
                     FormatSpan(options.warmup_ns) + " warm-up)\n";
  text += " " + Cell("offered") + Cell("OK/s") + Cell("p50") + Cell("p99") + Cell("p99.9") +
          Cell("errors") + Cell("dropped") + "   response latency, from the intended start\n";
  bool bound = false;
  for (const Trial& trial : outcome.trials) {
    text += FormatTrial(trial);
    bound |= !trial.missed.empty() && trial.result.generator_bound();
  }
  text += outcome.knee > 0 ? " knee " + FormatRate(outcome.knee) + "/s"
                           : std::string(" no rate was good");
  if (outcome.interrupted) text += ", so far: interrupted";
  if (bound && outcome.knee > 0) {
    text += ", a lower bound: a rate above it was too much for the generator, too";
  }
  return text + "\n";
}

std::string FormatFindMaxJson(const Options& options, const FindMaxOutcome& outcome) {
  using Json = nlohmann::ordered_json;
  Json trials = Json::array();
  for (const Trial& trial : outcome.trials) {
    trials.push_back(
        {{"rate", trial.rate},
         {"missed", trial.missed},
         {"report", Json::parse(FormatJson(TrialOptionsOf(options, trial.rate), trial.result))}});
  }
  const Json report = {
      {"schema", "penstock-load-find-max/1"},
      {"slo", options.slo.text},
      {"knee_per_second", outcome.knee > 0 ? Json(outcome.knee) : Json(nullptr)},
      {"interrupted", outcome.interrupted},
      {"trials", trials},
  };
  return report.dump(2) + "\n";
}

}  // namespace penstock::loadtest
