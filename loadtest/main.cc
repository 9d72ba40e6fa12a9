// penstock-load: command_line.cc has the flags, run.h what happens, report.h the output.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/run.h"

namespace penstock::loadtest {
namespace {

bool WriteJson(const std::string& path, const std::string& text) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  const bool written = file != nullptr && std::fputs(text.c_str(), file) >= 0;
  const bool ok = file == stdout ? written : file != nullptr && std::fclose(file) == 0 && written;
  if (!ok) {
    std::fprintf(stderr,
                 "penstock-load: cannot write the results to the file %s that --json names: %s; "
                 "check the path, and that this user may write there\n",
                 path.c_str(), std::strerror(errno));
  }
  return ok;
}

int Main(int argc, char** argv) {
  const CommandLine command_line = ParseCommandLine(argc, argv);
  if (command_line.exit_status) {
    std::fputs(command_line.message.c_str(),
               *command_line.exit_status == kExitOk ? stdout : stderr);
    return *command_line.exit_status;
  }
  const Options& options = command_line.options;
  const RunOutcome outcome = RunLoadTest(options);
  if (!outcome.error.empty()) {
    std::fprintf(stderr, "penstock-load: %s\n", outcome.error.c_str());
    return outcome.exit_status;
  }
  if (!options.quiet && options.json_file != "-") {
    std::fputs(FormatReport(options, outcome.result).c_str(), stdout);
  }
  if (!options.json_file.empty() &&
      !WriteJson(options.json_file, FormatJson(options, outcome.result))) {
    return kExitErrors;
  }
  return outcome.exit_status;
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) { return penstock::loadtest::Main(argc, argv); }
