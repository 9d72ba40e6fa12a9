// Merge: several results as one, as if one run had made all their calls.
//
// Histograms, counts and errors add up. One after the other, times add up too, and the throughput
// is that of all the time; side by side (generators on several machines at the same time) the
// longest window counts, and so throughputs add up.
#ifndef PENSTOCK_LOADTEST_RESULTS_MERGE_H_
#define PENSTOCK_LOADTEST_RESULTS_MERGE_H_

#include <string>
#include <vector>

#include "penstock/loadtest/results/compare.h"
#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

enum class MergeOf : uint8_t { kRunsInARow, kRunsSideBySide };

// At least one record. The first says what the load was; notes say what others had else. Returns
// why they are not of one kind (the method, or the loop), "" when they are.
[[nodiscard]] std::string MergeRecords(const std::vector<NamedRecord>& records, MergeOf how,
                                       RunRecord* merged);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_MERGE_H_
