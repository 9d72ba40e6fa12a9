// The command line of penstock-load.
#ifndef PENSTOCK_LOADTEST_COMMAND_LINE_H_
#define PENSTOCK_LOADTEST_COMMAND_LINE_H_

#include <optional>
#include <string>

#include "penstock/loadtest/options.h"

namespace penstock::loadtest {

// What the program ends with.
inline constexpr int kExitOk = 0;      // every measured call was OK
// Calls failed or were dropped, or the server fell behind, or a connection or the machine said no.
inline constexpr int kExitErrors = 1;
inline constexpr int kExitNoConnection = 2;   // nothing could be measured
inline constexpr int kExitSlo = 3;            // --slo was missed
inline constexpr int kExitRegression = 4;     // worse than --baseline
inline constexpr int kExitUsage = 64;         // EX_USAGE of sysexits.h
inline constexpr int kExitInterrupted = 130;  // by Ctrl-C: what was measured until then was printed

struct CommandLine {
  Options options;
  // Set when the program ends here; `message` is for stdout when it is kExitOk, else for stderr.
  std::optional<int> exit_status;
  std::string message;
};

CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_COMMAND_LINE_H_
