// Serves grpc.testing.BenchmarkService: what stream-load calls, and what Go gRPC's server in
// loadtest/peers/go serves as well.
//
//     bazel run --config=opt //loadtest/streams:server -- --listen 127.0.0.1:0 --shards 1
#include "penstock/loadtest/streams/benchmark_service.h"
#include "penstock/server/server_main.h"

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv, [](penstock::Server& server) {
    server.Add<penstock::loadtest::BenchmarkService>();
  });
}
