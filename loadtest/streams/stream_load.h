// LoadStream: one bidirectional stream of grpc.testing.BenchmarkService, kept busy: `in_flight`
// requests are without their response at any time, and each response makes room for one request.
//
//     StreamLoad load;
//     load.in_flight = 100;
//     StreamLoadResult result;
//     Status status = main_shard.Run(LoadStream(main_shard.scope(), &channel, load, &result));
//
// Each response must have the size that was asked for, and in the end there are as many of them as
// requests: anything else is an error, and no result.
//
// Units: octets are those of payloads.
#ifndef PENSTOCK_LOADTEST_STREAMS_STREAM_LOAD_H_
#define PENSTOCK_LOADTEST_STREAMS_STREAM_LOAD_H_

#include <cstdint>

#include "penstock/client/channel.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

// Not an aggregate: GCC 12 miscompiles braced temporaries of one inside co_await.
struct StreamLoad {
  StreamLoad() {}

  uint32_t in_flight = 100;
  uint32_t payload_bytes = 16;  // of each request, and of each response
  TimeNs warmup_ns = kNsPerSecond;
  TimeNs duration_ns = 5 * kNsPerSecond;  // what follows the warm-up, and is measured
  int server_pid = 0;                     // 0: nobody's processor time is asked for
};

struct StreamLoadResult {
  uint64_t messages = 0;  // responses that came in the measured time
  TimeNs elapsed_ns = 0;
  double server_cpu_ns = 0;  // all threads, user and system
  TimeNs client_cpu_ns = 0;  // of this thread
};

// `scope`, `channel`, `load` and `result` outlive the task. Errors: the call's; INTERNAL for a
// response of another size or a wrong number of them; NOT_FOUND for a process that is not there.
Task<Status> LoadStream(CallScope& scope, client::Channel* channel, const StreamLoad& load,
                        StreamLoadResult* result);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_STREAMS_STREAM_LOAD_H_
