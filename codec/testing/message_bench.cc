// What a message costs: bazel run --config=opt //codec/testing:message_bench
#include <cstdint>
#include <string>

#include "benchmark/benchmark.h"

#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::testing {
namespace {

std::string HelloOf64Octets() {
  Hello message;
  message.set_name(std::string(64, 'n'));
  return message.SerializeAsString();
}

LogRecord MakeRecord() {
  LogRecord record;
  record.set_time_unix_ns(1700000000000000000);
  record.set_service("checkout");
  record.set_host("node-17.cluster.example");
  record.set_severity(9);
  record.set_text("payment accepted for a basket of seven items, in 17 ms");
  for (uint64_t i = 1; i < 9; ++i) record.add_spans(i * 1000003);
  record.mutable_position()->set_x(-4);
  record.mutable_position()->set_y(700);
  record.set_sampled(true);
  return record;
}

// As the server does it: a message made in the call's arena for each call.
template <typename M>
void ParseInArena(benchmark::State& state, const std::string& wire, StringRule rule) {
  alignas(16) static uint8_t first[4096];
  for (auto _ : state) {
    wire::Arena arena(wire::MutableBytes(first, sizeof first), nullptr);
    M message(&arena);
    const ParseResult result = message.ParseFrom(wire::AsBytes(wire), rule);
    if (!result.ok()) state.SkipWithError("the input is well formed");
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}

template <typename M>
void Serialize(benchmark::State& state, const M& message) {
  std::string out(4096, '\0');
  auto* target = reinterpret_cast<uint8_t*>(out.data());
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = message.ByteSize();
    benchmark::DoNotOptimize(message.SerializeTo(target));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

void ParseHelloAliasing(benchmark::State& state) {
  ParseInArena<Hello>(state, HelloOf64Octets(), StringRule::kAlias);
}
BENCHMARK(ParseHelloAliasing);

void ParseHelloCopying(benchmark::State& state) {
  ParseInArena<Hello>(state, HelloOf64Octets(), StringRule::kCopy);
}
BENCHMARK(ParseHelloCopying);

void SerializeHello(benchmark::State& state) {
  Hello message;
  message.set_name(std::string(64, 'n'));
  Serialize(state, message);
}
BENCHMARK(SerializeHello);

void ParseRecordAliasing(benchmark::State& state) {
  ParseInArena<LogRecord>(state, MakeRecord().SerializeAsString(), StringRule::kAlias);
}
BENCHMARK(ParseRecordAliasing);

void ParseRecordCopying(benchmark::State& state) {
  ParseInArena<LogRecord>(state, MakeRecord().SerializeAsString(), StringRule::kCopy);
}
BENCHMARK(ParseRecordCopying);

void SerializeRecord(benchmark::State& state) { Serialize(state, MakeRecord()); }
BENCHMARK(SerializeRecord);

}  // namespace
}  // namespace penstock::codec::testing
