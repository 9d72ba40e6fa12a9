// Reads again what --find-max wrote as JSON: find_max.h has the schema.
#ifndef PENSTOCK_LOADTEST_RESULTS_READ_FIND_MAX_H_
#define PENSTOCK_LOADTEST_RESULTS_READ_FIND_MAX_H_

#include <string>
#include <string_view>

#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/options.h"

namespace penstock::loadtest {

struct FindMaxRecord {
  Options options;  // of the first trial
  FindMaxOutcome outcome;
};

// Whether that is what it is meant to be.
bool IsFindMax(std::string_view json);

// What is wrong, "" when nothing is; `*record` counts in that case alone.
[[nodiscard]] std::string ReadFindMax(std::string_view json, FindMaxRecord* record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_READ_FIND_MAX_H_
