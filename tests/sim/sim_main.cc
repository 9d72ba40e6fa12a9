// sim: runs the simulation of tests/sim under many seeds, or shows one run.
//
//     bazel run --config=opt //tests/sim:sim -- --seeds 10000
//     bazel run //tests/sim:sim -- --seed 42 --trace
//
// The last line is 'N passed, N failed'; the exit status is 0 if none failed.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "CLI/CLI.hpp"

#include "penstock/tests/sim/plan.h"
#include "penstock/tests/sim/world.h"

namespace penstock::test::sim {
namespace {

uint64_t current_seed = 0;

// Whatever ends the process, who reads its output knows which run it was.
void TellSeed() {
  char line[100];
  const int bytes = std::snprintf(line, sizeof(line),
                                  "crashed: bazel run //tests/sim:sim -- --seed %llu --trace\n",
                                  static_cast<unsigned long long>(current_seed));
  static_cast<void>(!::write(STDERR_FILENO, line, static_cast<size_t>(bytes)));
}

void OnCrash(int signal) {
  TellSeed();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct Totals {
  uint64_t calls = 0;
  uint64_t connections = 0;
  uint64_t steps = 0;
  std::map<std::string, uint64_t> ends;
};

bool RunSeed(uint64_t seed, std::FILE* trace_to, Totals* totals) {
  current_seed = seed;
  World world(MakePlan(seed), trace_to);
  const auto& wrongs = world.Run();
  for (const std::string& wrong : wrongs) {
    std::printf("FAILED: seed %llu: %s\n", static_cast<unsigned long long>(seed), wrong.c_str());
  }
  if (!wrongs.empty()) {
    std::printf("  bazel run //tests/sim:sim -- --seed %llu --trace\n",
                static_cast<unsigned long long>(seed));
  }
  totals->connections += world.connections_made_count();
  totals->steps += world.steps_count();
  for (const auto& caller : world.callers()) {
    if (!caller->begun()) continue;
    ++totals->calls;
    ++totals->ends[caller->dropped() ? "dropped"
                                     : absl::StatusCodeToString(caller->status().code())];
  }
  if (trace_to != nullptr) {
    std::fprintf(trace_to, "hash %016llx\n", static_cast<unsigned long long>(world.hash()));
  }
  return wrongs.empty();
}

int Main(int argc, char** argv) {
  CLI::App app("Simulates a client and a server over a network that fails.");
  uint64_t first = 0;
  uint64_t count = 200;
  int64_t one = -1;
  bool traces = false;
  app.add_option("--seed", one, "run this one alone");
  app.add_option("--first", first, "the first of several seeds");
  app.add_option("--seeds", count, "how many");
  app.add_flag("--trace", traces, "write what happens to stderr");
  CLI11_PARSE(app, argc, argv);
  if (one >= 0) {
    first = static_cast<uint64_t>(one);
    count = 1;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::signal(SIGABRT, OnCrash);
  std::signal(SIGSEGV, OnCrash);
  Totals totals;
  uint64_t failed = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    failed += RunSeed(seed, traces ? stderr : nullptr, &totals) ? 0 : 1;
  }
  std::printf("%llu calls on %llu connections in %llu rounds:",
              static_cast<unsigned long long>(totals.calls),
              static_cast<unsigned long long>(totals.connections),
              static_cast<unsigned long long>(totals.steps));
  for (const auto& [end, times] : totals.ends) {
    std::printf(" %s %llu", end.c_str(), static_cast<unsigned long long>(times));
  }
  std::printf("\n%llu passed, %llu failed\n", static_cast<unsigned long long>(count - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace penstock::test::sim

int main(int argc, char** argv) { return penstock::test::sim::Main(argc, argv); }

// AddressSanitizer calls it before it ends the process.
extern "C" void __asan_on_error() { penstock::test::sim::TellSeed(); }
