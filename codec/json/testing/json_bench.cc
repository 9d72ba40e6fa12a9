// Messages to JSON and back beside Protocol Buffers' C++, which goes by way of the wire.
#include <cstdint>
#include <string>

#include "benchmark/benchmark.h"

#include "penstock/codec/json/json.h"
#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/comparison.penstock.h"
#include "codec/testing/google/comparison.pb.h"
#include "google/protobuf/util/json_util.h"

namespace penstock::codec::json::testing {
namespace {

namespace ours = codec::testing::comparison;
namespace theirs = codec::testing::google_comparison;

template <typename M>
void Fill(M* message);

template <>
void Fill(ours::Small* message) {
  message->set_name("order-7f3a91");
  message->set_id(48211);
  message->set_urgent(true);
  message->set_time_unix_us(1700000000123456);
  message->set_amount(129.95);
}

template <>
void Fill(ours::Texts* message) {
  message->set_title("A pipe that brings water under pressure");
  message->set_author("Zo\xc3\xab M\xc3\xbcller");
  for (int i = 0; i < 12; ++i) message->add_tags("tag-" + std::to_string(i * 7919));
  for (int i = 0; i < 20; ++i)
    message->add_lines(std::string(20 + static_cast<size_t>(i) * 5, 'x'));
  message->set_body(std::string(900, 'b') + "\n\"quoted\"\n" + std::string(300, 'c'));
  message->set_digest(std::string(32, '\xd7'));
}

template <>
void Fill(ours::Numbers* message) {
  for (int i = 0; i < 200; ++i) {
    message->add_deltas(i * 7919 - 100000);
    message->add_ids(static_cast<uint64_t>(i) * 88172645463325252u);
    message->add_offsets(-i);
    message->add_samples(i / 7.0);
    message->add_hashes(static_cast<uint32_t>(i) * 2654435761u);
    message->add_flags(i % 2 == 0);
  }
}

template <>
void Fill(ours::Node* message) {
  for (int i = 0; i < 30; ++i) {
    message->set_id(static_cast<uint32_t>(i));
    message->set_label("node" + std::to_string(i));
    message->set_weight(-i);
    message->add_more()->set_id(7);
    message = message->mutable_left();
  }
}

template <typename Ours>
std::string JsonOf() {
  Ours message;
  Fill(&message);
  std::string text;
  PENSTOCK_CHECK(ToJson(message, &text).ok(), "the bench's messages have JSON");
  return text;
}

template <typename Ours>
void PrintOurs(benchmark::State& state) {
  Ours message;
  Fill(&message);
  std::string text;
  for (auto _ : state) {
    text.clear();
    if (!ToJson(message, &text).ok()) state.SkipWithError("it has JSON");
    benchmark::DoNotOptimize(text.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

template <typename Ours, typename Theirs>
void PrintTheirs(benchmark::State& state) {
  Ours filled;
  Fill(&filled);
  Theirs message;
  message.ParseFromString(filled.SerializeAsString());
  std::string text;
  for (auto _ : state) {
    text.clear();
    if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) {
      state.SkipWithError("it has JSON");
    }
    benchmark::DoNotOptimize(text.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

template <typename Ours>
void ReadOurs(benchmark::State& state) {
  const std::string text = JsonOf<Ours>();
  Ours message;
  for (auto _ : state) {
    if (!FromJson(text, &message).ok()) state.SkipWithError("well formed");
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

template <typename Ours, typename Theirs>
void ReadTheirs(benchmark::State& state) {
  const std::string text = JsonOf<Ours>();
  Theirs message;
  for (auto _ : state) {
    if (!google::protobuf::util::JsonStringToMessage(text, &message).ok()) {
      state.SkipWithError("well formed");
    }
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

#define COMPARE(kind)                                                                 \
  BENCHMARK(PrintOurs<ours::kind>)->Name("print/" #kind "/penstock");                 \
  BENCHMARK(PrintTheirs<ours::kind, theirs::kind>)->Name("print/" #kind "/protobuf"); \
  BENCHMARK(ReadOurs<ours::kind>)->Name("read/" #kind "/penstock");                   \
  BENCHMARK(ReadTheirs<ours::kind, theirs::kind>)->Name("read/" #kind "/protobuf")

COMPARE(Small);
COMPARE(Texts);
COMPARE(Numbers);
COMPARE(Node);

}  // namespace
}  // namespace penstock::codec::json::testing
