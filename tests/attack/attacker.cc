// Repeats one attack against a server of ours: for tools/bench, and for whoever wants to see it.
//
//     bazel run //tests/attack:attacker -- rapid_reset --target 127.0.0.1:50051 --seconds 10
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "penstock/tests/attack/attack.h"

namespace penstock::attack {
namespace {

void List() {
  for (const Attack& attack : Attacks()) {
    std::printf("%-40s %s\n", std::string(attack.name).c_str(), std::string(attack.what).c_str());
  }
}

const Attack* Find(const std::string& name) {
  for (const Attack& attack : Attacks()) {
    if (attack.name == name) return &attack;
  }
  return nullptr;
}

// How often each verdict was given, in the end.
void Repeat(const Attack& attack, const std::string& target, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::map<std::string, int> verdicts;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    ++verdicts[attack.run(target)];
  } while (Clock::now() < end);
  for (const auto& [verdict, count] : verdicts) std::printf("%d x %s\n", count, verdict.c_str());
}

int Main(int argc, char** argv) {
  std::string name;
  std::string target;
  double seconds = 1;
  bool list = false;
  CLI::App app{"Repeats one attack against a server of ours."};
  app.add_option("NAME", name, "which: see --list");
  app.add_option("--target", target, "address of the server, 127.0.0.1:PORT");
  app.add_option("--seconds", seconds, "how long; at least once")->check(CLI::Range(0.0, 3600.0));
  app.add_flag("--list", list, "prints the attacks");
  CLI11_PARSE(app, argc, argv);
  if (list) return List(), 0;
  const Attack* attack = Find(name);
  if (attack == nullptr || target.empty()) {
    std::fprintf(stderr, "%s: no attack \"%s\", or no --target; see --list\n", argv[0],
                 name.c_str());
    return 64;
  }
  Repeat(*attack, target, seconds);
  return 0;
}

}  // namespace
}  // namespace penstock::attack

int main(int argc, char** argv) { return penstock::attack::Main(argc, argv); }
