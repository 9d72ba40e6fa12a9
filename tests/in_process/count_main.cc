// What tools/instructions runs under callgrind: rounds of calls of one shape between a client and a
// server in this process, of which those behind the warm-up go through CountedTurnOfClient and
// CountedTurnOfServer.
//
//     count                    the shapes' names, a line each
//     count small 100          a line about this build, and how many calls the 100 rounds ended
#include <gnu/libc-version.h>
#include <zlib.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "penstock/tests/in_process/pair.h"

using penstock::in_process::FindShape;
using penstock::in_process::Pair;
using penstock::in_process::Shape;

// callgrind counts from the entry of one of these to its return. What stands behind the call keeps
// it from being a jump.
extern "C" [[gnu::noinline]] void CountedTurnOfClient(penstock::reactor::Shard& shard) {
  shard.Turn(0);
  asm volatile("" ::"r"(1));
}
extern "C" [[gnu::noinline]] void CountedTurnOfServer(penstock::reactor::Shard& shard) {
  shard.Turn(0);
  asm volatile("" ::"r"(2));
}

namespace {

constexpr int kWarmUpRounds = 40;

#if defined(__x86_64__)
constexpr const char* kMachine = "x86-64";
#elif defined(__aarch64__)
constexpr const char* kMachine = "arm64";
#else
constexpr const char* kMachine = "another machine";
#endif

#if defined(__OPTIMIZE__)
constexpr const char* kOptimised = "optimised";
#else
constexpr const char* kOptimised = "not optimised";
#endif

void Count(const Shape& shape, int rounds_count) {
  Pair pair(shape);
  for (int i = 0; i < kWarmUpRounds; ++i) pair.Round();
  const uint64_t before_count = pair.calls_count();
  for (int i = 0; i < rounds_count; ++i) {
    CountedTurnOfClient(pair.client_shard());
    pair.CarryToServer();
    CountedTurnOfServer(pair.server_shard());
    pair.CarryToClient();
  }
  std::printf("calls: %llu\n",
              static_cast<unsigned long long>(pair.calls_count() - before_count));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    for (const Shape& shape : penstock::in_process::Shapes()) {
      std::printf("%.*s\n", static_cast<int>(shape.name.size()), shape.name.data());
    }
    return 0;
  }
  const std::string_view rounds = argc == 3 ? argv[2] : "";
  int rounds_count = 0;
  std::from_chars(rounds.data(), rounds.data() + rounds.size(), rounds_count);
  const Shape* const shape = FindShape(argv[1]);
  if (shape == nullptr || rounds_count < 1) {
    std::fprintf(stderr, "usage: count [SHAPE ROUNDS]; without arguments it names the shapes\n");
    return 2;
  }
  std::printf("build: %s, %s, glibc %s, zlib %s, %s\n", __VERSION__, kMachine,
              gnu_get_libc_version(), zlibVersion(), kOptimised);
  Count(*shape, rounds_count);
  return 0;
}
