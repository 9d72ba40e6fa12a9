// What one unary RPC costs a server's Connection, and libnghttp2's session beside it: octets of a
// batch in, frames out, no I/O. Time is per RPC.
//
//   Serve/repeated/...      one method over and over: the same header block (block_memo.h)
//   Serve/alternating/...   two methods in turn: blocks of indices, none like the one before
//   Serve/deadlines/...     a new grpc-timeout each call, which changes the dynamic table
//   .../memo/whole          as it is: the latest block is held, the response goes out in one piece
//   .../decode/whole        nothing is held
//   .../memo/steps          head, message and trailers are sent one after another
//   .../nghttp2             the same octets, and the same response
//
// And what frames cost by themselves: Frames/data (1 KiB each, on one stream), Frames/pings.
#include <benchmark/benchmark.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "penstock/http2/connection.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"
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

// What the responses to a batch take of the window.
constexpr std::string_view kCredit("\0\0\x03\0", 4);
static_assert(kBatch * kMessage.size() == 0x300);

std::string Handshake() {
  std::string bytes(kClientPreface);
  bytes += FrameOf(FrameType::kSettings, 0, 0, {});
  bytes += FrameOf(FrameType::kSettings, flags::kAck, 0, {});
  bytes += FrameOf(FrameType::kWindowUpdate, 0, 0, std::string_view("\x7f\xfe\0\0", 4));
  return bytes;
}

Limits PingsAtWill() {
  Limits limits;
  limits.ping_strikes_max = ~uint32_t{0};
  return limits;
}

// Our Connection as a server that answers every whole request.
class OurServer {
 public:
  OurServer() { server_.Start(0); }

  void Receive(std::string_view bytes) {
    server_.Receive(wire::AsBytes(bytes), 0);
    for (Event event = server_.NextEvent(); event.kind != Event::Kind::kNone;
         event = server_.NextEvent()) {
      if (event.kind == Event::Kind::kHead) {
        event.stream->user = this;
        if (!memo) workspace_.blocks.ForgetOf(&server_);
      } else if (event.kind == Event::Kind::kData) {
        server_.ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
        data_bytes += event.data.size();
        if (!event.end_stream) continue;
        event.stream->user = nullptr;
        Respond(*event.stream);
        ++responses;
      }
    }
    wire::OutputChain& output = server_.NextOutput();
    output_bytes += output.size();
    output.Clear();
  }

  bool memo = true;
  bool whole = true;
  size_t responses = 0;
  size_t data_bytes = 0;
  size_t output_bytes = 0;

 private:
  void Respond(Stream& stream) {
    if (whole) {
      if (uint8_t* room = server_.SendWhole(stream, head_, kMessage.size(), trailers_)) {
        std::memcpy(room, kMessage.data(), kMessage.size());
        return;
      }
    }
    server_.SendPreparedHead(stream, head_, kHead, EndStream::kNo);
    if (uint8_t* room = server_.BeginData(stream, kMessage.size())) {
      std::memcpy(room, kMessage.data(), kMessage.size());
      server_.CommitData(stream, kMessage.size(), EndStream::kNo);
    }
    server_.SendPreparedTrailers(stream, trailers_, kTrailers);
  }

  wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};
  Connection server_{Role::kServer, PingsAtWill(), &workspace_, {}};
  PreparedBlock head_;
  PreparedBlock trailers_;
};

nghttp2_nv NameValue(const OutgoingField& field) {
  const auto octets = [](std::string_view text) {
    return const_cast<uint8_t*>(wire::AsBytes(text).data());
  };
  return {octets(field.name), octets(field.value), field.name.size(), field.value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

// libnghttp2's session in the same part.
class ForeignServer {
 public:
  ForeignServer() {
    nghttp2_session_callbacks* callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &OnFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &OnData);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    nghttp2_submit_settings(session_, 0, &window, 1);
    nghttp2_session_set_local_window_size(session_, 0, 0, 16 << 20);
  }
  ~ForeignServer() { nghttp2_session_del(session_); }
  ForeignServer(const ForeignServer&) = delete;
  ForeignServer& operator=(const ForeignServer&) = delete;

  void Receive(std::string_view bytes) {
    nghttp2_session_mem_recv(session_, wire::AsBytes(bytes).data(), bytes.size());
    const uint8_t* output;
    for (ssize_t sent; (sent = nghttp2_session_mem_send(session_, &output)) > 0;) {
      output_bytes += static_cast<size_t>(sent);
    }
  }

  size_t responses = 0;
  size_t data_bytes = 0;
  size_t output_bytes = 0;

 private:
  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_DATA || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
      return 0;
    nghttp2_nv head[std::size(kHead)];
    std::transform(std::begin(kHead), std::end(kHead), head, &NameValue);
    const nghttp2_data_provider body = {{}, &ReadBody};
    nghttp2_submit_response(session, frame->hd.stream_id, head, std::size(head), &body);
    ++static_cast<ForeignServer*>(user)->responses;
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t, const uint8_t*, size_t bytes, void* user) {
    static_cast<ForeignServer*>(user)->data_bytes += bytes;
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t stream_id, uint8_t* target, size_t,
                          uint32_t* data_flags, nghttp2_data_source*, void*) {
    std::memcpy(target, kMessage.data(), kMessage.size());
    *data_flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const nghttp2_nv trailers = NameValue(kTrailers[0]);
    nghttp2_submit_trailer(session, stream_id, &trailers, 1);
    return static_cast<ssize_t>(kMessage.size());
  }

  nghttp2_session* session_;
};

template <typename Server>
void ServeCalls(benchmark::State& state, Server& server, Calls calls) {
  Client client(calls);
  server.Receive(Handshake());
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    const std::string bytes = FrameOf(FrameType::kWindowUpdate, 0, 0, kCredit) + client.Batch();
    state.ResumeTiming();
    server.Receive(bytes);
  }
  if (server.responses != static_cast<size_t>(state.iterations())) {
    state.SkipWithError("not every request was answered");
  }
}

void Serve(benchmark::State& state, Calls calls, bool memo, bool whole) {
  OurServer server;
  server.memo = memo;
  server.whole = whole;
  ServeCalls(state, server, calls);
}

void ServeNghttp2(benchmark::State& state, Calls calls) {
  ForeignServer server;
  ServeCalls(state, server, calls);
}

// One request that never ends, and DATA on it.
template <typename Server>
void DataFrames(benchmark::State& state) {
  constexpr size_t kDataBytes = 1024;
  Server server;
  server.Receive(Handshake());
  std::string bytes = Client(Calls::kRepeated).Batch();
  bytes.resize(kFrameHeaderBytes + wire::LoadBig24(wire::AsBytes(bytes).data()));
  server.Receive(bytes);
  bytes.clear();
  for (size_t i = 0; i < kBatch; ++i) {
    bytes += FrameOf(FrameType::kData, 0, 1, std::string(kDataBytes, 'd'));
  }
  while (state.KeepRunningBatch(kBatch)) server.Receive(bytes);
  if (server.data_bytes != static_cast<size_t>(state.iterations()) * kDataBytes) {
    state.SkipWithError("not all DATA arrived");
  }
}

template <typename Server>
void PingFrames(benchmark::State& state) {
  Server server;
  server.Receive(Handshake());
  const size_t before = server.output_bytes;
  std::string bytes;
  for (size_t i = 0; i < kBatch; ++i) bytes += FrameOf(FrameType::kPing, 0, 0, "12345678");
  while (state.KeepRunningBatch(kBatch)) server.Receive(bytes);
  if (server.output_bytes - before != static_cast<size_t>(state.iterations()) * 17) {
    state.SkipWithError("not every PING was acknowledged");
  }
}

BENCHMARK_CAPTURE(Serve, 1, Calls::kRepeated, true, true)->Name("Serve/repeated/memo/whole");
BENCHMARK_CAPTURE(Serve, 2, Calls::kRepeated, false, true)->Name("Serve/repeated/decode/whole");
BENCHMARK_CAPTURE(Serve, 3, Calls::kRepeated, true, false)->Name("Serve/repeated/memo/steps");
BENCHMARK_CAPTURE(ServeNghttp2, 1, Calls::kRepeated)->Name("Serve/repeated/nghttp2");
BENCHMARK_CAPTURE(Serve, 4, Calls::kAlternating, true, true)->Name("Serve/alternating/memo/whole");
BENCHMARK_CAPTURE(Serve, 5, Calls::kAlternating, false, true)
    ->Name("Serve/alternating/decode/whole");
BENCHMARK_CAPTURE(ServeNghttp2, 2, Calls::kAlternating)->Name("Serve/alternating/nghttp2");
BENCHMARK_CAPTURE(Serve, 6, Calls::kDeadlines, true, true)->Name("Serve/deadlines/memo/whole");
BENCHMARK_CAPTURE(Serve, 7, Calls::kDeadlines, false, true)->Name("Serve/deadlines/decode/whole");
BENCHMARK_CAPTURE(ServeNghttp2, 3, Calls::kDeadlines)->Name("Serve/deadlines/nghttp2");
BENCHMARK(DataFrames<OurServer>)->Name("Frames/data/ours");
BENCHMARK(DataFrames<ForeignServer>)->Name("Frames/data/nghttp2");
BENCHMARK(PingFrames<OurServer>)->Name("Frames/pings/ours");
BENCHMARK(PingFrames<ForeignServer>)->Name("Frames/pings/nghttp2");

}  // namespace
}  // namespace penstock::http2
