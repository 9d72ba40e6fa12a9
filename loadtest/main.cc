// penstock-load: what is none of the subcommands is a load test. load_command.h has that, tool/,
// serve/ and results/ the others.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/load_command.h"
#include "penstock/loadtest/page/plot_command.h"
#include "penstock/loadtest/results/commands.h"
#include "penstock/loadtest/serve/serve.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest {
namespace {

using Command = int (*)(int argc, char** argv);

// By its first word.
constexpr struct {
  std::string_view name;
  Command main;
} kSubcommands[] = {
    {"ls", &tool::RunList},
    {"list", &tool::RunList},
    {"describe", &tool::RunDescribe},
    {"call", &tool::RunCall},
    {"plot", &page::RunPlot},
    {"serve", &ServeMain},
    {"report", &RunReport},
    {"compare", &RunCompare},
};

// Null: there is none of that name.
Command SubcommandOf(std::string_view name) {
  for (const auto& one : kSubcommands) {
    if (one.name == name) return one.main;
  }
  return nullptr;
}

int RunWithFlag(Command command, std::string name, std::string flag) {
  char* words[] = {name.data(), flag.data(), nullptr};
  return command(2, words);
}

// What a target cannot be, since it has no colon, and a subcommand nearly is; "" of anything else.
std::string NearestSubcommand(std::string_view word) {
  if (word.starts_with('-') || word.find(':') != std::string_view::npos) return "";
  std::vector<std::string> names = {"help", "version"};
  for (const auto& one : kSubcommands) names.emplace_back(one.name);
  return wire::NearestOf(word, names);
}

int RunCommand(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  const std::string_view second = argc > 2 ? argv[2] : "";
  if (const Command command = SubcommandOf(first)) return command(argc - 1, argv + 1);
  if (first == "version") return RunWithFlag(&RunLoadCommand, argv[0], "--version");
  if (first == "help") {
    const Command command = SubcommandOf(second);
    return RunWithFlag(command != nullptr ? command : &RunLoadCommand, argv[0], "--help");
  }
  if (const std::string nearest = NearestSubcommand(first); !nearest.empty()) {
    std::fprintf(stderr, "penstock-load: '%s' is no subcommand, and no target: did you mean %s?\n",
                 argv[1], nearest.c_str());
    return kExitUsage;
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
