#include "penstock/server/admin/metrics_page.h"

#include <algorithm>

#include "penstock/http2/limit.h"
#include "penstock/rpc/status_name.h"
#include "penstock/server/admin/process.h"
#include "penstock/server/admin/prometheus.h"
#include "penstock/wire/version.h"

namespace penstock::server {
namespace {

using Labels = PrometheusText::Labels;

double SecondsOf(TimeNs ns) { return static_cast<double>(ns) / static_cast<double>(kNsPerSecond); }

Labels LabelsOf(const MethodEntry* method) {
  if (method == nullptr) {
    return {{"grpc_type", "unary"}, {"grpc_service", "unknown"}, {"grpc_method", "unknown"}};
  }
  return {{"grpc_type", std::string(TypeOf(*method))},
          {"grpc_service", std::string(ServiceOfPath(method->path))},
          {"grpc_method", std::string(MethodOfPath(method->path))}};
}

// Of each method, and behind them of the unknown one, once it was called.
class MethodRows {
 public:
  MethodRows(const std::vector<ShardSnapshot>& shards,
             const std::vector<const MethodEntry*>& methods)
      : sums_(SumOfMethods(shards, methods.size())) {
    for (const MethodEntry* method : methods) labels_.push_back(LabelsOf(method));
    labels_.push_back(LabelsOf(nullptr));
    if (sums_.back().started_count == 0) sums_.pop_back();
  }

  template <typename Function>
  void ForEach(Function&& fn) const {
    for (size_t i = 0; i < sums_.size(); ++i) fn(labels_[i], sums_[i]);
  }

 private:
  std::vector<MethodMetrics> sums_;
  std::vector<Labels> labels_;
};

void AddHandled(const MethodRows& rows, PrometheusText* text) {
  constexpr std::string_view kHandled = "grpc_server_handled_total";
  text->Begin(kHandled, "counter", "RPCs that ended on the server, by their status.");
  rows.ForEach([&](const Labels& labels, const MethodMetrics& sum) {
    for (size_t code = 0; code < kStatusCodesCount; ++code) {
      if (sum.handled_counts[code] == 0 && code != 0) continue;
      Labels with_code = labels;
      with_code.emplace_back("grpc_code", std::string(StatusNameInGo(code)));
      text->Add(kHandled, with_code, sum.handled_counts[code]);
    }
  });
}

void AddMethods(const MethodRows& rows, PrometheusText* text) {
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value_of) {
    text->Begin(name, type, help);
    rows.ForEach([&](const Labels& labels, const MethodMetrics& sum) {
      text->Add(name, labels, value_of(sum));
    });
  };
  add("grpc_server_started_total", "counter", "RPCs started on the server.",
      [](const MethodMetrics& sum) { return sum.started_count; });
  AddHandled(rows, text);
  add("grpc_server_msg_received_total", "counter", "Messages that handlers were given.",
      [](const MethodMetrics& sum) { return sum.received_sizes.total(); });
  add("grpc_server_msg_sent_total", "counter", "Messages that handlers sent.",
      [](const MethodMetrics& sum) { return sum.sent_sizes.total(); });
  add("grpc_server_handling_seconds", "histogram",
      "Time from an RPC's head to its status, of a sample: the first RPC of each turn of a shard, "
      "and every 17th of the others; all of them while a shard gets one at a time. Its count is "
      "that of the sample.",
      [](const MethodMetrics& sum) { return sum.times; });
  add("penstock_server_received_message_bytes", "histogram",
      "Lengths of messages that handlers were given, decompressed.",
      [](const MethodMetrics& sum) { return sum.received_sizes; });
  add("penstock_server_sent_message_bytes", "histogram",
      "Lengths of messages that handlers sent, before compression.",
      [](const MethodMetrics& sum) { return sum.sent_sizes; });
}

struct ShardRow {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  uint64_t (*value_of)(const ShardSnapshot& shard);
};

constexpr ShardRow kShardRows[] = {
    {"penstock_shard_connections", "gauge", "Connections open.",
     [](const ShardSnapshot& s) { return uint64_t{s.connections_count}; }},
    {"penstock_shard_streams", "gauge", "HTTP/2 streams open.",
     [](const ShardSnapshot& s) { return uint64_t{s.streams_count}; }},
    {"penstock_shard_calls", "gauge", "Calls between their head and their end.",
     [](const ShardSnapshot& s) { return uint64_t{s.calls_count}; }},
    {"penstock_shard_handlers", "gauge", "Handlers that are coroutines, at work or waiting to.",
     [](const ShardSnapshot& s) { return uint64_t{s.handlers_count}; }},
    {"penstock_shard_memory_bytes", "gauge", "Memory that counts for shard_memory_bytes_max.",
     [](const ShardSnapshot& s) { return s.memory_bytes; }},
    {"penstock_shard_slab_bytes", "gauge",
     "Of the memory, slabs: output, DATA that waits for a window, large arenas.",
     [](const ShardSnapshot& s) { return s.slab_bytes; }},
    {"penstock_shard_calls_total", "counter", "Requests begun, refused and plain ones among them.",
     [](const ShardSnapshot& s) { return s.counters.calls_started; }},
    {"penstock_shard_handlers_late_total", "counter",
     "Handlers that still ran a second behind their deadline.",
     [](const ShardSnapshot& s) { return s.counters.handlers_late; }},
    {"penstock_shard_connections_refused_total", "counter",
     "Connections that spoke something else than HTTP/2.",
     [](const ShardSnapshot& s) { return s.counters.connections_refused; }},
    {"penstock_shard_accepts_total", "counter", "Connections accepted by this shard, for any.",
     [](const ShardSnapshot& s) { return s.stats.accepts; }},
    {"penstock_shard_accepts_refused_total", "counter",
     "Connections closed at once: descriptors had run out, or a limit was reached.",
     [](const ShardSnapshot& s) { return s.stats.accepts_refused; }},
    {"penstock_shard_turns_total", "counter", "Turns of the loop.",
     [](const ShardSnapshot& s) { return s.stats.turns; }},
    {"penstock_shard_waits_total", "counter", "Turns that were allowed to sleep.",
     [](const ShardSnapshot& s) { return s.stats.waits; }},
    {"penstock_shard_system_calls_total", "counter", "System calls of the loop.",
     [](const ShardSnapshot& s) { return s.stats.system_calls; }},
    {"penstock_shard_completions_total", "counter",
     "Completions reaped (epoll: events); by turns: the batch.",
     [](const ShardSnapshot& s) { return s.stats.completions; }},
    {"penstock_shard_letters_total", "counter", "Letters out of the mailbox.",
     [](const ShardSnapshot& s) { return s.stats.letters; }},
    {"penstock_shard_timers_total", "counter", "Timers that fired.",
     [](const ShardSnapshot& s) { return s.stats.timers; }},
    {"penstock_shard_receives_total", "counter", "Buffers received.",
     [](const ShardSnapshot& s) { return s.stats.receives; }},
    {"penstock_shard_received_bytes_total", "counter", "Octets received.",
     [](const ShardSnapshot& s) { return s.stats.received_bytes; }},
    {"penstock_shard_receives_without_buffer_total", "counter",
     "Receiving paused: every buffer was in use.",
     [](const ShardSnapshot& s) { return s.stats.no_buffers; }},
    {"penstock_shard_sends_total", "counter", "Sends; sent_bytes by sends: the batch.",
     [](const ShardSnapshot& s) { return s.stats.sends; }},
    {"penstock_shard_sent_bytes_total", "counter", "Octets sent.",
     [](const ShardSnapshot& s) { return s.stats.sent_bytes; }},
    {"penstock_shard_sends_blocked_total", "counter", "Sends that found no room in the socket.",
     [](const ShardSnapshot& s) { return s.stats.sends_blocked; }},
};

void AddShards(const std::vector<ShardSnapshot>& shards, PrometheusText* text) {
  const auto label = [](const ShardSnapshot& shard) {
    return Labels{{"shard", std::to_string(shard.index)}};
  };
  text->Begin("penstock_shard_up", "gauge", "1: it answered within a second; 0: it is stuck.");
  for (const ShardSnapshot& shard : shards) {
    text->Add("penstock_shard_up", label(shard), uint64_t{shard.has_answered});
  }
  const auto for_each = [&](auto&& fn) {
    for (const ShardSnapshot& shard : shards) {
      if (shard.has_answered) fn(label(shard), shard);
    }
  };
  for (const ShardRow& row : kShardRows) {
    text->Begin(row.name, row.type, row.help);
    for_each([&](const Labels& labels, const ShardSnapshot& shard) {
      text->Add(row.name, labels, row.value_of(shard));
    });
  }
  text->Begin("penstock_shard_cpu_seconds_total", "counter",
              "Time of a core that the shard's thread took, in the kernel as well; its rate is the "
              "shard's load, 0 to 1.");
  for_each([&](const Labels& labels, const ShardSnapshot& shard) {
    text->Add("penstock_shard_cpu_seconds_total", labels, SecondsOf(shard.cpu_ns));
  });
  text->Begin("penstock_shard_answer_seconds", "gauge",
              "How long this scrape's question waited for the loop.");
  for_each([&](const Labels& labels, const ShardSnapshot& shard) {
    text->Add("penstock_shard_answer_seconds", labels, SecondsOf(shard.lag_ns));
  });
  text->Begin("penstock_shard_turn_seconds", "histogram",
              "How long turns of the loop took, asleep not counted: what comes meanwhile waits so "
              "long.");
  for_each([&](const Labels& labels, const ShardSnapshot& shard) {
    text->Add("penstock_shard_turn_seconds", labels, shard.stats.turn_times);
  });
}

void AddLimits(const std::vector<ShardSnapshot>& shards, PrometheusText* text) {
  http2::LimitTrips trips;
  for (const ShardSnapshot& shard : shards) trips.Add(shard.counters.limit_trips);
  text->Begin("penstock_limit_trips_total", "counter",
              "How often each limit was reached; docs/limits.md says what each stops.");
  for (size_t i = 0; i < http2::kLimitsCount; ++i) {
    const auto limit = static_cast<http2::Limit>(i);
    text->Add("penstock_limit_trips_total", {{"limit", http2::NameOf(limit)}}, trips[limit]);
  }
}

void AddTls(const wire::TlsCredentials& tls, PrometheusText* text) {
  text->Begin("penstock_tls_certificate_expires_seconds", "gauge",
              "When the first of the certificates in use expires, since 1970.");
  text->Add("penstock_tls_certificate_expires_seconds", {},
            static_cast<uint64_t>(std::max<int64_t>(tls.expires_at_s(), 0)));
  text->Begin("penstock_tls_reloads_total", "counter", "Changed TLS files that are in use now.");
  text->Add("penstock_tls_reloads_total", {}, tls.reloads_count());
  text->Begin("penstock_tls_reloads_failed_total", "counter",
              "Changed TLS files that could not be used: those before stayed.");
  text->Add("penstock_tls_reloads_failed_total", {}, tls.failed_reloads_count());
}

void AddProcess(PrometheusText* text) {
  const ProcessFacts facts = ReadProcessFacts();
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value) {
    text->Begin(name, type, help);
    text->Add(name, {}, value);
  };
  add("process_cpu_seconds_total", "counter", "User and system CPU time.", facts.cpu_seconds);
  add("process_start_time_seconds", "gauge", "When the process began, since 1970.",
      facts.start_seconds);
  add("process_resident_memory_bytes", "gauge", "Resident memory.", facts.resident_bytes);
  add("process_virtual_memory_bytes", "gauge", "Virtual memory.", facts.virtual_bytes);
  add("process_open_fds", "gauge", "Open file descriptors.", facts.open_files_count);
  add("process_max_fds", "gauge", "Most file descriptors that may be open.", facts.open_files_max);
  add("process_threads", "gauge", "Threads.", facts.threads_count);
  text->Begin("penstock_build_info", "gauge", "Always 1; the labels tell.");
  text->Add("penstock_build_info",
            {{"version", PENSTOCK_VERSION}, {"compiler", __VERSION__}}, uint64_t{1});
}

}  // namespace

std::string_view ServiceOfPath(std::string_view path) {
  return path.substr(1, path.rfind('/') - 1);
}

std::string_view MethodOfPath(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view TypeOf(const MethodEntry& method) {
  if (method.reads) return method.streams_out ? "bidi_stream" : "client_stream";
  return method.streams_out ? "server_stream" : "unary";
}

std::string MetricsPage(const std::vector<ShardSnapshot>& shards,
                        const std::vector<const MethodEntry*>& methods,
                        const wire::TlsCredentials* tls) {
  PrometheusText text;
  AddMethods(MethodRows(shards, methods), &text);
  AddShards(shards, &text);
  AddLimits(shards, &text);
  if (tls != nullptr) AddTls(*tls, &text);
  AddProcess(&text);
  return text.text();
}

}  // namespace penstock::server
