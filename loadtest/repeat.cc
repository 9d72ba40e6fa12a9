#include "penstock/loadtest/repeat.h"

#include <algorithm>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/progress_line.h"
#include "penstock/loadtest/units.h"
#include "penstock/loadtest/waiter.h"
#include "penstock/reactor/shard.h"

namespace penstock::loadtest {
namespace {

// What was missed says more than that calls failed.
int WorseOf(int a, int b) {
  const auto weight = [](int status) {
    switch (status) {
      case kExitOk:
        return 0;
      case kExitErrors:
        return 1;
      case kExitSlo:
        return 2;
      case kExitInterrupted:
        return 4;
      default:
        return 3;
    }
  };
  return weight(a) >= weight(b) ? a : b;
}

// The lower one of two in the middle.
size_t MedianOf(const std::vector<RunResult>& runs) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < runs.size(); ++i) order.emplace_back(runs[i].rps(), i);
  std::sort(order.begin(), order.end());
  return order[(order.size() - 1) / 2].second;
}

}  // namespace

Options Repeats::NextOptions() const {
  Options options = options_;
  options.seed += runs_.size();
  return options;
}

bool Repeats::Take(RunOutcome run) {
  outcome_.exit_status = WorseOf(outcome_.exit_status, run.exit_status);
  const std::string number = std::to_string(runs_.size() + 1);
  if (!run.error.empty()) {
    cut_short_ = "run " + number + " had no result: " + run.error;
    outcome_.error = std::move(run.error);
    return false;
  }
  if (run.result.interrupted && !runs_.empty()) {
    Interrupt();
    return false;
  }
  const bool was_interrupted = run.result.interrupted;
  runs_.push_back(std::move(run.result));
  return !was_interrupted && runs_.size() < options_.repeats;
}

void Repeats::Interrupt() {
  outcome_.exit_status = kExitInterrupted;
  cut_short_ = "interrupted before run " + std::to_string(runs_.size() + 1) + " of " +
               std::to_string(options_.repeats) + " had ended: it is in no figure";
}

RecordOutcome Repeats::Conclude() {
  if (runs_.empty()) return std::move(outcome_);
  outcome_.error.clear();
  RunRecord& record = outcome_.record;
  record.median_repeat = MedianOf(runs_);
  record.options = options_;
  record.options.seed += record.median_repeat;
  record.result = runs_[record.median_repeat];
  if (!cut_short_.empty()) record.result.notes.push_back(std::move(cut_short_));
  if (options_.repeats == 1) return std::move(outcome_);
  record.repeats = std::move(runs_);
  for (RunResult& run : record.repeats) run.series.clear();
  return std::move(outcome_);
}

RecordOutcome RunRepeats(const Options& options) {
  // Between two runs, too, Ctrl-C ends them and not the program.
  Waiter waiter;
  ProgressLine line(ProgressModeOf(options));
  Repeats repeats(options);
  while (repeats.Take(RunLoadTest(repeats.NextOptions()))) {
    line.ShowNote("cooling down for " + FormatSpan(options.cooldown_ns));
    waiter.WaitUntil(SaturatingAdd(reactor::ReadClock(), options.cooldown_ns),
                     [&waiter] { return waiter.interrupted(); });
    line.Clear();
    if (!waiter.interrupted()) continue;
    repeats.Interrupt();
    break;
  }
  return repeats.Conclude();
}

}  // namespace penstock::loadtest
