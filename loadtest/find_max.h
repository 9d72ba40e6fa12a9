// FindMax: the highest rate at which the server keeps an SLO, by one short open loop after another.
//
//     FindMaxOutcome outcome = FindMax(options);     // options.rate is where it begins
//     fputs(FormatFindMax(options, outcome).c_str(), stdout);
//
// A rate is good when the SLO is kept, and 95 % of what was offered in the window was OK by its
// end: the queue does not grow. With Poisson arrivals a short trial is by chance of fewer calls
// than its rate: then the knee is what there were.
//
// No trial's result is lost to what comes behind it: where one has none, since the server is gone
// or Ctrl-C was pressed, the search ends with those there are. Each trial draws other arrivals.
//
// Threading: as RunLoadTest().
#ifndef PENSTOCK_LOADTEST_FIND_MAX_H_
#define PENSTOCK_LOADTEST_FIND_MAX_H_

#include <string>
#include <vector>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/result.h"
#include "penstock/loadtest/run.h"

namespace penstock::loadtest {

inline constexpr double kKeptUpShareMin = 0.95;

struct Trial {
  double rate = 0;
  std::string missed;  // "": the rate is good
  RunResult result;
};

struct FindMaxOutcome {
  int exit_status = 0;  // see command_line.h
  std::string error;    // a sentence, when the first trial had no result
  // Calls a second: the most that were due in a good trial, and its rate at most; 0: none was good.
  double knee = 0;
  bool interrupted = false;
  std::string stopped_by;     // a sentence, when a later trial had no result; "" otherwise
  std::vector<Trial> trials;  // in the order in which they ran
};

FindMaxOutcome FindMax(const Options& options);

// Adds what a trial of `rate` came to. False: the search ends here, with what there is.
bool TakeTrial(const Options& options, double rate, RunOutcome run, FindMaxOutcome* outcome);

// What a trial missed of the SLO, or of the rate itself; "" when it is good.
std::string MissedOfTrial(const Options& options, const RunResult& result);

inline constexpr char kFindMaxSchema[] = "penstock-load-find-max/1";

// The table, which ends with the knee.
std::string FormatFindMax(const Options& options, const FindMaxOutcome& outcome);
// {"schema": kFindMaxSchema, "slo", "knee_per_second" (null: none), "interrupted",
// "stopped_by" (why a trial had no result; null: each had), "trials": [{"rate", "missed",
// "report": as report_json.h has it}]}
std::string FormatFindMaxJson(const Options& options, const FindMaxOutcome& outcome);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FIND_MAX_H_
