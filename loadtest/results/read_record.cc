#include "penstock/loadtest/results/read_record.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/results/json_fields.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

// A hundred years; a rounded one still fits.
constexpr uint64_t kSpanNsMax = uint64_t{100} * 366 * 86'400 * kNsPerSecond;
constexpr uint64_t kShardsMax = 1 << 20;
constexpr double kRateMax = 1e12;
constexpr uint64_t kPartMax = UINT32_MAX;

TimeNs TimeOr(const JsonFields& fields, const char* name, TimeNs without) {
  return fields.Has(name) ? static_cast<TimeNs>(fields.Count(name, kSpanNsMax)) : without;
}

uint32_t PartOf(const JsonFields& fields, const char* name) {
  return static_cast<uint32_t>(fields.Count(name, kPartMax));
}

Histogram HistogramOf(const JsonFields& latency) {
  Histogram histogram;
  const uint64_t count = latency.Count("count");
  const JsonFields written = latency.Object("histogram");
  if (latency.ok() && written.Count("sub_bucket_bits") != Histogram::kSubBucketBits) {
    written.Refuse(written.path() + "sub_bucket_bits is another than " +
                   std::to_string(Histogram::kSubBucketBits));
  }
  std::vector<std::pair<uint32_t, uint64_t>> buckets;
  written.ForEach("buckets", [&buckets](const JsonFields& bucket) {
    const Json& pair = bucket.json();
    const bool is_pair = pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() &&
                         pair[1].is_number_unsigned() && pair[0].get<uint64_t>() <= kPartMax;
    if (!is_pair) return bucket.Refuse(bucket.name() + " is no index and count");
    buckets.emplace_back(pair[0].get<uint32_t>(), pair[1].get<uint64_t>());
  });
  if (count == 0 || !latency.ok()) return histogram;
  const auto min_ns = static_cast<int64_t>(latency.Count("min_ns"));
  const auto max_ns = static_cast<int64_t>(latency.Count("max_ns"));
  const double mean_ns = latency.Number("mean_ns");
  const bool restored = latency.ok() && histogram.Restore(buckets, min_ns, max_ns, mean_ns);
  if (latency.ok() && (!restored || histogram.count() != count)) {
    latency.Refuse(written.path() + "buckets contradicts count, min_ns, max_ns or mean_ns");
  }
  return histogram;
}

// Null: an empty one.
Histogram HistogramOr(const JsonFields& fields, const char* name) {
  return fields.Has(name) ? HistogramOf(fields.Object(name)) : Histogram();
}

void ReadEnvironmentOf(const JsonFields& report, RunResult::Environment* environment) {
  const JsonFields fields = report.Object("environment");
  environment->version = fields.TextOr("version", "");
  environment->kernel = fields.TextOr("kernel", "");
  environment->cpu_model = fields.TextOr("cpu_model", "");
  environment->cpus_count = fields.Has("cpus") ? PartOf(fields, "cpus") : 0;
  environment->governor = fields.TextOr("governor", "");
  environment->io_mode = fields.TextOr("io_mode", "");
  environment->io_reason = fields.TextOr("io_reason", "");
  environment->started_at = fields.TextOr("started_at", "");
}

void ReadRate(const JsonFields& load, Options* options) {
  options->poisson = load.TextOr("arrival", "") == "poisson";
  options->seed = load.OrCount("seed").value_or(1);
  options->in_flight_max = load.OrCount("max_in_flight").value_or(Options::kInFlightMaxDefault);
  load.ForEach("stages", [options](const JsonFields& stage) {
    const double per_second = stage.Number("per_second");
    if (!(per_second >= 0 && per_second <= kRateMax)) {
      stage.Refuse(stage.path() + "per_second is no rate");
    }
    options->rate.stages.push_back({TimeOr(stage, "at_ns", 0), per_second});
  });
}

void ReadPlan(const JsonFields& plan, MethodOptions* method) {
  method->method = plan.Text("method");
  const std::optional<CallKind> kind = ParseCallKind(plan.TextOr("kind", "unary"));
  if (!kind) plan.Refuse(plan.path() + "kind is none of calls");
  method->kind = kind.value_or(CallKind::kUnary);
  method->messages_per_stream = plan.OrCount("messages_per_stream").value_or(1);
  method->message_interval_ns = TimeOr(plan, "message_interval_ns", 0);
  method->messages_in_flight =
      plan.Has("messages_in_flight") ? PartOf(plan, "messages_in_flight") : 1;
  method->message_bytes_kept = plan.OrCount("message_bytes").value_or(0);
  method->deadline_ns = TimeOr(plan, "deadline_ns", 0);
}

void ReadLoad(const JsonFields& report, RunRecord* record) {
  const JsonFields load = report.Object("load");
  Options& options = record->options;
  RunResult& result = record->result;
  options.target = load.Text("target");
  options.tls.enabled = load.Has("tls") && load.Truth("tls");
  ReadPlan(load, &options);
  options.connections = PartOf(load, "connections");
  options.streams_per_connection = PartOf(load, "streams_per_connection");
  options.reconnect_calls = load.OrCount("reconnect_calls").value_or(0);
  options.reconnect_ns = TimeOr(load, "reconnect_ns", 0);
  options.duration_ns = TimeOr(load, "duration_ns", kTimeNever);
  options.calls_max =
      static_cast<int64_t>(load.OrCount("calls_max").value_or(uint64_t{Options::kUnlimited}));
  options.warmup_ns = TimeOr(load, "warmup_ns", 0);
  options.shards = static_cast<uint32_t>(load.Count("shards", kShardsMax));
  ReadRate(load, &options);
  if (load.ok() && options.shards == 0) load.Refuse("load.shards is 0");
  if (load.ok() && (load.Text("mode") == "open") != options.is_open_loop()) {
    load.Refuse("load.mode contradicts load.stages");
  }
  result.is_open_loop = options.is_open_loop();
  result.shards = options.shards;
}

std::array<Tally::StatusLine, kStatusCount> ErrorsOf(const JsonFields& report) {
  std::array<Tally::StatusLine, kStatusCount> errors;
  report.ForEach("errors", [&errors](const JsonFields& line) {
    const uint64_t code = line.Count("code", kStatusCount - 1);
    errors[code].count += line.Count("count");
    errors[code].first_message = line.TextOr("first_message", "");
  });
  return errors;
}

void ReadTotals(const JsonFields& report, RunResult* result) {
  const JsonFields totals = report.Object("totals");
  const double duration_ns = totals.Number("duration_s") * static_cast<double>(kNsPerSecond);
  if (!(duration_ns >= 0 && duration_ns < static_cast<double>(kSpanNsMax))) {
    return totals.Refuse(totals.path() + "duration_s is no time that a run takes");
  }
  result->measured_ns = std::llround(duration_ns);
  const double goodput_rps = totals.OrNumber("goodput_rps").value_or(0);
  const double timely = goodput_rps * result->seconds_measured();
  if (!(timely >= 0 && timely < 0x1p62)) {
    return totals.Refuse(totals.path() + "goodput_rps is no rate");
  }
  result->timely_ok_count = static_cast<uint64_t>(std::llround(timely));
  result->unfinished_count = totals.Count("unfinished");
  result->repeated_count = totals.OrCount("repeated").value_or(0);
  result->carried_ok_count = totals.OrCount("carried_ok").value_or(0);
  result->carried_error_count = totals.OrCount("carried_errors").value_or(0);
  result->offered_count = totals.OrCount("offered").value_or(0);
  result->dropped_count = totals.OrCount("dropped").value_or(0);
  result->slot_waits_count = totals.OrCount("waited_for_slot").value_or(0);
  if (totals.Count("ok") != result->tally.ok_count() ||
      totals.Count("errors") != result->tally.error_count()) {
    totals.Refuse(totals.path() + "ok or " + totals.path() +
                  "errors contradicts latency.service.count or errors");
  }
}

void ReadTally(const JsonFields& figures, Tally* tally) {
  const JsonFields latency = figures.Object("latency");
  tally->Restore(HistogramOf(latency.Object("service")), HistogramOr(latency, "response"),
                 ErrorsOf(figures));
}

void ReadMessages(const JsonFields& figures, MessageTally* messages) {
  if (!figures.Has("messages")) return;
  const JsonFields fields = figures.Object("messages");
  messages->sent_count = fields.Count("sent");
  messages->received_count = fields.Count("received");
  messages->uneven_count = fields.OrCount("uneven_streams").value_or(0);
  messages->early_count = fields.OrCount("early_ends").value_or(0);
  messages->round_trip = HistogramOr(fields, "round_trip");
  messages->first_message = HistogramOr(fields, "first_message");
}

// Of a mix. Its plan is the same in each run of --repeat.
void ReadMethods(const JsonFields& figures, RunRecord* record, RunResult* result) {
  record->options.mix.clear();
  figures.ForEach("methods", [record, result](const JsonFields& fields) {
    MethodOptions& plan = record->options.mix.emplace_back();
    ReadPlan(fields, &plan);
    plan.weight = fields.Number("weight");
    MethodTally& method = result->methods.emplace_back();
    ReadTally(fields, &method.tally);
    ReadMessages(fields, &method.messages);
    if (fields.Count("ok") != method.tally.ok_count()) {
      fields.Refuse(fields.path() + "ok contradicts " + fields.path() + "latency.service.count");
    }
  });
}

void ReadConnects(const JsonFields& report, RunResult* result) {
  if (!report.Has("connects")) return;
  const JsonFields connects = report.Object("connects");
  result->connections_made = connects.Count("made");
  result->connects = HistogramOr(connects, "latency");
}

void ReadServer(const JsonFields& report, RunRecord* record, RunResult* result) {
  if (!report.Has("server")) return;
  const JsonFields server = report.Object("server");
  record->options.server_pid = static_cast<int>(server.Count("pid", INT32_MAX));
  // What it cost in all, from what it cost each.
  const double calls_us = static_cast<double>(result->ended_count()) * 1e3;
  ProcessUsage usage;
  usage.cpu_ns = server.Number("cpu_us_per_rpc") * calls_us;
  usage.user_ns = server.Number("user_us_per_rpc") * calls_us;
  usage.system_ns = server.Number("system_us_per_rpc") * calls_us;
  if (result->ended_count() == 0) {
    usage.cpu_ns = server.Number("cpu_cores") * static_cast<double>(result->measured_ns);
  }
  usage.rss_bytes = server.Count("rss_bytes");
  if (!(usage.cpu_ns >= 0)) server.Refuse(server.path() + "cpu_us_per_rpc is below zero");
  result->server = usage;
}

void ReadFigures(const JsonFields& report, RunRecord* record, RunResult* result) {
  ReadTally(report, &result->tally);
  ReadMessages(report, &result->messages);
  ReadMethods(report, record, result);
  ReadTotals(report, result);
  ReadConnects(report, result);
  const JsonFields generator = report.Object("generator");
  result->generator_cpu_busiest = generator.Number("cpu");
  result->generator_cpu_total = generator.Number("cpu_total");
  result->generator_waited = generator.OrNumber("waited").value_or(0);
  result->lateness = HistogramOr(generator, "lateness");
  ReadServer(report, record, result);
  result->interrupted = report.Truth("interrupted");
  report.ForEach("notes", [result](const JsonFields& note) {
    if (!note.json().is_string()) return note.Refuse(note.name() + " is not a text");
    result->notes.push_back(note.json().get<std::string>());
  });
}

std::optional<int64_t> OrNs(const JsonFields& entry, const char* name) {
  const std::optional<uint64_t> value = entry.OrCount(name);
  return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
}

void ReadSeries(const JsonFields& report, RunResult* result) {
  report.ForEach("series", [result](const JsonFields& fields) {
    SeriesEntry entry;
    entry.at_s = fields.Number("at_s");
    entry.ok_count = fields.Count("ok");
    entry.error_count = fields.Count("errors");
    entry.carried_ok_count = fields.OrCount("carried_ok").value_or(0);
    entry.dropped_count = fields.OrCount("dropped").value_or(0);
    entry.in_flight_count = fields.OrCount("in_flight").value_or(0);
    entry.messages_sent_count = fields.OrCount("messages_sent").value_or(0);
    entry.messages_received_count = fields.OrCount("messages_received").value_or(0);
    entry.p50_ns = OrNs(fields, "p50_ns");
    entry.p99_ns = OrNs(fields, "p99_ns");
    entry.p999_ns = OrNs(fields, "p99_9_ns");
    entry.max_ns = OrNs(fields, "max_ns");
    entry.generator_cpu = fields.OrNumber("generator_cpu").value_or(0);
    entry.server_cores = fields.OrNumber("server_cores");
    entry.server_rss_bytes = fields.OrCount("server_rss_bytes");
    result->series.push_back(entry);
  });
}

void ReadRepeats(const JsonFields& report, RunRecord* record) {
  report.ForEach("repeats", [record](const JsonFields& repeat) {
    RunResult result;
    result.environment = record->result.environment;
    result.environment.started_at = repeat.TextOr("started_at", "");
    result.is_open_loop = record->result.is_open_loop;
    result.shards = record->result.shards;
    RunRecord same;  // what the record already has
    ReadFigures(repeat, &same, &result);
    if (repeat.Truth("is_median")) record->median_repeat = record->repeats.size();
    record->repeats.push_back(std::move(result));
  });
}

}  // namespace

std::string ReadRecord(std::string_view json, RunRecord* record) {
  const Json document = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  return document.is_discarded() ? "it is not JSON" : ReadRecordOf(document, record);
}

std::string ReadRecordOf(const Json& document, RunRecord* record) {
  *record = RunRecord();
  std::string trouble;
  const JsonFields report(document, "", &trouble);
  if (report.TextOr("schema", "") != kRunSchema) {
    return std::string("its schema is not \"") + kRunSchema +
           "\", which penstock-load --json writes";
  }
  report.ForEach("command_line", [record](const JsonFields& word) {
    if (word.json().is_string()) {
      record->options.command_line.push_back(word.json().get<std::string>());
    }
  });
  ReadEnvironmentOf(report, &record->result.environment);
  ReadLoad(report, record);
  ReadFigures(report, record, &record->result);
  ReadSeries(report, &record->result);
  ReadRepeats(report, record);
  return trouble;
}

std::string LoadRecord(const std::string& path, RunRecord* record) {
  std::string json;
  if (!ReadFile(path, &json)) return path + " cannot be read: " + std::strerror(errno);
  const std::string trouble = ReadRecord(json, record);
  return trouble.empty() ? "" : path + " is no result of a run: " + trouble;
}

}  // namespace penstock::loadtest
