// penstock-load: what is none of the subcommands is a load test. load_command.h has that, tool/,
// serve/ and results/ the others.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/load_command.h"
#include "penstock/loadtest/page/plot_command.h"
#include "penstock/loadtest/results/commands.h"
#include "penstock/loadtest/serve/serve.h"
#include "penstock/loadtest/tool/commands.h"

namespace penstock::loadtest {
namespace {

// By its first word.
constexpr struct {
  std::string_view name;
  int (*main)(int argc, char** argv);
} kSubcommands[] = {
    {"ls", &tool::RunList},
    {"describe", &tool::RunDescribe},
    {"call", &tool::RunCall},
    {"plot", &page::RunPlot},
    {"serve", &ServeMain},
    {"report", &RunReport},
    {"compare", &RunCompare},
};

int RunCommand(int argc, char** argv) {
  for (const auto& [name, main] : kSubcommands) {
    if (argc > 1 && argv[1] == name) return main(argc - 1, argv + 1);
  }
  return RunLoadCommand(argc, argv);
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
