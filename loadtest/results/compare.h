// Compare: two results side by side, figure by figure, and what of it is noise.
//
//     penstock-load compare
//      A  old.json   unary helloworld.Greeter/SayHello  closed loop  ...   5 runs
//      B  new.json   unary helloworld.Greeter/SayHello  closed loop  ...   5 runs
//                                  A          B      B/A
//      rps                    512.3k     530.1k    1.035   3.5 % better
//      p99                     540us      551us    1.020   within the noise
#ifndef PENSTOCK_LOADTEST_RESULTS_COMPARE_H_
#define PENSTOCK_LOADTEST_RESULTS_COMPARE_H_

#include <string>
#include <vector>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

struct NamedRecord {
  std::string name;  // the file
  RunRecord record;
};

std::string FormatComparison(const NamedRecord& a, const NamedRecord& b);

// Whether both call the same methods by the same weights; without mixes they do.
bool HaveOneMix(const Options& a, const Options& b);

// What differs of what two loads were, "connections 10 and 20", each a text of its own: figures of
// different loads may differ for that.
std::vector<std::string> DifferencesOf(const RunRecord& a, const RunRecord& b);

// What --baseline says of a result.
struct Verdict {
  bool has_regressed = false;
  std::vector<std::string> notes;
};
// Judges rps, p99 and the server's processor time for a call, those that both have: one that is
// worse than `baseline` by more than the share `regression_max`, and by more than the noise of the
// repeats, has regressed.
Verdict JudgeByBaseline(const NamedRecord& baseline, const RunRecord& record,
                        double regression_max);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_COMPARE_H_
