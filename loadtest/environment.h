// The machine a run took place on, as far as it matters to who reads the figures.
#ifndef PENSTOCK_LOADTEST_ENVIRONMENT_H_
#define PENSTOCK_LOADTEST_ENVIRONMENT_H_

#include <string>
#include <string_view>

#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

// Everything but the io mode and the start of the window.
RunResult::Environment ReadEnvironment();

// "2026-01-31T23:59:59Z".
std::string ReadWallClock();

// The first "model name" of /proc/cpuinfo; "" without one (not every architecture has it).
std::string ParseCpuModel(std::string_view cpuinfo);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_ENVIRONMENT_H_
