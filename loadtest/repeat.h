// RunRepeats: the run that the options ask for, as often as --repeat says, with a pause before each
// but the first. What is told is the run whose throughput is the median, and the figures of each.
//
//     RecordOutcome outcome = RunRepeats(options);
//
// Each run connects anew, and in an open loop draws other arrivals: what chance does between two of
// them is part of the spread. A run that Ctrl-C cut short, or that had no result, is the last, and
// counts only where there is no other.
//
// Threading: as RunLoadTest().
#ifndef PENSTOCK_LOADTEST_REPEAT_H_
#define PENSTOCK_LOADTEST_REPEAT_H_

#include <string>
#include <vector>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/run.h"
#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

struct RecordOutcome {
  int exit_status = 0;  // of the worst run; see command_line.h
  std::string error;    // a sentence, when there is no result
  RunRecord record;     // when there is no error
};

RecordOutcome RunRepeats(const Options& options);

// Gathers runs one by one.
class Repeats {
 public:
  explicit Repeats(const Options& options) : options_(options) {}

  // The options of the next run.
  Options NextOptions() const;
  // False: it is the last one.
  bool Take(RunOutcome run);
  // Ctrl-C has come between two runs.
  void Interrupt();
  RecordOutcome Conclude();

 private:
  const Options& options_;
  RecordOutcome outcome_;
  std::vector<RunResult> runs_;
  std::string cut_short_;  // a note; "": all runs are there
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_REPEAT_H_
