#include "penstock/loadtest/testing/sample_record.h"

#include <algorithm>
#include <array>

namespace penstock::loadtest::testing {
namespace {

constexpr int kCalls = 20'000;
constexpr TimeNs kServiceNs = 100 * kNsPerUs;

void RecordCalls(RunResult* result, int calls, TimeNs service_ns) {
  for (int i = 0; i < calls; ++i) {
    result->tally.RecordOk(service_ns);
    if (result->is_open_loop) result->tally.RecordResponse(2 * service_ns);
  }
  for (int i = 0; i < 3; ++i) result->tally.RecordError(kUnavailable, "try \"later\"");
  result->tally.RecordError(kInternal, "");
}

SeriesEntry EntryAt(double at_s) {
  SeriesEntry entry;
  entry.at_s = at_s;
  entry.ok_count = kCalls / 2;
  entry.error_count = 2;
  entry.in_flight_count = 1'000;
  entry.p50_ns = kServiceNs;
  entry.p99_ns = kServiceNs + 1;
  entry.max_ns = kServiceNs + 3;
  entry.generator_cpu = 0.5;
  entry.server_cores = 0.04;
  entry.server_rss_bytes = 4096;
  return entry;
}

RunRecord RecordOf(const Options& options) {
  RunRecord record;
  record.options = options;
  RunResult& result = record.result;
  result.is_open_loop = options.is_open_loop();
  result.environment = {"0.1.0", "Linux 6.1", "A CPU", 2, "performance", "uring", "",
                        "2026-01-31T23:59:59Z"};
  result.measured_ns = 2 * kNsPerSecond;
  RecordCalls(&result, kCalls, kServiceNs);
  result.unfinished_count = 5;
  result.repeated_count = 6;
  result.carried_ok_count = 100;
  result.carried_error_count = 10;
  result.generator_cpu_total = 0.5;
  result.generator_cpu_busiest = 0.5;
  result.generator_waited = 0.01;
  const auto calls = static_cast<double>(result.ended_count());
  result.server = ProcessUsage{4'000 * calls, 3'000 * calls, 1'000 * calls, 4096};
  result.series = {EntryAt(1), EntryAt(2)};
  result.notes = {"a note"};
  return record;
}

Options OptionsOf() {
  Options options;
  options.target = "127.0.0.1:1";
  options.method = "helloworld.Greeter/SayHello";
  options.message = "1234567";
  options.connections = 10;
  options.streams_per_connection = 100;
  options.duration_ns = 2 * kNsPerSecond;
  options.warmup_ns = kNsPerSecond;
  options.server_pid = 42;
  options.command_line = {"penstock-load", "--method", "helloworld.Greeter/SayHello"};
  return options;
}

}  // namespace

RunRecord ClosedRecord() { return RecordOf(OptionsOf()); }

RunRecord OpenRecord() {
  Options options = OptionsOf();
  options.rate.stages = {{0, 10'000}};
  options.poisson = true;
  options.seed = 7;
  options.deadline_ns = kNsPerSecond;
  RunRecord record = RecordOf(options);
  record.result.offered_count = kCalls + 4 + 5 + 3;
  record.result.dropped_count = 3;
  record.result.slot_waits_count = 2;
  record.result.timely_ok_count = 19'000;
  for (int i = 0; i < 100; ++i) record.result.lateness.Record(50);
  return record;
}

RunRecord MixRecord() {
  RunRecord record = ClosedRecord();
  record.options.method = "mix shop.json";
  record.options.message.clear();
  record.options.mix.resize(2);
  record.options.mix[0].method = "shop.Cart/Get";
  record.options.mix[0].weight = 3;
  record.options.mix[0].deadline_ns = kNsPerSecond;
  record.options.mix[1].method = "shop.Cart/Watch";
  record.options.mix[1].kind = CallKind::kBidi;
  record.options.mix[1].messages_per_stream = 10;
  record.options.mix[1].message_interval_ns = kNsPerMs;
  record.options.mix[1].messages_in_flight = 5;
  record.result.methods.resize(2);
  record.result.methods[0].tally = record.result.tally;
  MethodTally& watch = record.result.methods[1];
  watch.tally.RecordOk(kServiceNs);
  watch.messages.sent_count = 60;
  watch.messages.received_count = 80;
  for (int i = 0; i < 60; ++i) watch.messages.round_trip.Record(kServiceNs);
  watch.messages.first_message.Record(kServiceNs);
  watch.messages.early_count = 1;
  record.result.messages = watch.messages;
  for (SeriesEntry& entry : record.result.series) {
    entry.messages_sent_count = 30;
    entry.messages_received_count = 40;
  }
  return record;
}

RunRecord StreamRecord() {
  RunRecord record = ClosedRecord();
  record.options.kind = CallKind::kBidi;
  record.options.messages_per_stream = 10;
  record.options.messages_in_flight = 5;
  record.options.reconnect_calls = 1'000;
  MessageTally& messages = record.result.messages;
  messages.sent_count = messages.received_count = 200'000;
  for (int i = 0; i < 20'000; ++i) {
    messages.round_trip.Record(kServiceNs / 10);
    messages.first_message.Record(kServiceNs / 5);
  }
  record.result.connections_made = 20;
  for (int i = 0; i < 20; ++i) record.result.connects.Record(2 * kServiceNs);
  return record;
}

RunResult Scaled(const RunRecord& record, double calls, double latency) {
  RunResult result = record.result;
  result.tally.Clear();
  RecordCalls(&result, static_cast<int>(kCalls * calls),
              static_cast<TimeNs>(static_cast<double>(kServiceNs) * latency));
  result.series.clear();
  return result;
}

}  // namespace penstock::loadtest::testing
