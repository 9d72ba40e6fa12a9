// A whole session of the load generator, which is a gRPC client, against a hostile server on a
// simulated net: whatever the server says,
//   - what is sent is HTTP/2, and streams keep their order (FuzzPeer);
//   - a server that leaves is let go of, and a connection that retired is replaced;
//   - calls under way, ended well and ended badly add up to those that were started;
//   - slabs and streams are all given back.
//
// Input: options, then the steps of FuzzPeer.
#include <sys/eventfd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/request.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/testing/fuzz_peer.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

enum Option : uint8_t {
  kAsUring = 1,    // sends complete later
  kUngreeted = 2,  // the first octets are the fuzzer's, too
  kDeadline = 4,   // calls have one
  kAborted = 8,    // the shard stops with whatever is open
  kOpenLoop = 16,  // calls are due one a millisecond, and 20 may be in flight
  kBidi = 32,      // each call sends 5 messages, 2 of them in flight
  kPaced = 64,     // one each 3 milliseconds
};

constexpr int64_t kCallsMax = 200;

constexpr rpc::testing::FuzzPeer::MenuField kMenu[] = {
    {":status", "200"},
    {"content-type", "application/grpc"},
    {"grpc-status", "0"},
    {"grpc-status", "14"},
    {"grpc-status", "x"},
    {"grpc-status", ""},
    {"grpc-message", "no%20luck"},
    {":status", "100"},
    {":status", "404"},
    {":status", "x"},
    {"content-length", "5"},
    {"content-length", "0"},
    {"x-text", "value"},
    {"x-octets-bin", "AAEC"},
    {"connection", "close"},
    {":path", "/"},
};

Options OptionsFor(uint8_t bits) {
  Options options;
  options.method = "pkg.Service/Method";
  options.message = std::string(100, 'x');
  options.streams_per_connection = 4;
  if ((bits & kDeadline) != 0) options.deadline_ns = 20 * kNsPerMs;
  if ((bits & kOpenLoop) != 0) {
    options.rate.stages = {{0, 1'000}};
    options.in_flight_max = 20;
  }
  if ((bits & kBidi) != 0) {
    options.kind = CallKind::kBidi;
    options.messages_per_stream = 5;
    options.messages_in_flight = 2;
    if ((bits & kPaced) != 0) options.message_interval_ns = 3 * kNsPerMs;
  }
  return options;
}

}  // namespace
}  // namespace penstock::loadtest

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  using namespace penstock::loadtest;
  static const int wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  wire::testing::FuzzInput input(data, size);
  const uint8_t bits = input.Byte();
  const Options options = OptionsFor(bits);
  const RequestList requests = MakeRequests(options, "localhost");
  std::string why;
  const client::Target target{{*reactor::Address::Resolve("127.0.0.1:1", &why)}, "localhost"};
  reactor::MemoryNet net((bits & kAsUring) != 0 ? reactor::IoMode::kUring
                                                : reactor::IoMode::kEpoll);
  Generator generator({.options = &options,
                       .requests = &requests,
                       .target = &target,
                       .calls_max = kCallsMax,
                       .simulation = &net},
                      wake_fd);
  reactor::Shard& shard = generator.shard();
  PENSTOCK_CHECK(shard.Open(&why), "a simulated shard opens");
  generator.Connect();
  generator.BeginMeasuring();
  shard.Turn(0);
  {
    rpc::testing::FuzzPeer peer(&net, &shard, http2::Role::kServer, kMenu);
    if ((bits & kUngreeted) == 0) peer.Greet();
    while (!input.empty()) peer.TakeStep(input);
    generator.EndMeasuring();
    const GeneratorMeasured& measured = generator.measured();
    const uint64_t ended_count = measured.tally.ok_count() + measured.tally.error_count();
    PENSTOCK_CHECK(ended_count + measured.unfinished_count <= kCallsMax,
                   "no more calls are made than were asked for");
    generator.Close();
    if ((bits & kAborted) == 0) {
      peer.Leave();
      // That of the deadlines fires once more, for nobody.
      PENSTOCK_CHECK((bits & kDeadline) != 0 || shard.timers().NextWake() == kTimeNever,
                     "no timer is left");
    }
  }
  shard.Stop();
  shard.Run();
  PENSTOCK_CHECK(shard.connections_count() == 0, "every connection is gone");
  return 0;
}
