// BenchmarkService: UnaryCall and StreamingCall of grpc.testing.BenchmarkService, as benchmarks
// call them: each request is answered with as many zeroes as it asks for.
//
// Limits: 4 MiB of payload, which is what a message may have by default: INVALID_ARGUMENT beyond.
#ifndef PENSTOCK_LOADTEST_STREAMS_BENCHMARK_SERVICE_H_
#define PENSTOCK_LOADTEST_STREAMS_BENCHMARK_SERVICE_H_

#include "penstock/rpc/task.h"

#include "loadtest/streams/benchmark_service.server.h"

namespace penstock::loadtest {

class BenchmarkService final
    : public grpc::testing::BenchmarkServiceHandlers<BenchmarkService> {
 public:
  Status UnaryCall(Call& call, const grpc::testing::SimpleRequest& request,
                   grpc::testing::SimpleResponse& response);
  Task<Status> StreamingCall(Call& call, Reader<grpc::testing::SimpleRequest>& in,
                             Writer<grpc::testing::SimpleResponse>& out);
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_STREAMS_BENCHMARK_SERVICE_H_
