// main() of every bench: Google Benchmark's, compiled here since it has no pkg-config module.

#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
