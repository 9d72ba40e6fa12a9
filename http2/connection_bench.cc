// What one unary RPC costs a server's Connection: octets of a batch in, frames out, no I/O. Time is
// per RPC.
//
//   Serve/repeated/...      one method over and over: the same header block (block_memo.h)
//   Serve/alternating/...   two methods in turn: blocks of indices, none like the one before
//   Serve/deadlines/...     a new grpc-timeout each call, which changes the dynamic table
//   .../memo/whole          as it is: the latest block is held, the response goes out in one piece
//   .../decode/whole        nothing is held
//   .../memo/steps          head, message and trailers are sent one after another
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <string_view>

#include "penstock/http2/connection.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2 {
namespace {

constexpr size_t kBatch = 64;
constexpr std::string_view kMessage("\0\0\0\0\x07\x0a\x05world", 12);
constexpr OutgoingField kHead[] = {
    {":status", "200"}, {"content-type", "application/grpc"}, {"server", "bench"}};
constexpr OutgoingField kTrailers[] = {{"grpc-status", "0"}};

enum class Calls { kRepeated, kAlternating, kDeadlines };

std::string FrameOf(FrameType type, uint8_t frame_flags, uint32_t id, std::string_view payload) {
  std::string frame(kFrameHeaderBytes, '\0');
  StoreFrameHeader(reinterpret_cast<uint8_t*>(frame.data()),
                   {static_cast<uint32_t>(payload.size()), type, frame_flags, id});
  return frame.append(payload);
}

// A client that makes calls of one kind.
class Client {
 public:
  explicit Client(Calls calls) : calls_(calls) {}

  std::string Batch() {
    std::string batch;
    for (size_t i = 0; i < kBatch; ++i) {
      batch += FrameOf(FrameType::kHeaders, flags::kEndHeaders, next_id_, Block());
      batch += FrameOf(FrameType::kData, flags::kEndStream, next_id_, kMessage);
      next_id_ += 2;
    }
    return batch;
  }

 private:
  std::string Block() {
    const bool second = calls_ == Calls::kAlternating && (next_id_ & 2) != 0;
    uint8_t block[512];
    uint8_t* end = encoder_.BeginBlock(block);
    const auto add = [&](std::string_view name, std::string_view value) {
      end = encoder_.Encode(end, name, value, IndexingPolicy::kIndex);
    };
    add(":method", "POST");
    add(":scheme", "http");
    add(":path", second ? "/helloworld.Greeter/SayGoodbye" : "/helloworld.Greeter/SayHello");
    add(":authority", "127.0.0.1:50051");
    add("content-type", "application/grpc");
    add("user-agent", "grpc-go/1.85.0");
    add("te", "trailers");
    if (calls_ == Calls::kDeadlines) {
      add("grpc-timeout", std::to_string(19'000'000 + next_id_ * 77 % 999'983) + "u");
    }
    return {block, end};
  }

  const Calls calls_;
  HpackEncoder encoder_;
  uint32_t next_id_ = 1;
};

void Respond(Connection& server, Stream& stream, PreparedBlock& head, PreparedBlock& trailers,
             bool whole) {
  if (whole) {
    if (uint8_t* room = server.SendWhole(stream, head, kMessage.size(), trailers)) {
      std::memcpy(room, kMessage.data(), kMessage.size());
      return;
    }
  }
  server.SendPreparedHead(stream, head, kHead, EndStream::kNo);
  if (uint8_t* room = server.BeginData(stream, kMessage.size())) {
    std::memcpy(room, kMessage.data(), kMessage.size());
    server.CommitData(stream, kMessage.size(), EndStream::kNo);
  }
  server.SendPreparedTrailers(stream, trailers, kTrailers);
}

void Serve(benchmark::State& state, Calls calls, bool memo, bool whole) {
  wire::SlabPool slabs;
  Workspace workspace(&slabs);
  Connection server(Role::kServer, Limits{}, &workspace, {});
  server.Start(0);
  Client client(calls);
  std::string bytes(kClientPreface);
  bytes += FrameOf(FrameType::kSettings, 0, 0, {});
  bytes += FrameOf(FrameType::kSettings, flags::kAck, 0, {});
  // A window that lasts.
  bytes += FrameOf(FrameType::kWindowUpdate, 0, 0, std::string_view("\x7f\xff\0\0", 4));
  PreparedBlock head;
  PreparedBlock trailers;
  size_t responses = 0;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    bytes += client.Batch();
    state.ResumeTiming();
    server.Receive(wire::AsBytes(bytes), 0);
    for (Event event = server.NextEvent(); event.kind != Event::Kind::kNone;
         event = server.NextEvent()) {
      if (event.kind == Event::Kind::kHead) {
        event.stream->user = &client;
        if (!memo) workspace.latest_block.Forget();
        continue;
      }
      if (event.kind != Event::Kind::kData) continue;
      server.ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
      event.stream->user = nullptr;
      Respond(server, *event.stream, head, trailers, whole);
      ++responses;
    }
    server.NextOutput().Clear();
    state.PauseTiming();
    bytes = FrameOf(FrameType::kWindowUpdate, 0, 0, std::string_view("\0\0\x03\0", 4));
    state.ResumeTiming();
  }
  if (responses != static_cast<size_t>(state.iterations())) {
    state.SkipWithError("not every request was answered");
  }
}

BENCHMARK_CAPTURE(Serve, repeated / memo / whole, Calls::kRepeated, true, true);
BENCHMARK_CAPTURE(Serve, repeated / decode / whole, Calls::kRepeated, false, true);
BENCHMARK_CAPTURE(Serve, repeated / memo / steps, Calls::kRepeated, true, false);
BENCHMARK_CAPTURE(Serve, alternating / memo / whole, Calls::kAlternating, true, true);
BENCHMARK_CAPTURE(Serve, alternating / decode / whole, Calls::kAlternating, false, true);
BENCHMARK_CAPTURE(Serve, deadlines / memo / whole, Calls::kDeadlines, true, true);
BENCHMARK_CAPTURE(Serve, deadlines / decode / whole, Calls::kDeadlines, false, true);

}  // namespace
}  // namespace penstock::http2
