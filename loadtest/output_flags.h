// The flags about what is told of a run, how often it is made, and what it is judged by.
#ifndef PENSTOCK_LOADTEST_OUTPUT_FLAGS_H_
#define PENSTOCK_LOADTEST_OUTPUT_FLAGS_H_

#include <string>
#include <vector>

#include "penstock/loadtest/options.h"

namespace CLI {
class App;
}

namespace penstock::loadtest {

// As they were written; empty: not given.
struct OutputFlags {
  std::string json, repeats, cooldown, baseline, regression_max;
  std::vector<std::string> outputs;
  bool quiet = false;
};

// Ownership: `flags` outlives `app`.
void DeclareOutputFlags(CLI::App& app, OutputFlags* flags);

// Behind the flags of the load. Returns what is wrong, "" when nothing is.
std::string TakeOutput(const OutputFlags& flags, Options* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_OUTPUT_FLAGS_H_
