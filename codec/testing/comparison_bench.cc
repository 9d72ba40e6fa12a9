// Parsing and serialising beside Protocol Buffers' C++, both in arenas, both copying text:
// tools/codec_speed runs it and prints the ratios.
#include <cstdint>
#include <string>

#include "benchmark/benchmark.h"

#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/comparison.penstock.h"
#include "codec/testing/google/comparison.pb.h"
#include "google/protobuf/arena.h"

namespace penstock::codec::testing {
namespace {

namespace ours = comparison;
namespace theirs = google_comparison;

template <typename M>
std::string SmallOnTheWire() {
  M message;
  message.set_name("order-7f3a91");
  message.set_id(48211);
  message.set_urgent(true);
  message.set_time_unix_us(1700000000123456);
  message.set_amount(129.95);
  return message.SerializeAsString();
}

template <typename M>
std::string TextsOnTheWire() {
  M message;
  message.set_title("A pipe that brings water under pressure");
  message.set_author("Zo\xc3\xab M\xc3\xbcller");
  for (int i = 0; i < 12; ++i) message.add_tags("tag-" + std::to_string(i * 7919));
  for (int i = 0; i < 20; ++i) {
    message.add_lines(std::string(20 + static_cast<size_t>(i) * 5, static_cast<char>('a' + i)));
  }
  message.set_body(std::string(900, 'b') + " caf\xc3\xa9 " + std::string(300, 'c'));
  message.set_digest(std::string(32, '\xd7'));
  return message.SerializeAsString();
}

template <typename M>
std::string NumbersOnTheWire() {
  M message;
  uint64_t state = 88172645463325252u;  // xorshift: the same numbers in every run
  const auto next = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
  };
  for (int i = 0; i < 200; ++i) {
    message.add_deltas(static_cast<int32_t>(next() >> (40 + next() % 20)));
    message.add_ids(next() >> (next() % 60));
    message.add_offsets(static_cast<int64_t>(next()) >> (20 + next() % 40));
    message.add_samples(static_cast<double>(next()));
    message.add_hashes(static_cast<uint32_t>(next()));
    message.add_flags(next() % 2 == 0);
  }
  return message.SerializeAsString();
}

template <typename M>
void FillNode(M* node, int depth) {
  node->set_id(static_cast<uint32_t>(depth * 37));
  node->set_label("node" + std::to_string(depth));
  node->set_weight(depth % 3 == 0 ? -depth : depth * 1000);
  if (depth % 2 == 0) FillNode(node->add_more(), 1);
  if (depth <= 1) return;
  FillNode(node->mutable_left(), depth - 1);
  if (depth % 4 == 0) FillNode(node->mutable_right(), depth / 4);
}

template <typename M>
std::string NodeOnTheWire() {
  M message;
  FillNode(&message, 30);
  return message.SerializeAsString();
}

constexpr size_t kFirstBlockBytes = 64 * 1024;
alignas(16) uint8_t first_block[kFirstBlockBytes];
alignas(16) uint8_t output[kFirstBlockBytes];

// A message made in an arena for each parse, as a server does for each call.
template <typename M, std::string (*OnTheWire)()>
void ParseOurs(benchmark::State& state) {
  const std::string wire = OnTheWire();
  wire::Arena arena(wire::MutableBytes(first_block, kFirstBlockBytes), nullptr);
  for (auto _ : state) {
    M* message = arena.New<M>(&arena);
    if (!message->ParseFrom(wire::AsBytes(wire)).ok()) state.SkipWithError("well formed");
    benchmark::DoNotOptimize(message);
    arena.Reset();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}

template <typename M, std::string (*OnTheWire)()>
void ParseTheirs(benchmark::State& state) {
  const std::string wire = OnTheWire();
  google::protobuf::ArenaOptions options;
  options.initial_block = reinterpret_cast<char*>(first_block);
  options.initial_block_size = kFirstBlockBytes;
  google::protobuf::Arena arena(options);
  for (auto _ : state) {
    M* message = google::protobuf::Arena::CreateMessage<M>(&arena);
    if (!message->ParseFromArray(wire.data(), static_cast<int>(wire.size()))) {
      state.SkipWithError("well formed");
    }
    benchmark::DoNotOptimize(message);
    arena.Reset();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}

template <typename M, std::string (*OnTheWire)()>
void SerializeOurs(benchmark::State& state) {
  const std::string wire = OnTheWire();
  M message;
  if (!message.ParseFrom(wire::AsBytes(wire)).ok()) state.SkipWithError("well formed");
  for (auto _ : state) {
    benchmark::DoNotOptimize(message.ByteSize());
    benchmark::DoNotOptimize(message.SerializeTo(output));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}

template <typename M, std::string (*OnTheWire)()>
void SerializeTheirs(benchmark::State& state) {
  const std::string wire = OnTheWire();
  M message;
  if (!message.ParseFromString(wire)) state.SkipWithError("well formed");
  for (auto _ : state) {
    benchmark::DoNotOptimize(message.ByteSizeLong());
    benchmark::DoNotOptimize(message.SerializeWithCachedSizesToArray(output));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}

// Both sides read the same octets, which ours wrote. The sides alternate, so that a change of the
// machine's speed meets both.
#define COMPARE(kind)                                                    \
  BENCHMARK(ParseOurs<ours::kind, &kind##OnTheWire<ours::kind>>)         \
      ->Name("parse/" #kind "/penstock");                                \
  BENCHMARK(ParseTheirs<theirs::kind, &kind##OnTheWire<ours::kind>>)     \
      ->Name("parse/" #kind "/protobuf");                                \
  BENCHMARK(SerializeOurs<ours::kind, &kind##OnTheWire<ours::kind>>)     \
      ->Name("serialize/" #kind "/penstock");                            \
  BENCHMARK(SerializeTheirs<theirs::kind, &kind##OnTheWire<ours::kind>>) \
      ->Name("serialize/" #kind "/protobuf")

COMPARE(Small);
COMPARE(Texts);
COMPARE(Numbers);
COMPARE(Node);

}  // namespace
}  // namespace penstock::codec::testing
