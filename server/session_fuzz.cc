// A whole session of the server, from received octets to sent ones, with handlers of RPCs (plain
// functions, coroutines, streams in and out) and of GET, on a simulated net: whatever a client
// says, and whenever it stops reading or goes,
//   - what is sent is HTTP/2, and streams keep their order (FuzzPeer);
//   - a client that leaves is let go, and no call outlives its session;
//   - every call is counted once as it starts and once as it ends;
//   - slabs, calls and timers are all given back.
//
// Input: options, then the steps of FuzzPeer.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/request_head.h"
#include "penstock/rpc/testing/fuzz_peer.h"
#include "penstock/server/registry.h"
#include "penstock/server/session.h"
#include "penstock/wire/check.h"

#include "server/testing/echo.server.h"

namespace penstock::server {
namespace {

enum Option : uint8_t {
  kAsUring = 1,    // sends complete later
  kUngreeted = 2,  // the first octets are the fuzzer's, too
  kTight = 4,      // small windows and limits
  kAborted = 8,    // the shard stops with whatever is open
};

constexpr rpc::testing::FuzzPeer::MenuField kMenu[] = {
    {":method", "POST"},
    {":scheme", "http"},
    {":path", "/penstock.test.Echo/Say"},
    {"content-type", "application/grpc"},
    {"te", "trailers"},
    {":path", "/penstock.test.Echo/Act"},
    {":path", "/large?x=1"},
    {":path", "/throws"},
    {":path", "/nothing"},
    {":method", "GET"},
    {":method", "HEAD"},
    {":method", "CONNECT"},
    {":authority", "localhost"},
    {"content-type", "application/grpc+json"},
    {"content-type", "text/plain"},
    {"grpc-timeout", "1S"},
    {"grpc-timeout", "1n"},
    {"grpc-timeout", "never"},
    {"grpc-encoding", "gzip"},
    {"content-length", "5"},
    {"content-length", "x"},
    {"x-text", "value"},
    {"x-octets-bin", "AAEC"},
    {"x-octets-bin", "%"},
    {"cookie", "a=b"},
    {"connection", "close"},
    {"host", "localhost"},
    {":path", "/penstock.test.Kinds/Say"},
    {":path", "/penstock.test.Kinds/Spell"},
    {":path", "/penstock.test.Kinds/Join"},
    {":path", "/penstock.test.Kinds/Repeat"},
    {"grpc-encoding", "zstd"},
    {"grpc-accept-encoding", "identity, gzip,zstd"},
};

ServerOptions OptionsFor(uint8_t options) {
  ServerOptions tight;
  if ((options & kTight) == 0) return tight;
  tight.http2.concurrent_streams_max = 3;
  tight.http2.header_list_bytes_max = 300;
  tight.http2.header_fields_max = 8;
  tight.http2.decoder_table_bytes = 100;
  tight.http2.stream_window_bytes = 50;
  tight.http2.connection_unread_bytes_max = 20;
  tight.http2.output_bytes_max = 1000;
  tight.message_bytes_max = 100;
  tight.running_handlers_max = 2;
  tight.waiting_handlers_factor = 1;
  tight.stream_unsent_bytes_max = 100;
  return tight;
}

Status Act(Call& call, const test::Text& request, test::Text& response) {
  if (request.text() == "throw") throw std::runtime_error("as it was told");
  if (request.text() == "fail") return MakeStatus(StatusCode::kNotFound, "as it was told");
  call.SetCompression("gzip");  // where the caller accepts it
  response.set_octets(std::string(40'000, 'x'));
  return OkStatus();
}

// Sleeps as often as the text is long, and may fail or throw behind that.
Task<StatusOr<test::Text>> SayLater(Call& call, const test::Text& request) {
  for (size_t i = 0; i < request.text().size(); ++i) {
    co_await Try(co_await Sleep(call, kNsPerMs));
  }
  test::Text reply(&call.arena());
  const Status status = Act(call, request, reply);
  if (!status.ok()) co_return status;
  co_return reply;
}

// Writes as many messages as the text has characters, and one that is large.
Task<Status> Spell(Call& call, const test::Text& request, Writer<test::Text>& out) {
  test::Text each(&call.arena());
  for (const char letter : request.text()) {
    each.set_text({&letter, 1});
    co_await Try(co_await out.Write(each));
  }
  const Status status = Act(call, request, each);
  if (status.ok()) co_await Try(co_await out.Write(each));
  co_return status;
}

// Reads to the end, but that each text may rest, fail or throw; gives up where nothing comes for
// long.
Task<StatusOr<test::Text>> Join(Call& call, Reader<test::Text>& in) {
  test::Text reply(&call.arena());
  std::string all;
  for (;;) {
    const Arrival<test::Text> next = co_await Try(co_await in.Next(kNsPerSecond));
    if (next.timed_out()) co_return MakeStatus(StatusCode::kAborted, "nothing came");
    if (next.is_end()) break;
    const test::Text& text = *next.message();
    co_await Try(Act(call, text, reply));
    if (text.text() == "rest") co_await Try(co_await Sleep(call, kNsPerMs));
    all += text.text();  // which is still there
  }
  reply.set_text(all);
  co_return reply;
}

// Writes what it reads, with something large; "leave" ends it.
Task<Status> Repeat(Call& call, Reader<test::Text>& in, Writer<test::Text>& out) {
  test::Text each;
  while (const test::Text* text = co_await Try(co_await in.Next())) {
    if (text->text() == "leave") break;
    co_await Try(Act(call, *text, each));
    each.set_text(text->text());
    co_await Try(co_await out.Write(each));
  }
  PENSTOCK_CHECK(in.queued_bytes() == 0 || in.queued_count() != 0, "octets are of messages");
  co_return OkStatus();
}

const Registry& Handlers() {
  static const Registry* const registry = [] {
    auto* made = new Registry;
    made->Handle(test::Echo::Say, [](Call&, const test::Text& request, test::Text& response) {
      response.set_text(request.text());
      response.set_octets(request.octets());
      return OkStatus();
    });
    made->Handle(test::Echo::Act, &Act);
    made->Handle(test::Kinds::Say, &SayLater);
    made->Handle(test::Kinds::Spell, &Spell);
    made->Handle(test::Kinds::Join, &Join);
    made->Handle(test::Kinds::Repeat, &Repeat);
    made->HandleGet("/large", [](const HttpRequest&, HttpReply& reply) {
      reply.SetText(200, std::string(100'000, 'y'));
    });
    made->HandleGet("/throws", [](const HttpRequest&, HttpReply&) { throw 1; });
    return made;
  }();
  return *registry;
}

void CheckCounters(const ShardState& state) {
  const ServerCounters& counters = state.counters;
  PENSTOCK_CHECK(state.sessions.empty(), "every session is gone");
  PENSTOCK_CHECK(state.calls.lent_count() == 0, "no call outlives its session");
  PENSTOCK_CHECK(state.inboxes.lent_count() == 0, "no inbox outlives its call");
  PENSTOCK_CHECK(state.message_memory.large_bytes == 0, "no message outlives its inbox");
  PENSTOCK_CHECK(state.plain_calls.lent_count() == 0, "no plain call outlives its session");
  PENSTOCK_CHECK(counters.calls_started ==
                     counters.calls_ok + counters.calls_failed + counters.calls_cancelled,
                 "a call that started has ended once");
  PENSTOCK_CHECK(state.shard.timers().NextWake() == kTimeNever, "no timer is left");
}

}  // namespace
}  // namespace penstock::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  using namespace penstock::server;
  wire::testing::FuzzInput input(data, size);
  const uint8_t bits = input.Byte();
  const ServerOptions options = OptionsFor(bits);
  reactor::MemoryNet net((bits & kAsUring) != 0 ? reactor::IoMode::kUring
                                                : reactor::IoMode::kEpoll);
  reactor::Shard shard({.mailbox_letters_max = 16, .simulation = &net});
  std::string why;
  PENSTOCK_CHECK(shard.Open(&why), "a simulated shard opens");
  ShardState state(&shard, &options, &Handlers());
  auto* link = new Session::Link(shard, http2::Role::kServer, options.http2, &state.workspace,
                                 rpc::MeaningOfRequests(&state.routes), &state);
  link->Attach(shard.Adopt(-1, link));
  rpc::testing::FuzzPeer peer(&net, &shard, http2::Role::kClient, kMenu);
  if ((bits & kUngreeted) == 0) peer.Greet();
  while (!input.empty()) peer.TakeStep(input);
  if ((bits & kAborted) == 0) {
    peer.Leave();
    CheckCounters(state);
  }
  shard.Stop();
  shard.Run();
  CheckCounters(state);
  return 0;
}
