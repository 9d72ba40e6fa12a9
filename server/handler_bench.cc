// What forms of a unary handler cost, and interceptors around it, and a message of a stream: octets
// of a batch in, frames out, through a whole session on a simulated net. Time is per RPC, or per
// message; only the differences mean something.
//
//   Unary/plain                    a plain function, inline
//   Unary/plain_pair               the same with a plain interceptor
//   Unary/plain_interceptor        the same under an interceptor that is a coroutine
//   Unary/coroutine                a coroutine that does not suspend
//   Unary/coroutine_pair           the same with a plain interceptor
//   Unary/coroutine_interceptor    the same under an interceptor that is a coroutine
//   Unary/coroutine_interceptors   under three of them
//   Stream/small                   200 messages of 22 octets of one bidirectional stream, each in a
//                                  frame of its own, each answered
//   Stream/small_100_streams       the same by turns on 100 streams
//
// bazel run --config=opt //server:handler_bench
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/http2/frame.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/request_head.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/registry.h"
#include "penstock/server/session.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

#include "server/testing/echo.server.h"

namespace penstock::server {
namespace {

using http2::FrameType;
using test::Text;

constexpr size_t kBatch = 64;
constexpr std::string_view kMessage("\0\0\0\0\x07\x0a\x05world", 12);

enum class Form { kPlain, kCoroutine };
enum class Around { kNothing, kPair, kInterceptor, kThreeInterceptors };

std::string FrameOf(FrameType type, uint8_t frame_flags, uint32_t id, std::string_view payload) {
  std::string frame(http2::kFrameHeaderBytes, '\0');
  http2::StoreFrameHeader(reinterpret_cast<uint8_t*>(frame.data()),
                          {static_cast<uint32_t>(payload.size()), type, frame_flags, id});
  return frame.append(payload);
}

// A field that is not indexed, with a name of the static table or (0) its own.
std::string Field(std::string_view name_prefix, std::string_view name, std::string_view value) {
  std::string field(name_prefix);
  if (!name.empty()) field.append(1, static_cast<char>(name.size())).append(name);
  return field.append(1, static_cast<char>(value.size())).append(value);
}

std::string RequestBlock(std::string_view path) {
  return std::string("\x83\x86") +                                     // POST, http
         Field("\x04", "", path) +                                     // :path
         Field(std::string_view("\x0f\x10", 2), "", "application/grpc") +  // content-type
         Field(std::string_view("\0", 1), "te", "trailers");
}

// With windows that no bench fills.
std::string Greeting() {
  constexpr std::string_view kWideStreams("\x00\x04\x7f\xff\xff\xff", 6);
  constexpr std::string_view kWide("\x7f\x00\x00\x00", 4);
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + FrameOf(FrameType::kSettings, 0, 0, kWideStreams) +
         FrameOf(FrameType::kWindowUpdate, 0, 0, kWide);
}

// A client that sends the same request over and over.
class Client {
 public:
  Client() {
    const std::string block = RequestBlock(test::Echo::Say.path);
    for (size_t i = 0; i < kBatch; ++i) {
      request_bytes_ = batch_.size();
      batch_ += FrameOf(FrameType::kHeaders, http2::flags::kEndHeaders, 1, block);
      head_bytes_ = batch_.size() - request_bytes_;
      batch_ += FrameOf(FrameType::kData, http2::flags::kEndStream, 1, kMessage);
    }
    request_bytes_ = batch_.size() / kBatch;
  }

  std::string_view Batch() {
    constexpr size_t kIdOffset = 5;
    auto* frame = reinterpret_cast<uint8_t*>(batch_.data());
    for (size_t i = 0; i < kBatch; ++i, frame += request_bytes_, next_id_ += 2) {
      wire::StoreBig32(frame + kIdOffset, next_id_);
      wire::StoreBig32(frame + head_bytes_ + kIdOffset, next_id_);
    }
    return batch_;
  }

 private:
  std::string batch_;
  size_t request_bytes_ = 0;
  size_t head_bytes_ = 0;
  uint32_t next_id_ = 1;
};

Status Say(Call&, const Text& request, Text& reply) {
  reply.set_text(request.text());
  return OkStatus();
}

Task<StatusOr<Text>> SayLater(Call& call, const Text& request) {
  Text reply(&call.arena());
  reply.set_text(request.text());
  co_return reply;
}

struct Pair {
  Status Before(Call& call) const {
    benchmark::DoNotOptimize(&call);
    return OkStatus();
  }
  void After(Call&, const Status& status) const { benchmark::DoNotOptimize(&status); }
};

Task<Status> Pass(Call&, Next next) {
  Status status = co_await next();
  co_return status;
}

void Fill(Registry* registry, Form form, Around around) {
  if (form == Form::kPlain) {
    registry->Handle(test::Echo::Say, &Say);
  } else {
    registry->Handle(test::Echo::Say, &SayLater);
  }
  if (around == Around::kPair) registry->Intercept(Pair());
  const int tasks_count =
      around == Around::kInterceptor ? 1 : around == Around::kThreeInterceptors ? 3 : 0;
  for (int i = 0; i < tasks_count; ++i) registry->Intercept(&Pass);
}

// One connection's server, and the other end of it.
class Served {
 public:
  explicit Served(const Registry& registry)
      : shard_({.mailbox_letters_max = 16, .simulation = &net_}) {
    std::string why;
    PENSTOCK_CHECK(shard_.Open(&why), "a simulated shard opens");
    ShardState& state = shard_state_.emplace(&shard_, &options_, &registry);
    auto* link = new Session::Link(shard_, http2::Role::kServer, options_.http2, &state.workspace,
                                   rpc::MeaningOfRequests(&state.routes), &state);
    link->Attach(shard_.Adopt(-1, link));
    end_ = &net_.newest();
    (void)Answer(Greeting());
  }
  ~Served() {
    shard_.Stop();
    shard_.Run();
  }

  std::string Answer(std::string_view octets) {
    end_->Write(octets);
    shard_.Turn(0);
    return end_->TakeRead();
  }
  reactor::Shard& shard() { return shard_; }
  const ServerCounters& counters() const { return shard_state_->counters; }

 private:
  const ServerOptions options_;
  reactor::MemoryNet net_;
  reactor::Shard shard_;
  std::optional<ShardState> shard_state_;
  reactor::MemoryEnd* end_;
};

benchmark::Counter PerItem(size_t items_count) {
  return benchmark::Counter(
      static_cast<double>(items_count),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Unary(benchmark::State& state, Form form, Around around) {
  Registry registry;
  Fill(&registry, form, around);
  Served served(registry);
  Client client;
  for (auto _ : state) benchmark::DoNotOptimize(served.Answer(client.Batch()));
  served.shard().Turn(0);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
  state.counters["per_rpc"] = PerItem(kBatch);
  PENSTOCK_CHECK(served.counters().calls_ok == static_cast<uint64_t>(state.iterations()) * kBatch,
                 "every call was answered");
}

Task<Status> Repeat(Call&, Reader<Text>& in, Writer<Text>& out) {
  Text repeated;
  while (const Text* text = co_await Try(co_await in.Next())) {
    repeated.set_text(text->text());
    co_await Try(co_await out.Write(repeated));
  }
  co_return OkStatus();
}

void Stream(benchmark::State& state, uint32_t streams_count) {
  constexpr size_t kMessages = 200;
  constexpr std::string_view kSmall("\0\0\0\0\x16\x0a\x14twenty octets of text", 27);
  Registry registry;
  registry.Handle(test::Kinds::Repeat, &Repeat);
  Served served(registry);
  const auto id_of = [](uint32_t index) { return 2 * index + 1; };
  const std::string block = RequestBlock(test::Kinds::Repeat.path);
  for (uint32_t i = 0; i < streams_count; ++i) {
    (void)served.Answer(
        FrameOf(FrameType::kHeaders, http2::flags::kEndHeaders, id_of(i), block));
  }
  std::string batch;
  for (uint32_t i = 0; i < kMessages; ++i) {
    batch += FrameOf(FrameType::kData, 0, id_of(i % streams_count), kSmall);
  }
  size_t answered_bytes = 0;
  for (auto _ : state) answered_bytes += served.Answer(batch).size();
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kMessages));
  state.counters["per_message"] = PerItem(kMessages);
  PENSTOCK_CHECK(answered_bytes >= static_cast<size_t>(state.iterations()) * kMessages *
                                       kSmall.size(),
                 "every message was answered");
}

BENCHMARK_CAPTURE(Unary, plain, Form::kPlain, Around::kNothing);
BENCHMARK_CAPTURE(Unary, plain_pair, Form::kPlain, Around::kPair);
BENCHMARK_CAPTURE(Unary, plain_interceptor, Form::kPlain, Around::kInterceptor);
BENCHMARK_CAPTURE(Unary, coroutine, Form::kCoroutine, Around::kNothing);
BENCHMARK_CAPTURE(Unary, coroutine_pair, Form::kCoroutine, Around::kPair);
BENCHMARK_CAPTURE(Unary, coroutine_interceptor, Form::kCoroutine, Around::kInterceptor);
BENCHMARK_CAPTURE(Unary, coroutine_interceptors, Form::kCoroutine, Around::kThreeInterceptors);
BENCHMARK_CAPTURE(Stream, small, 1);
BENCHMARK_CAPTURE(Stream, small_100_streams, 100);

}  // namespace
}  // namespace penstock::server
