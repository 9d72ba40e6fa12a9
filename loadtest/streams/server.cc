// Serves grpc.testing.BenchmarkService: what stream-load calls, and what Go gRPC's server in
// loadtest/peers/go serves as well; and helloworld.Greeter/SayHello, which answers with the octets
// that it was sent. tools/soak calls both.
//
//     bazel run --config=opt //loadtest/streams:server -- --listen 127.0.0.1:0 --shards 1
#include "penstock/loadtest/streams/benchmark_service.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/server/server_main.h"

namespace penstock::loadtest {
namespace {

constexpr UnaryMethod<RawMessage, RawMessage> kSayHello{"/helloworld.Greeter/SayHello"};

Status Echo(Call&, const RawMessage& request, RawMessage& reply) {
  reply.View(request.bytes());
  return OkStatus();
}

int Main(int argc, char** argv) {
  return ServerMain(argc, argv, [](Server& server) {
    server.Add<BenchmarkService>();
    server.registry().Handle(kSayHello, &Echo);
  });
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) { return penstock::loadtest::Main(argc, argv); }
