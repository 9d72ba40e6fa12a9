// A run as Google Benchmark's JSON, so that its compare.py and what else reads that also reads load
// tests. One benchmark for each figure, named by the method and the load:
//
//     helloworld.Greeter/SayHello/closed:10x100/per_call   real_time: the window's share of a call,
//                                                          cpu_time: the server's, or without
//                                                          --server-pid the generator's
//     helloworld.Greeter/SayHello/closed:10x100/p99        both: the latency
//
// An open loop has its first rate in the place of connections and streams, "open:50000". Times are
// nanoseconds. With --repeat each run is a repetition of each benchmark.
#ifndef PENSTOCK_LOADTEST_FORMATS_GOOGLE_BENCHMARK_FORMAT_H_
#define PENSTOCK_LOADTEST_FORMATS_GOOGLE_BENCHMARK_FORMAT_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

std::string FormatGoogleBenchmark(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_GOOGLE_BENCHMARK_FORMAT_H_
