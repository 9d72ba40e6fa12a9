// penstock-load: command_line.cc has the flags, run.h what happens, report.h the output; tool/ and
// serve/ have the subcommands.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/run.h"
#include "penstock/loadtest/serve/serve.h"
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

const RunResult& ResultOf(const RunOutcome& outcome) { return outcome.result; }
const FindMaxOutcome& ResultOf(const FindMaxOutcome& outcome) { return outcome; }

// Prints the outcome as the options want it. Returns the exit status.
template <typename Outcome, typename Result>
int Tell(const Options& options, const Outcome& outcome, std::FILE* json,
         std::string (*format)(const Options&, const Result&),
         std::string (*format_json)(const Options&, const Result&)) {
  if (!outcome.error.empty()) {
    std::fprintf(stderr, "penstock-load: %s\n", outcome.error.c_str());
    return outcome.exit_status;
  }
  const Result& result = ResultOf(outcome);
  if (!options.quiet && options.json_file != "-") {
    std::fputs(format(options, result).c_str(), stdout);
  }
  if (json != nullptr && !WriteJson(json, format_json(options, result))) {
    ReportUnwritable(options.json_file);
    return kExitErrors;
  }
  return outcome.exit_status;
}

int LoadMain(int argc, char** argv) {
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
  if (options.finds_max) {
    const FindMaxOutcome outcome = FindMax(options);
    return Tell(options, outcome, json, &FormatFindMax, &FormatFindMaxJson);
  }
  return Tell(options, RunLoadTest(options), json, &FormatReport, &FormatJson);
}

// By its first word; what is none of them is a load test.
constexpr struct {
  std::string_view name;
  int (*main)(int argc, char** argv);
} kSubcommands[] = {
    {"ls", &tool::RunList},
    {"describe", &tool::RunDescribe},
    {"call", &tool::RunCall},
    {"serve", &ServeMain},
};

int Main(int argc, char** argv) {
  for (const auto& [name, main] : kSubcommands) {
    if (argc > 1 && argv[1] == name) return main(argc - 1, argv + 1);
  }
  return LoadMain(argc, argv);
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) { return penstock::loadtest::Main(argc, argv); }
