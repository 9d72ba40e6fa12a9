#include "penstock/server/option_table.h"

#include <iterator>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/inherited_sockets.h"

namespace penstock::server {
namespace {

using http2::Limits;
using wire::TlsFiles;
using wire::TlsServerOptions;

constexpr int64_t kShardsMax = 1024;
constexpr int64_t kHourNs = 3600 * kNsPerSecond;
constexpr int64_t kDayNs = 24 * kHourNs;
constexpr int64_t kWindowMax = 0x7fff'ffff;
// Less refuses every client: the head of a call without metadata has 8 or 9 fields and some 500
// octets as HPACK counts them, and our first answers alone are a few frames.
constexpr int64_t kHeadFieldsLeast = 16;
constexpr int64_t kHeadBytesLeast = 1024;
constexpr int64_t kOutputBytesLeast = 16'384;

std::string WhyNotListenable(const std::string& text) {
  std::string why;
  return reactor::IsListenable(text, &why) ? "" : why;
}

std::string WhyNotAdmin(const std::string& text) {
  for (const char* const scheme : {"inproc:", "fd:", "systemd:"}) {
    if (text.starts_with(scheme)) return "write HOST:PORT, unix:PATH or unix-abstract:NAME";
  }
  std::string why;
  return reactor::Address::IsWellFormed(text, &why) ? "" : why;
}

std::string WhyNotTakeover(const std::string& text) {
  if (!text.starts_with("unix")) return "write unix:PATH or unix-abstract:NAME";
  return WhyNotListenable(text);
}

Option Listen() {
  Option option;
  option.name = "listen";
  option.form = "ADDRESS";
  option.help =
      "where to listen: HOST:PORT, [IPV6]:PORT, unix:PATH, unix-abstract:NAME; port 0 takes a free "
      "one; systemd:, systemd:NAME or fd:NUMBER takes sockets that were passed";
  option.repeatable = true;
  option.take = [](const std::vector<std::string>& values, ServerOptions* options) -> std::string {
    for (const std::string& value : values) {
      if (value.starts_with("inproc:")) {
        return value + " is heard inside of this process alone; write HOST:PORT, unix:PATH or "
                       "unix-abstract:NAME, and leave inproc: to the program's code";
      }
      if (std::string why = WhyNotListenable(value); !why.empty()) return why;
    }
    options->listen = values;
    return "";
  };
  option.show = [](const ServerOptions& options) { return options.listen; };
  return option;
}

Option Cpus() {
  Option option;
  option.name = "cpus";
  option.form = "LIST";
  option.help =
      "cores to run the shards on, such as 0-3 or 0,2; without it wherever the kernel likes";
  option.take = [](const std::vector<std::string>& values, ServerOptions* options) -> std::string {
    if (values.front().empty()) {
      options->cpus.clear();
      return "";
    }
    auto cpus = reactor::ParseCpuList(values.front());
    if (!cpus) return "write a list of cores, such as 0-3 or 0,2";
    options->cpus = std::move(*cpus);
    return "";
  };
  option.show = [](const ServerOptions& options) {
    return std::vector<std::string>{reactor::FormatCpuList(options.cpus)};
  };
  return option;
}

// Certificates and keys are pairs, in the order in which they were given: each of the two options
// is one half of them.
Option HalfOfTls(std::string name, std::string TlsFiles::*half, std::string TlsFiles::*other,
                 std::string help) {
  Option option;
  option.name = std::move(name);
  option.form = "FILE";
  option.help = std::move(help);
  option.repeatable = true;
  option.take = [half, other](const std::vector<std::string>& values,
                              ServerOptions* options) -> std::string {
    std::vector<TlsFiles>& pairs = options->tls.certificates;
    for (TlsFiles& pair : pairs) (pair.*half).clear();
    if (pairs.size() < values.size()) pairs.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) pairs[i].*half = values[i];
    while (!pairs.empty() && (pairs.back().*half).empty() && (pairs.back().*other).empty()) {
      pairs.pop_back();
    }
    return "";
  };
  option.show = [half](const ServerOptions& options) {
    std::vector<std::string> files;
    for (const TlsFiles& pair : options.tls.certificates) files.push_back(pair.*half);
    return files;
  };
  return option;
}

Option TlsClientCa() {
  Option option;
  option.name = "tls-client-ca";
  option.form = "FILE";
  option.help =
      "who may have issued clients' certificates, PEM; with it clients must show one, unless "
      "tls-client-certificates says otherwise";
  option.take = [](const std::vector<std::string>& values, ServerOptions* options) -> std::string {
    options->tls.client_ca = values.front();
    return "";
  };
  option.show = [](const ServerOptions& options) {
    return std::vector<std::string>{options.tls.client_ca};
  };
  return option;
}

std::vector<Option> Addresses() {
  return {
      Listen(),
      Text("admin", &ServerOptions::admin, "ADDRESS", &WhyNotAdmin,
           "where the admin port listens (HTTP/1.1: /metrics, /readyz, /debug), such as "
           "127.0.0.1:9901; none without it"),
      Text("takeover", &ServerOptions::takeover, "ADDRESS", &WhyNotTakeover,
           "unix:PATH or unix-abstract:NAME where the next process takes the listening sockets "
           "over, and this one takes those of the last"),
      Choice("placement", &ServerOptions::placement, {"least-loaded", "round-robin"},
             "which shard gets a new connection: least-loaded (the fewest connections) or "
             "round-robin"),
  };
}

std::vector<Option> Threads() {
  return {
      Count("shards", &ServerOptions::shards, {.most = kShardsMax},
            "threads that serve; 0: one for each core of cpus, or each that affinity and the quota "
            "of a container give"),
      Cpus(),
      Choice("io", &ServerOptions::io, {"auto", "uring", "epoll"},
             "how to talk to the kernel: auto, uring or epoll"),
      Count("workers", &ServerOptions::workers, {.most = kShardsMax},
            "threads for handlers that block, if there are such; 0: as many as cores"),
      Count("worker-calls-waiting-max", &ServerOptions::worker_calls_waiting_max, {},
            "calls that may wait for one of the workers"),
      Bytes("receive-bytes-per-turn-max", &ServerOptions::receive_bytes_per_turn_max, {.least = 1},
            "what one connection may send before the others' turn comes"),
  };
}

std::vector<Option> Services() {
  return {
      Switch("healthz", &ServerOptions::healthz, "GET /healthz is answered with 200"),
      Switch("health", &ServerOptions::health, "grpc.health.v1.Health is served"),
      Switch("reflection", &ServerOptions::reflection, "grpc.reflection is served"),
      Switch("channelz", &ServerOptions::channelz,
             "grpc.channelz.v1.Channelz is served: every client may see the others' addresses"),
  };
}

std::vector<Option> Tls() {
  return {
      HalfOfTls("tls-cert", &TlsFiles::certificate, &TlsFiles::key,
                "certificate chain, PEM; with it the server speaks TLS, and nothing else"),
      HalfOfTls("tls-key", &TlsFiles::key, &TlsFiles::certificate,
                "private key of the certificate, PEM; of several, in the same order"),
      TlsClientCa(),
      Choice("tls-client-certificates", &TlsServerOptions::client_certificates,
             {"none", "request", "require"},
             "whether clients show certificates: none, request or require"),
      Switch("tls-allow-cleartext", &TlsServerOptions::allow_cleartext,
             "the same ports take cleartext HTTP/2, too"),
      Span("tls-handshake-timeout", &TlsServerOptions::handshake_timeout_ns,
           {.least = kNsPerMs, .most = kHourNs}, "how long a handshake may take"),
      Count("tls-handshakes-per-shard-max", &TlsServerOptions::handshakes_per_shard_max,
            {.least = 1}, "handshakes under way at once on one shard"),
      Span("tls-reload", &TlsServerOptions::reload_ns, {.least = kNsPerMs, .most = kDayNs},
           "how often at most the files are asked whether they have changed"),
  };
}

std::vector<Option> Ending() {
  return {
      Span("drain-delay", &ServerOptions::drain_delay_ns, {.most = kDayNs},
           "how long to go on serving after SIGTERM, so that load balancers hear of it"),
      Span("drain-grace", &ServerOptions::drain_grace_ns, {.most = kDayNs},
           "how long calls may take to end after that, before they are cut off"),
  };
}

std::vector<Option> Connections() {
  constexpr Bounds kOrNever = {.least = kNsPerMs, .never = true};
  return {
      Span("keepalive-time", &ServerOptions::keepalive_time_ns,
           {.least = kNsPerSecond, .never = true},
           "how long a connection may be silent before it gets a PING"),
      Span("keepalive-timeout", &ServerOptions::keepalive_timeout_ns, kOrNever,
           "how long it may be silent after that before it is closed"),
      Span("connection-idle-max", &ServerOptions::connection_idle_ns_max, kOrNever,
           "how long a connection without a stream stays"),
      Span("connection-age-max", &ServerOptions::connection_age_ns_max, kOrNever,
           "how long any connection stays, give or take a tenth"),
      Span("connection-age-grace", &ServerOptions::connection_age_grace_ns, {.never = true},
           "how long the calls of one that is too old may take to end"),
      Count("connections-max", &ServerOptions::connections_max, {.least = 1},
            "connections of the server"),
      Count("connections-per-shard-max", &ServerOptions::connections_per_shard_max, {.least = 1},
            "connections of each shard"),
  };
}

std::vector<Option> Memory() {
  constexpr Bounds kPercent = {.least = 1, .most = 100};
  return {
      Bytes("shard-memory-bytes-max", &ServerOptions::shard_memory_bytes_max, {},
            "memory of connections and calls of one shard; 0: no limit"),
      Count("memory-connections-percent", &ServerOptions::memory_connections_percent, kPercent,
            "share of it from which on no new connection is taken"),
      Count("memory-streams-percent", &ServerOptions::memory_streams_percent, kPercent,
            "share of it from which on no new stream is taken"),
      Count("memory-idle-percent", &ServerOptions::memory_idle_percent, kPercent,
            "share of it from which on idle connections are closed"),
      Span("idle-without-stream-timeout", &ServerOptions::idle_without_stream_timeout_ns,
           {.least = kNsPerMs, .most = kDayNs},
           "when memory is short, how old a connection that never had a stream may be"),
  };
}

std::vector<Option> Calls() {
  return {
      Bytes("max-message-bytes", &ServerOptions::message_bytes_max, {.least = 1},
            "longest request message taken"),
      Text("compression", &ServerOptions::compression, "NAME", nullptr,
           "what responses are compressed with where the caller accepts it and the handler does "
           "not choose: identity, gzip, deflate, zstd"),
      Bytes("compressed-bytes-min", &ServerOptions::compressed_bytes_min, {},
            "shorter responses are sent as they are"),
      Bytes("stream-unsent-bytes-max", &ServerOptions::stream_unsent_bytes_max, {.least = 1},
            "responses of a stream that wait for a slow client before its handler does"),
      Count("running-handlers-max", &ServerOptions::running_handlers_max, {},
            "coroutine handlers of one connection at work at once; 0: as many as max-streams"),
      Count("waiting-handlers-factor", &ServerOptions::waiting_handlers_factor, {},
            "so many times as many may wait for one of them to end"),
  };
}

std::vector<Option> Http2() {
  return {
      Count("max-streams", &Limits::concurrent_streams_max, {.least = 1, .most = 1 << 20},
            "streams a connection may have open at once"),
      Bytes("http2-stream-window-bytes", &Limits::stream_window_bytes,
            {.least = 1, .most = kWindowMax},
            "what a client may send on a stream before it is read"),
      Bytes("http2-connection-window-bytes", &Limits::connection_window_bytes,
            {.least = http2::kWindowBytesDefault, .most = kWindowMax},
            "what a client may send on a connection before it is read"),
      Bytes("http2-connection-unread-bytes-max", &Limits::connection_unread_bytes_max, {},
            "up to so much unread, a connection is given credit at once"),
      Bytes("http2-frame-payload-bytes-max", &Limits::frame_payload_bytes_max,
            {.least = 16'384, .most = 16'777'215}, "longest frame taken"),
      Bytes("http2-output-bytes-max", &Limits::output_bytes_max, {.least = kOutputBytesLeast},
            "unsent octets of a connection beyond which nothing more is read from it"),
      Bytes("http2-decoder-table-bytes", &Limits::decoder_table_bytes, {.most = 65'536},
            "HPACK table of what is received"),
      Bytes("http2-encoder-table-bytes-max", &Limits::encoder_table_bytes_max, {},
            "HPACK table of what is sent"),
      Bytes("http2-header-list-bytes-advertised", &Limits::header_list_bytes_advertised,
            {.least = kHeadBytesLeast}, "longest header list that clients are told of"),
      Bytes("http2-header-list-bytes-max", &Limits::header_list_bytes_max,
            {.least = kHeadBytesLeast}, "longest header list taken"),
      Count("http2-header-fields-max", &Limits::header_fields_max, {.least = kHeadFieldsLeast},
            "most fields of a header list"),
      Count("http2-header-list-close-factor", &Limits::header_list_close_factor, {.least = 1},
            "a list so many times too long ends the connection"),
      Bytes("http2-header-block-bytes-max", &Limits::header_block_bytes_max,
            {.least = kHeadBytesLeast}, "longest encoded header block"),
      Count("http2-continuations-max", &Limits::continuations_max, {},
            "CONTINUATION frames of a header block"),
  };
}

std::vector<Option> Timeouts() {
  constexpr Bounds kTime = {.least = kNsPerMs, .most = kDayNs};
  return {
      Span("http2-preface-timeout", &Limits::preface_timeout_ns, kTime,
           "how long a new connection may say nothing"),
      Span("http2-settings-ack-timeout", &Limits::settings_ack_timeout_ns, kTime,
           "how long our SETTINGS may wait for their acknowledgement"),
      Span("http2-header-block-timeout", &Limits::header_block_timeout_ns, kTime,
           "how long a header block may take to come"),
      Span("http2-frame-timeout", &Limits::frame_timeout_ns, kTime,
           "how long any other frame may take to come"),
      Span("http2-slow-request-timeout", &Limits::slow_request_timeout_ns, kTime,
           "how long a message that is begun may rest"),
      Span("http2-stalled-stream-timeout", &Limits::stalled_stream_timeout_ns,
           {.least = kNsPerMs, .never = true},
           "how long a response may wait for the client to take http2-stalled-stream-bytes-min"),
      Bytes("http2-stalled-stream-bytes-min", &Limits::stalled_stream_bytes_min, {},
            "what a client must take of a response in that time"),
      Span("http2-stalled-connection-timeout", &Limits::stalled_connection_timeout_ns, kTime,
           "how long a client may take none of a connection's output"),
      Span("http2-control-frames-stuck-timeout", &Limits::control_frames_stuck_timeout_ns, kTime,
           "how long more than http2-control-frames-queued-max answers may lie untaken"),
  };
}

std::vector<Option> Floods() {
  return {
      Count("http2-ping-strikes-max", &Limits::ping_strikes_max, {},
            "PINGs sooner than allowed before a connection is closed"),
      Span("http2-ping-interval-min", &Limits::ping_interval_min_ns, {.most = kDayNs},
           "how soon PINGs may follow each other while streams are open"),
      Span("http2-ping-interval-idle-min", &Limits::ping_interval_idle_min_ns, {.most = kDayNs},
           "the same without open streams"),
      Count("http2-resets-received-burst", &Limits::resets_received_burst, {},
            "streams a client may reset early, at once"),
      Count("http2-resets-received-per-second", &Limits::resets_received_per_second, {},
            "how many of them come back a second"),
      Count("http2-resets-share-percent-max", &Limits::resets_share_percent_max, {.most = 100},
            "share of a second's streams that may be reset within it"),
      Count("http2-resets-share-streams-min", &Limits::resets_share_streams_min, {},
            "fewer streams than that count as so many"),
      Count("http2-fault-resets-burst", &Limits::fault_resets_burst, {},
            "streams we may have to reset for a client's faults, at once"),
      Count("http2-fault-resets-per-second", &Limits::fault_resets_per_second, {},
            "how many of them come back a second"),
      Count("http2-glitches-burst", &Limits::glitches_burst, {},
            "oddities of a client that are no fault, at once"),
      Count("http2-glitches-per-second", &Limits::glitches_per_second, {},
            "how many of them come back a second"),
      Count("http2-settings-entries-max", &Limits::settings_entries_max, {.least = 1},
            "entries of a SETTINGS frame"),
      Count("http2-settings-per-second-max", &Limits::settings_per_second_max, {.least = 1},
            "SETTINGS frames a second"),
      Count("http2-control-frames-queued-max", &Limits::control_frames_queued_max, {.least = 1},
            "answers to control frames that a client has not taken"),
      Count("http2-empty-frames-max", &Limits::empty_frames_max, {},
            "frames of a connection that carry and end nothing"),
      Bytes("http2-small-data-bytes", &Limits::small_data_bytes, {},
            "a shorter DATA frame takes what it lacks of http2-small-data-budget"),
      Bytes("http2-small-data-budget", &Limits::small_data_budget, {},
            "what short DATA frames may take until they are read"),
      Count("http2-window-updates-base", &Limits::window_updates_base, {.least = 1},
            "WINDOW_UPDATE frames of a connection, to begin with"),
      Count("http2-window-updates-per-frame", &Limits::window_updates_per_frame, {},
            "how many more for each stream"),
      Count("http2-window-updates-data-factor", &Limits::window_updates_data_factor, {},
            "a DATA frame we sent counts as so many streams"),
      Count("http2-priorities-per-stream-max", &Limits::priorities_per_stream_max, {},
            "PRIORITY frames for each stream"),
  };
}

std::string Code(const std::string& text) { return "`" + text + "`"; }

}  // namespace

std::vector<Option> OptionTable() {
  std::vector<Option> table;
  const auto add = [&table](const char* group, std::vector<Option> rows) {
    for (Option& row : rows) row.group = group;
    std::move(rows.begin(), rows.end(), std::back_inserter(table));
  };
  add("Addresses", Addresses());
  add("Threads", Threads());
  add("Services", Services());
  add("TLS", Tls());
  add("Ending", Ending());
  add("Connections", Connections());
  add("Memory", Memory());
  add("Calls", Calls());
  add("HTTP/2", Http2());
  add("Slow clients", Timeouts());
  add("Floods", Floods());
  return table;
}

std::vector<std::string> NamesOf(const std::vector<Option>& table) {
  std::vector<std::string> names;
  for (const Option& option : table) names.push_back(option.name);
  return names;
}

std::string DescribeTable(const std::vector<Option>& table) {
  const ServerOptions defaults;
  std::string text;
  std::string group;
  for (const Option& option : table) {
    if (option.group != group) {
      group = option.group;
      text += "\n### " + group + "\n\n| option | takes | default | is |\n|---|---|---|---|\n";
    }
    const std::vector<std::string> shown = option.show(defaults);
    const std::string value = shown.empty() ? "" : shown.front();
    text += "| " + Code(option.name) + " | " +
            (option.is_switch ? "true or false" : option.form) +
            (option.repeatable ? ", several" : "") + " | " + (value.empty() ? "" : Code(value)) +
            " | " + option.help + " |\n";
  }
  return text;
}

}  // namespace penstock::server
