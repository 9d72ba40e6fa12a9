// RunRecord: a run as its files have it, whether it has just ended or was read back.
//
//     RunRecord record;
//     record.options = options;
//     record.result = RunLoadTest(options).result;
//     fputs(FormatReport(record.options, record.result).c_str(), stdout);
#ifndef PENSTOCK_LOADTEST_RUN_RECORD_H_
#define PENSTOCK_LOADTEST_RUN_RECORD_H_

#include <cstddef>
#include <vector>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

struct RunRecord {
  Options options;
  // With --repeat: of the run whose throughput is the median.
  RunResult result;
  // All runs of --repeat in their order, without series; empty without.
  std::vector<RunResult> repeats;
  size_t median_repeat = 0;  // which of them is `result`
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RUN_RECORD_H_
