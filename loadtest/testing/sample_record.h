// Runs as tests of reports want them: with a value in every figure.
#ifndef PENSTOCK_LOADTEST_TESTING_SAMPLE_RECORD_H_
#define PENSTOCK_LOADTEST_TESTING_SAMPLE_RECORD_H_

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest::testing {

// 20,000 calls in 2 s with a service latency of 100 us, and 4 failures, by 10 connections with 100
// streams; a server that took 4 us for each; two seconds of series.
RunRecord ClosedRecord();
// The same calls of an open loop of 10,000/s, with a response latency of 200 us.
RunRecord OpenRecord();

// The calls of ClosedRecord() as a mix of a unary method and one with bidi streams.
RunRecord MixRecord();
// Of one bidi method, whose connections are replaced.
RunRecord StreamRecord();

// `record` repeated, with so much of its calls and of its latencies.
RunResult Scaled(const RunRecord& record, double calls, double latency);

}  // namespace penstock::loadtest::testing

#endif  // PENSTOCK_LOADTEST_TESTING_SAMPLE_RECORD_H_
