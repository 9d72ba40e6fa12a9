// A whole channel of a client, with calls of all four kinds on it, against a hostile server on a
// simulated net: whatever the server says,
//   - what is sent is HTTP/2, and streams keep their order (FuzzPeer);
//   - every call ends, once, and goes back to its pool;
//   - a channel that was closed lets go of every connection, slab, stream and timer.
//
// Input: options, then the steps of FuzzPeer.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/client/channel.h"
#include "penstock/client/scope.h"
#include "penstock/client/streams.h"
#include "penstock/client/testing/root_coroutine.h"
#include "penstock/client/unary.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/testing/fuzz_peer.h"
#include "penstock/wire/check.h"

namespace penstock::client {
namespace {

enum Option : uint8_t {
  kAsUring = 1,        // sends complete later
  kUngreeted = 2,      // the first octets are the fuzzer's, too
  kDeadline = 4,       // calls have one
  kAborted = 8,        // the shard stops with whatever is open
  kWaitsForReady = 16,
  kTight = 32,         // small limits
  kTwo = 64,           // connections
};

// Of all callers together: a call that fails at once must not be made for ever.
constexpr int kCallsMax = 100;
constexpr int kMessagesMax = 4;
constexpr std::string_view kPath = "/pkg.Service/Method";
constexpr UnaryMethod<RawMessage, RawMessage> kMethod{kPath};

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
    {"x-octets-bin", "%"},
    {"connection", "close"},
    {"content-type", "text/html"},
    {"grpc-encoding", "gzip"},
    {":path", "/"},
};

ChannelOptions OptionsFor(uint8_t bits) {
  ChannelOptions options;
  options.connections = (bits & kTwo) != 0 ? 2 : 1;
  if ((bits & kTight) == 0) return options;
  options.waiting_calls_max = 2;
  options.message_bytes_max = 100;
  options.stream_unsent_bytes_max = 10;
  options.connect_timeout_ns = kNsPerSecond;
  options.http2.header_list_bytes_max = 300;
  options.http2.stream_window_bytes = 50;
  options.http2.connection_unread_bytes_max = 20;
  options.http2.output_bytes_max = 1000;
  return options;
}

// Who makes calls, and how many were made and have ended.
struct Callers {
  ChannelCore* core;
  Scope* scope;
  const CallOptions* options;
  int begun_count = 0;
  int ended_count = 0;
  int at_work_count = 0;
  bool closing = false;

  bool TakeTurn() {
    if (closing || begun_count == kCallsMax) return false;
    ++begun_count;
    return true;
  }
};

using testing::RootCoroutine;

RootCoroutine CallUnary(Callers* callers) {
  ++callers->at_work_count;
  while (callers->TakeTurn()) {
    Scope scope(callers->scope);
    RawMessage request(&scope.arena());
    request.View(std::string_view("hello"));
    const StatusOr<RawMessage> reply =
        co_await StartUnary(*callers->core, kMethod, scope, request, *callers->options);
    ++callers->ended_count;
  }
  --callers->at_work_count;
}

RootCoroutine CallDownload(Callers* callers) {
  ++callers->at_work_count;
  while (callers->TakeTurn()) {
    Scope scope(callers->scope);
    RawMessage request(&scope.arena());
    Download<RawMessage> download(callers->core, &scope, kPath, request, *callers->options);
    for (int i = 0; i < kMessagesMax; ++i) {  // and then it is dropped
      const StatusOr<const RawMessage*> next = co_await download.Next();
      if (!next.ok() || *next == nullptr) break;
    }
    ++callers->ended_count;
  }
  --callers->at_work_count;
}

RootCoroutine CallUpload(Callers* callers) {
  ++callers->at_work_count;
  while (callers->TakeTurn()) {
    Scope scope(callers->scope);
    RawMessage request(&scope.arena());
    request.Copy(std::string(100, 'x'));
    Upload<RawMessage, RawMessage> upload(callers->core, &scope, kPath, *callers->options);
    for (int i = 0; i < kMessagesMax; ++i) {
      const Status written = co_await upload.Write(request);
      if (!written.ok()) break;
    }
    const StatusOr<RawMessage> reply = co_await upload.Finish();
    ++callers->ended_count;
  }
  --callers->at_work_count;
}

RootCoroutine CallDuplex(Callers* callers) {
  ++callers->at_work_count;
  while (callers->TakeTurn()) {
    Scope scope(callers->scope);
    RawMessage request(&scope.arena());
    request.View(std::string_view("ping"));
    Duplex<RawMessage, RawMessage> duplex(callers->core, &scope, kPath, *callers->options);
    for (int i = 0; i < kMessagesMax; ++i) {
      const Status written = co_await duplex.Write(request);
      if (!written.ok()) break;
      const StatusOr<const RawMessage*> next = co_await duplex.Next();
      if (!next.ok() || *next == nullptr) break;
    }
    duplex.CloseWrites();
    ++callers->ended_count;
  }
  --callers->at_work_count;
}

}  // namespace
}  // namespace penstock::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  using namespace penstock::client;
  wire::testing::FuzzInput input(data, size);
  const uint8_t bits = input.Byte();
  reactor::MemoryNet net((bits & kAsUring) != 0 ? reactor::IoMode::kUring
                                                : reactor::IoMode::kEpoll);
  reactor::Shard shard({.mailbox_letters_max = 16, .simulation = &net});
  std::string why;
  PENSTOCK_CHECK(shard.Open(&why), "a simulated shard opens");
  CallOptions call_options;
  if ((bits & kDeadline) != 0) call_options.SetTimeout(20 * kNsPerMs);
  call_options.SetWaitForReady((bits & kWaitsForReady) != 0);
  auto scope = std::make_unique<Scope>(&shard);
  auto channel = std::make_unique<Channel>(&shard, "127.0.0.1:1", OptionsFor(bits));
  Callers callers{&channel->core(), scope.get(), &call_options};
  CallUnary(&callers);
  CallUnary(&callers);
  CallDownload(&callers);
  CallUpload(&callers);
  CallDuplex(&callers);
  channel->Connect();
  shard.Turn(0);
  {
    rpc::testing::FuzzPeer peer(&net, &shard, http2::Role::kServer, kMenu);
    if ((bits & kUngreeted) == 0) peer.Greet();
    while (!input.empty()) peer.TakeStep(input);
    callers.closing = true;
    if ((bits & kAborted) == 0) {
      channel.reset();
      shard.Turn(0);
      peer.Leave();
      PENSTOCK_CHECK(callers.at_work_count == 0, "a channel's end is the end of its calls");
      PENSTOCK_CHECK(shard.timers().NextWake() == kTimeNever, "no timer is left");
    }
  }
  shard.Stop();
  shard.Run();
  channel.reset();
  while (shard.run_queue().RunQueued() != 0) {
  }
  PENSTOCK_CHECK(callers.at_work_count == 0, "nobody waits for a call that cannot end");
  PENSTOCK_CHECK(callers.begun_count == callers.ended_count, "every call has ended, once");
  PENSTOCK_CHECK(shard.connections_count() == 0, "every connection is gone");
  return 0;
}
