// penstock-load: command_line.cc has the flags, run.h what happens, report.h the output; tool/ and
// serve/ have the subcommands.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/page/plot_command.h"
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

// Where --json goes. Opened before the run, so that no measurement is lost for a path; emptied only
// when there is something to write, so that a run without a result leaves the last one alone.
class JsonFile {
 public:
  // An empty `path`: nothing is written; "-": to stdout.
  explicit JsonFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    is_new_ = path != "-" && ::access(path.c_str(), F_OK) != 0;
    file_ = path == "-" ? stdout : std::fopen(path.c_str(), "a");
  }
  ~JsonFile() {
    if (file_ == nullptr || file_ == stdout) return;
    std::fclose(file_);
    if (is_new_) ::unlink(path_.c_str());
  }
  JsonFile(const JsonFile&) = delete;
  JsonFile& operator=(const JsonFile&) = delete;

  bool is_open() const { return file_ != nullptr; }
  // Once. False: errno says why.
  bool Write(const std::string& text) {
    std::FILE* const file = std::exchange(file_, nullptr);
    if (file == stdout) {  // whether it arrived is seen at the end
      std::fputs(text.c_str(), file);
      return true;
    }
    // In vain for what has no length, such as a pipe.
    static_cast<void>(!::ftruncate(::fileno(file), 0));
    const bool written = std::fputs(text.c_str(), file) >= 0;
    return std::fclose(file) == 0 && written;
  }

 private:
  const std::string path_;
  std::FILE* file_ = nullptr;
  bool is_new_ = false;
};

const RunResult& ResultOf(const RunOutcome& outcome) { return outcome.result; }
const FindMaxOutcome& ResultOf(const FindMaxOutcome& outcome) { return outcome; }

// Prints the outcome as the options want it. Returns the exit status.
template <typename Outcome, typename Result>
int Tell(const Options& options, const Outcome& outcome, JsonFile* json,
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
  if (json->is_open() && !json->Write(format_json(options, result))) {
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
  if (tool::NeedsReflection(command_line.options)) {
    const auto failure = tool::EncodeByReflection(&command_line.options);
    if (failure) return failure->Report("penstock-load");
  }
  const Options& options = command_line.options;
  JsonFile json(options.json_file);
  if (!options.json_file.empty() && !json.is_open()) {
    ReportUnwritable(options.json_file);
    return kExitUsage;
  }
  if (options.finds_max) {
    const FindMaxOutcome outcome = FindMax(options);
    return Tell(options, outcome, &json, &FormatFindMax, &FormatFindMaxJson);
  }
  return Tell(options, RunLoadTest(options), &json, &FormatReport, &FormatJson);
}

// By its first word; what is none of them is a load test.
constexpr struct {
  std::string_view name;
  int (*main)(int argc, char** argv);
} kSubcommands[] = {
    {"ls", &tool::RunList},
    {"describe", &tool::RunDescribe},
    {"call", &tool::RunCall},
    {"plot", &page::RunPlot},
    {"serve", &ServeMain},
};

int RunCommand(int argc, char** argv) {
  for (const auto& [name, main] : kSubcommands) {
    if (argc > 1 && argv[1] == name) return main(argc - 1, argv + 1);
  }
  return LoadMain(argc, argv);
}

// What was printed is the result: one that did not arrive is none.
int Main(int argc, char** argv) {
  const int status = RunCommand(argc, argv);
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && std::ferror(stdout) == 0) return status;
  // What failed before has left no errno to trust.
  const std::string why = flushed ? "" : std::string(" (") + std::strerror(errno) + ")";
  std::fprintf(stderr, "penstock-load: standard output did not take all that was printed%s\n",
               why.c_str());
  return status == kExitOk ? kExitErrors : status;
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) { return penstock::loadtest::Main(argc, argv); }
