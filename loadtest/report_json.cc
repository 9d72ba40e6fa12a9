#include "penstock/loadtest/report_json.h"

#include <nlohmann/json.hpp>
#include <utility>


namespace penstock::loadtest {
namespace {

using Json = nlohmann::ordered_json;

Json EnvironmentOf(const RunResult::Environment& environment) {
  return {
      {"kernel", environment.kernel},
      {"cpu_model", environment.cpu_model},
      {"cpus", environment.cpus_count},
      {"governor", environment.governor},
      {"io_mode", environment.io_mode},
      {"io_reason", environment.io_reason},
      {"version", environment.version},
      {"started_at", environment.started_at},
  };
}

Json OrNull(int64_t value, int64_t none) { return value == none ? Json(nullptr) : Json(value); }

// What the calls of a method send.
Json PlanOf(const MethodOptions& method) {
  const auto if_sends = [&method](auto value) {
    return SendsStream(method.kind) ? Json(value) : Json(nullptr);
  };
  return {
      {"method", method.method},
      {"kind", NameOf(method.kind)},
      {"messages_per_stream", if_sends(method.messages_per_stream)},
      {"message_interval_ns", if_sends(method.message_interval_ns)},
      {"messages_in_flight",
       method.kind == CallKind::kBidi ? Json(method.messages_in_flight) : Json(nullptr)},
      {"message_bytes", method.message_bytes()},
      {"deadline_ns", OrNull(method.deadline_ns, 0)},
  };
}

Json LoadOf(const Options& options, const RunResult& result) {
  const bool is_open = options.is_open_loop();
  Json stages = Json::array();
  for (const RateStage& stage : options.rate.stages) {
    stages.push_back({{"at_ns", stage.at_ns}, {"per_second", stage.per_second}});
  }
  Json load = {
      {"mode", is_open ? "open" : "closed"},
      {"target", options.target},
      {"tls", options.tls.enabled},
  };
  load.update(PlanOf(options));
  load.update({
      {"connections", options.connections},
      {"streams_per_connection", options.streams_per_connection},
      {"reconnect_calls", OrNull(static_cast<int64_t>(options.reconnect_calls), 0)},
      {"reconnect_ns", OrNull(options.reconnect_ns, 0)},
      {"shards", result.shards},
      {"duration_ns", OrNull(options.duration_ns, kTimeNever)},
      {"calls_max", OrNull(options.calls_max, Options::kUnlimited)},
      {"warmup_ns", options.warmup_ns},
      {"arrival", is_open ? Json(options.poisson ? "poisson" : "uniform") : Json(nullptr)},
      {"seed", is_open || !options.mix.empty() ? Json(options.seed) : Json(nullptr)},
      {"max_in_flight", is_open ? Json(options.in_flight_max) : Json(nullptr)},
      {"stages", is_open ? stages : Json(nullptr)},
  });
  return load;
}

Json ErrorsOf(const Tally& tally) {
  Json errors = Json::array();
  for (uint8_t status = 0; status < kStatusCount; ++status) {
    const Tally::StatusLine& line = tally.errors()[status];
    if (line.count == 0) continue;
    errors.push_back({{"status", StatusName(status)},
                      {"code", status},
                      {"count", line.count},
                      {"first_message", line.first_message}});
  }
  return errors;
}

Json LatencyOf(const Histogram& latency) {
  const auto percentile = [&latency](Quantile quantile) {
    const std::optional<int64_t> value = latency.Percentile(quantile);
    return value ? Json(*value) : Json(nullptr);
  };
  const bool any = latency.count() > 0;
  return {
      {"count", latency.count()},
      {"min_ns", any ? Json(latency.min()) : Json(nullptr)},
      {"mean_ns", any ? Json(latency.mean()) : Json(nullptr)},
      {"max_ns", any ? Json(latency.max()) : Json(nullptr)},
      {"p50_ns", percentile(kP50)},
      {"p90_ns", percentile(kP90)},
      {"p99_ns", percentile(kP99)},
      {"p99_9_ns", percentile(kP999)},
      {"p99_99_ns", percentile(kP9999)},
      {"histogram",
       {{"sub_bucket_bits", Histogram::kSubBucketBits}, {"buckets", latency.NonEmptyBuckets()}}},
  };
}

Json ServerOf(const Options& options, const RunResult& result) {
  if (!result.server || result.measured_ns == 0) return nullptr;
  const ProcessUsage& server = *result.server;
  return {
      {"pid", options.server_pid.value_or(0)},
      {"cpu_us_per_rpc", result.PerRpc(server.cpu_ns) / 1e3},
      {"user_us_per_rpc", result.PerRpc(server.user_ns) / 1e3},
      {"system_us_per_rpc", result.PerRpc(server.system_ns) / 1e3},
      {"cpu_cores", server.cpu_ns / static_cast<double>(result.measured_ns)},
      {"rss_bytes", server.rss_bytes},
  };
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Of one method, or of a mix, whose kind is unary: its methods have times of their own.
Json MessagesOf(CallKind kind, const MessageTally& messages, const RunResult& result) {
  const bool has_round_trip = kind == CallKind::kBidi && messages.uneven_count == 0;
  return {
      {"sent", messages.sent_count},
      {"received", messages.received_count},
      {"sent_per_second", result.PerSecond(messages.sent_count)},
      {"received_per_second", result.PerSecond(messages.received_count)},
      {"uneven_streams", messages.uneven_count},
      {"early_ends", messages.early_count},
      {"round_trip", has_round_trip ? LatencyOf(messages.round_trip) : Json(nullptr)},
      {"first_message", ReceivesStream(kind) ? LatencyOf(messages.first_message) : Json(nullptr)},
  };
}

Json ConnectsOf(const Options& options, const RunResult& result) {
  if (!options.reconnects()) return nullptr;
  return {
      {"made", result.connections_made},
      {"per_second", result.PerSecond(result.connections_made)},
      {"latency", LatencyOf(result.connects)},
  };
}

Json LatenciesOf(const Tally& tally, const RunResult& result) {
  return {{"response", result.is_open_loop ? LatencyOf(tally.response()) : Json(nullptr)},
          {"service", LatencyOf(tally.latency())}};
}

Json MethodsOf(const Options& options, const RunResult& result) {
  Json methods = Json::array();
  for (size_t i = 0; i < options.mix.size() && i < result.methods.size(); ++i) {
    const MethodOptions& method = options.mix[i];
    const MethodTally& found = result.methods[i];
    methods.push_back(PlanOf(method));
    methods.back().update({
        {"weight", method.weight},
        {"rps", result.PerSecond(found.tally.ok_count())},
        {"ok", found.tally.ok_count()},
        {"errors", ErrorsOf(found.tally)},
        {"latency", LatenciesOf(found.tally, result)},
        {"messages", method.kind == CallKind::kUnary
                         ? Json(nullptr)
                         : MessagesOf(method.kind, found.messages, result)},
    });
  }
  return methods;
}

Json SeriesOf(const Options& options, const RunResult& result) {
  const auto if_streams = [&options](uint64_t count) {
    return options.streams() ? Json(count) : Json(nullptr);
  };
  Json series = Json::array();
  for (const SeriesEntry& entry : result.series) {
    series.push_back({
        {"at_s", entry.at_s},
        {"ok", entry.ok_count},
        {"errors", entry.error_count},
        {"carried_ok", entry.carried_ok_count},
        {"dropped", result.is_open_loop ? Json(entry.dropped_count) : Json(nullptr)},
        {"in_flight", entry.in_flight_count},
        {"messages_sent", if_streams(entry.messages_sent_count)},
        {"messages_received", if_streams(entry.messages_received_count)},
        {"p50_ns", OrNull(entry.p50_ns)},
        {"p99_ns", OrNull(entry.p99_ns)},
        {"p99_9_ns", OrNull(entry.p999_ns)},
        {"max_ns", OrNull(entry.max_ns)},
        {"generator_cpu", entry.generator_cpu},
        {"server_cores", OrNull(entry.server_cores)},
        {"server_rss_bytes", OrNull(entry.server_rss_bytes)},
    });
  }
  return series;
}

// What a run came to: the part that each of --repeat has.
void AddFigures(const Options& options, const RunResult& result, Json* report) {
  const auto if_open = [&result](Json value) { return result.is_open_loop ? value : nullptr; };
  Json& json = *report;
  json["totals"] = {
      {"duration_s", result.seconds_measured()},
      {"rps", result.rps()},
      {"goodput_rps", options.has_deadline() ? Json(result.goodput()) : Json(nullptr)},
      {"ok", result.tally.ok_count()},
      {"errors", result.tally.error_count()},
      {"unfinished", result.unfinished_count},
      {"repeated", result.repeated_count},
      {"carried_ok", result.carried_ok_count},
      {"carried_errors", result.carried_error_count},
      {"offered", if_open(result.offered_count)},
      {"dropped", if_open(result.dropped_count)},
      {"waited_for_slot", if_open(result.slot_waits_count)},
  };
  json["errors"] = ErrorsOf(result.tally);
  json["latency"] = LatenciesOf(result.tally, result);
  json["messages"] =
      options.streams() ? MessagesOf(options.kind, result.messages, result) : Json(nullptr);
  json["methods"] = options.mix.empty() ? Json(nullptr) : MethodsOf(options, result);
  json["connects"] = ConnectsOf(options, result);
  json["generator"] = {
      {"cpu", result.generator_cpu_busiest},
      {"cpu_total", result.generator_cpu_total},
      {"waited", result.generator_waited},
      {"bound", result.generator_bound()},
      {"lateness", if_open(LatencyOf(result.lateness))},
  };
  json["server"] = ServerOf(options, result);
  json["interrupted"] = result.interrupted;
  json["notes"] = result.notes;
}

Json RepeatsOf(const RunRecord& record) {
  if (record.repeats.empty()) return nullptr;
  Json repeats = Json::array();
  for (size_t i = 0; i < record.repeats.size(); ++i) {
    Json repeat = {
        {"started_at", record.repeats[i].environment.started_at},
        {"is_median", i == record.median_repeat},
    };
    AddFigures(record.options, record.repeats[i], &repeat);
    repeats.push_back(std::move(repeat));
  }
  return repeats;
}

}  // namespace

std::string FormatJson(const RunRecord& record) {
  Json report = {
      {"schema", kRunSchema},
      {"command_line", record.options.command_line},
      {"environment", EnvironmentOf(record.result.environment)},
      {"load", LoadOf(record.options, record.result)},
  };
  AddFigures(record.options, record.result, &report);
  report["series"] = SeriesOf(record.options, record.result);
  report["repeats"] = RepeatsOf(record);
  // A peer's message need not be UTF-8.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace penstock::loadtest
