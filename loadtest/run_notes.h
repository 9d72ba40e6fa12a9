// What must be said beside the figures of a run, and instead of them when there are none.
#ifndef PENSTOCK_LOADTEST_RUN_NOTES_H_
#define PENSTOCK_LOADTEST_RUN_NOTES_H_

#include <string>
#include <vector>

#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/options.h"
#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

// A sentence: no connection was made, and why. `patience` is how long was waited.
std::string DescribeNoConnection(const std::string& target,
                                 const std::vector<const GeneratorMeasured*>& measured,
                                 const std::string& patience);

// A sentence for each thing that makes the figures mean something else than was asked for.
std::vector<std::string> MakeNotes(const Options& options,
                                   const std::vector<const GeneratorMeasured*>& measured,
                                   const RunResult& result);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RUN_NOTES_H_
