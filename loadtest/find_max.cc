#include "penstock/loadtest/find_max.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/knee_search.h"
#include "penstock/loadtest/printable.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/units.h"
#include "penstock/loadtest/waiter.h"

namespace penstock::loadtest {
namespace {

std::string Cell(const std::string& text) {
  return std::string(text.size() < 10 ? 10 - text.size() : 1, ' ') + text;
}

std::string LatencyCell(const RunResult& result, Quantile quantile) {
  const Histogram& response = result.tally.response();
  if (response.count() == 0) return Cell("n/a");
  return Cell(FormatDuration(static_cast<double>(response.PercentileOfAny(quantile))));
}

std::string FormatTrial(const Trial& trial) {
  std::string text = " " + Cell(FormatRate(trial.rate) + "/s") +
                     Cell(FormatRate(trial.result.rps())) + LatencyCell(trial.result, kP50) +
                     LatencyCell(trial.result, kP99) + LatencyCell(trial.result, kP999) +
                     Cell(std::to_string(trial.result.tally.error_count())) +
                     Cell(std::to_string(trial.result.dropped_count)) + "   " +
                     (trial.missed.empty() ? "good" : Printable(trial.missed));
  if (trial.result.generator_bound()) text += "   (generator-bound)";
  return text + "\n";
}

// The rate as a run of its own would have it. A burst that spoilt a good rate shall not come again
// when that is tried once more: `number` is the trial's, from 0.
Options TrialOptionsOf(const Options& options, double rate, size_t number) {
  Options trial = options;
  trial.rate.stages = {{0, rate}};
  trial.seed = options.seed + number;
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

bool TakeTrial(const Options& options, double rate, RunOutcome run, FindMaxOutcome* outcome) {
  if (run.exit_status == kExitInterrupted) {
    outcome->interrupted = true;
    outcome->exit_status = kExitInterrupted;
    return false;
  }
  if (!run.error.empty()) {
    outcome->exit_status = run.exit_status;
    (outcome->trials.empty() ? outcome->error : outcome->stopped_by) = std::move(run.error);
    return false;
  }
  std::string missed = MissedOfTrial(options, run.result);
  // By chance less than the rate may have been due in a short trial: no more was tried.
  if (missed.empty()) {
    outcome->knee = std::max(outcome->knee, std::min(rate, run.result.offered_rps()));
  }
  outcome->trials.push_back({rate, std::move(missed), std::move(run.result)});
  return true;
}

FindMaxOutcome FindMax(const Options& options) {
  // Between two trials, too, Ctrl-C ends the search and not the program: the next one finds it.
  const Waiter waiter;
  FindMaxOutcome outcome;
  KneeSearch search(options.rate.PerSecondAt(0));
  bool goes_on = true;
  while (goes_on && !search.done()) {
    const double rate = search.rate();
    RunOutcome run = RunLoadTest(TrialOptionsOf(options, rate, outcome.trials.size()));
    goes_on = TakeTrial(options, rate, std::move(run), &outcome);
    if (!goes_on) break;
    const Trial& trial = outcome.trials.back();
    search.Note(trial.missed.empty());
    if (!options.quiet && ::isatty(STDERR_FILENO) == 1) {
      std::fputs(FormatTrial(trial).c_str(), stderr);
    }
  }
  if (goes_on) outcome.exit_status = outcome.knee > 0 ? kExitOk : kExitSlo;
  return outcome;
}

std::string FormatFindMax(const Options& options, const FindMaxOutcome& outcome) {
  std::string text = "penstock-load find-max  " + Printable(options.method) + "  " +
                     Printable(options.slo.text) +
                     "  each " + FormatSpan(options.duration_ns) + " (+" +
                     FormatSpan(options.warmup_ns) + " warm-up)\n";
  text += " " + Cell("rate") + Cell("OK/s") + Cell("p50") + Cell("p99") + Cell("p99.9") +
          Cell("errors") + Cell("dropped") + "   response latency, from the intended start\n";
  bool bound = false;
  bool slots_taken = false;
  for (const Trial& trial : outcome.trials) {
    text += FormatTrial(trial);
    bound |= !trial.missed.empty() && trial.result.generator_bound();
    slots_taken |= !trial.missed.empty() && trial.result.slots_were_taken();
  }
  text += outcome.knee > 0         ? " knee " + FormatRate(outcome.knee) + "/s"
          : outcome.trials.empty() ? std::string(" no rate was tried to its end")
                                   : std::string(" no rate was good");
  if (outcome.interrupted) text += ", so far: interrupted";
  if (!outcome.stopped_by.empty()) text += ", so far: " + Printable(outcome.stopped_by);
  if (bound && outcome.knee > 0) {
    text += ", a lower bound: a rate above it was too much for the generator, too";
  }
  if (slots_taken) {
    text += "; all slots were taken at a rate above it: see whether more --connections raise it";
  }
  return text + "\n";
}

std::string FormatFindMaxJson(const Options& options, const FindMaxOutcome& outcome) {
  using Json = nlohmann::ordered_json;
  Json trials = Json::array();
  for (size_t i = 0; i < outcome.trials.size(); ++i) {
    const Trial& trial = outcome.trials[i];
    const Options trial_options = TrialOptionsOf(options, trial.rate, i);
    trials.push_back({{"rate", trial.rate},
                      {"missed", trial.missed},
                      {"report", Json::parse(FormatJson({trial_options, trial.result, {}, 0}))}});
  }
  const Json report = {
      {"schema", kFindMaxSchema},
      {"slo", options.slo.text},
      {"knee_per_second", outcome.knee > 0 ? Json(outcome.knee) : Json(nullptr)},
      {"interrupted", outcome.interrupted},
      {"stopped_by",
       outcome.stopped_by.empty() ? Json(nullptr) : Json(outcome.stopped_by)},
      {"trials", trials},
  };
  return report.dump(2) + "\n";
}

}  // namespace penstock::loadtest
