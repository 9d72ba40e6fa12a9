// The command line of a server program, and with it its environment and its file: see
// server/configuration.h for what goes before what.
#ifndef PENSTOCK_SERVER_COMMAND_LINE_H_
#define PENSTOCK_SERVER_COMMAND_LINE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/server/options.h"

namespace CLI {
class App;
}

namespace penstock::server {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 64;  // EX_USAGE of sysexits.h

struct CommandLine {
  ServerOptions options;
  // Set when the program ends here: help was asked for, or something is wrong. What there is to say
  // has been printed.
  std::optional<int> exit_status;
  // Where an operator has set `compression`, for a sentence; "": nowhere. What there is to choose
  // from is known when the program has registered its own.
  std::string compression_cited;
};

// `declare` adds flags of the program's own, which take the place of ours of the same name, but for
// --help.
// `coded` is what holds where nobody says otherwise. `environment` is "NAME=VALUE", and nullptr
// behind the last; nullptr: that of the process.
CommandLine ParseCommandLine(int argc, char** argv,
                             const std::function<void(CLI::App&)>& declare = {},
                             ServerOptions coded = {}, const char* const* environment = nullptr);

// Prints "PROGRAM: what is wrong" and the way to help. Returns kExitUsage.
int ReportUsage(const char* program, const std::string& message);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_COMMAND_LINE_H_
