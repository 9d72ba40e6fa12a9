// penstock-load: command_line.cc has the flags, run.h what happens, report.h the output; tool/ has
// the subcommands.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/run.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/loadtest/tool/load_by_reflection.h"

namespace penstock::loadtest {
namespace {

void ReportUnwritable(const std::string& path) {
  std::fprintf(stderr,
               "penstock-load: cannot write the results to the file %s that --json names: %s; "
               "check the path, and that this user may write there\n",
               path.c_str(), std::strerror(errno));
}

bool WriteJson(std::FILE* file, const std::string& text) {
  const bool written = std::fputs(text.c_str(), file) >= 0;
  return file == stdout ? written : std::fclose(file) == 0 && written;
}

int Main(int argc, char** argv) {
  CommandLine command_line = ParseCommandLine(argc, argv);
  if (command_line.exit_status) {
    std::fputs(command_line.message.c_str(),
               *command_line.exit_status == kExitOk ? stdout : stderr);
    return *command_line.exit_status;
  }
  if (!command_line.options.json.empty()) {
    const auto failure = tool::EncodeByReflection(&command_line.options);
    if (failure) return failure->Report("penstock-load");
  }
  const Options& options = command_line.options;
  // Opened before the run: a measurement must not be lost for a path.
  std::FILE* json = nullptr;
  if (!options.json_file.empty()) {
    json = options.json_file == "-" ? stdout : std::fopen(options.json_file.c_str(), "w");
    if (json == nullptr) {
      ReportUnwritable(options.json_file);
      return kExitUsage;
    }
  }
  const RunOutcome outcome = RunLoadTest(options);
  if (!outcome.error.empty()) {
    std::fprintf(stderr, "penstock-load: %s\n", outcome.error.c_str());
    return outcome.exit_status;
  }
  if (!options.quiet && options.json_file != "-") {
    std::fputs(FormatReport(options, outcome.result).c_str(), stdout);
  }
  if (json != nullptr && !WriteJson(json, FormatJson(options, outcome.result))) {
    ReportUnwritable(options.json_file);
    return kExitErrors;
  }
  return outcome.exit_status;
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) {
  namespace tool = penstock::loadtest::tool;
  constexpr struct {
    std::string_view name;
    int (*run)(int argc, const char* const* argv);
  } kCommands[] = {
      {"ls", &tool::RunList},
      {"describe", &tool::RunDescribe},
      {"call", &tool::RunCall},
  };
  for (const auto& command : kCommands) {
    if (argc > 1 && command.name == argv[1]) return command.run(argc - 1, argv + 1);
  }
  return penstock::loadtest::Main(argc, argv);
}
