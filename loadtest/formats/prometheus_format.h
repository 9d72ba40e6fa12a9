// A run as Prometheus' text exposition, for a textfile collector or a push gateway: totals by
// status, throughput, latencies as summaries, the generator's verdict on itself, the server's cost.
//
//     penstock_load_calls_total{method="helloworld.Greeter/SayHello",target="...",status="OK"} 5000
//
// `promtool check metrics` finds nothing to say. A quantile that is not known is left out.
#ifndef PENSTOCK_LOADTEST_FORMATS_PROMETHEUS_FORMAT_H_
#define PENSTOCK_LOADTEST_FORMATS_PROMETHEUS_FORMAT_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

std::string FormatPrometheus(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_PROMETHEUS_FORMAT_H_
