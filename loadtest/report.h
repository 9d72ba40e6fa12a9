// The report people read: a table of a dozen lines.
//
//     penstock-load 0.1.0  unary helloworld.Greeter/SayHello  closed loop  1 shard  ...
//      a closed loop hides queueing: ...
//      done 4.00s   512.3k rps   OK 2049200   errors 0
//                      p50      p90      p99    p99.9   p99.99      max
//      service       182us    280us    540us   1.20ms   2.00ms   3.30ms   from the actual send
//      generator   cpu 38 % (busiest core 44 %)   ok
//      server      cpu 0.391us per RPC (user 0.210us, system 0.181us)   0.20 cores   RSS 5.20 MiB
#ifndef PENSTOCK_LOADTEST_REPORT_H_
#define PENSTOCK_LOADTEST_REPORT_H_

#include <string>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

std::string FormatReport(const Options& options, const RunResult& result);

// "closed loop", "open loop 50.00k/s poisson", "open loop 1k/s at 0s, 20k/s at 30s uniform".
std::string FormatLoop(const Options& options);
// "unary pkg.Service/Method"; of streams the client sends "..., 100 messages each, 1ms apart, 10 in
// flight"; of a mix "mix FILE".
std::string FormatMethod(const Options& options);
// "unary helloworld.Greeter/SayHello  closed loop  1 shard  ...": the first line without the name.
std::string FormatLoad(const Options& options, const RunResult& result);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_REPORT_H_
