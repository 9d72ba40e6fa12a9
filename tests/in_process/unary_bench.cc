// What a unary call costs without a kernel, there and back: a client's channel and a server's
// connection on one thread, octets carried between them in memory (see pair.h, which has the
// shapes). server/handler_bench.cc is the server's half alone, with other forms of handlers.
//
//   small       5 octets, 32 calls at once         coroutine   its handler is a coroutine
//   metadata    four entries with each call        1KiB        a text of 1 KiB, and back
//   deadline    another one for each call          1KiB_gzip   compressed, both ways
//                                                  64KiB       a text of 64 KiB, 4 at once
//
// bazel run --config=opt //tests/in_process:unary_bench
//
// tools/instructions counts the instructions of the same calls, for each end, and compares.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "penstock/tests/in_process/pair.h"
#include "penstock/wire/check.h"

namespace penstock::in_process {
namespace {

constexpr int kWarmUpRounds = 20;
constexpr int kRoundsPerIteration = 10;

void Unary(benchmark::State& state, const Shape& shape) {
  Pair pair(shape);
  for (int i = 0; i < kWarmUpRounds; ++i) pair.Round();
  const uint64_t before_count = pair.calls_count();
  for (auto _ : state) {
    for (int i = 0; i < kRoundsPerIteration; ++i) pair.Round();
  }
  const auto calls_count = static_cast<double>(pair.calls_count() - before_count);
  PENSTOCK_CHECK(calls_count > 0, "calls end");
  state.SetItemsProcessed(static_cast<int64_t>(calls_count));
  state.counters["per_rpc"] = benchmark::Counter(
      calls_count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const int kRegistered = [] {
  for (const Shape& shape : Shapes()) {
    benchmark::RegisterBenchmark(("Unary/" + std::string(shape.name)).c_str(), &Unary, shape);
  }
  return 0;
}();

}  // namespace
}  // namespace penstock::in_process
