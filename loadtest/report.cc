#include "penstock/loadtest/report.h"

#include "penstock/loadtest/printable.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

constexpr size_t kMessageCharactersMax = 160;

std::string FormatExtent(const Options& options) {
  std::string text;
  if (options.duration_ns != kTimeNever) text = FormatSpan(options.duration_ns);
  if (options.calls_max != Options::kUnlimited) {
    text += (text.empty() ? "" : " or ") + Plural(static_cast<uint64_t>(options.calls_max), "call");
  }
  if (options.warmup_ns > 0) text += " (+" + FormatSpan(options.warmup_ns) + " warm-up)";
  return text;
}

std::string FormatHeader(const Options& options, const RunResult& result) {
  const std::string text = "penstock-load " + Printable(result.environment.version) + "  " +
                           FormatLoad(options, result) + "\n";
  if (options.is_open_loop()) return text;
  return text +
         " a closed loop hides queueing: a slot sends its next call only when the last one has"
         " ended\n";
}

std::string FormatTotals(const Options& options, const RunResult& result) {
  std::string text = Format(" %s %s   %s rps", result.interrupted ? "interrupted after" : "done",
                            FormatDuration(static_cast<double>(result.measured_ns)).c_str(),
                            FormatRate(result.rps()).c_str());
  if (result.is_open_loop) {
    text += Format(" (offered %s, dropped %llu)", FormatRate(result.offered_rps()).c_str(),
                   static_cast<unsigned long long>(result.dropped_count));
  }
  if (options.has_deadline()) {
    text += Format("   goodput %s", FormatRate(result.goodput()).c_str());
  }
  text += Format("   OK %llu   errors %llu",
                 static_cast<unsigned long long>(result.tally.ok_count()),
                 static_cast<unsigned long long>(result.tally.error_count()));
  if (result.repeated_count > 0) {
    text += Format("   repeated %llu", static_cast<unsigned long long>(result.repeated_count));
  }
  return text + "\n";
}

std::string FormatLatency(const char* name, const Histogram& latency, const char* from) {
  std::string text = Format(" %-9s", name);
  for (const Quantile quantile : {kP50, kP90, kP99, kP999, kP9999}) {
    const std::optional<int64_t> value = latency.Percentile(quantile);
    text += Format(" %8s", value ? FormatDuration(static_cast<double>(*value)).c_str() : "n/a");
  }
  const std::string max =
      latency.count() == 0 ? "n/a" : FormatDuration(static_cast<double>(latency.max()));
  return text + Format(" %8s   from the %s\n", max.c_str(), from);
}

std::string FormatLatencies(const RunResult& result) {
  std::string text =
      Format(" %-9s %8s %8s %8s %8s %8s %8s\n", "", "p50", "p90", "p99", "p99.9", "p99.99", "max");
  if (result.is_open_loop) {
    text += FormatLatency("response", result.tally.response(), "intended start");
  }
  return text + FormatLatency("service", result.tally.latency(), "actual send");
}

// Of streams: how many messages, and their times.
std::string FormatMessages(const Options& options, const RunResult& result) {
  if (!options.streams()) return "";
  const MessageTally& messages = result.messages;
  std::string text;
  // Those of a mix are told of each method, in the JSON.
  if (ReceivesStream(options.kind)) {
    text += FormatLatency("1st msg", messages.first_message, "send of its call");
  }
  if (options.kind == CallKind::kBidi && messages.uneven_count == 0) {
    text += FormatLatency(
        "roundtrip", messages.round_trip,
        options.message_interval_ns > 0 ? "due time of each message" : "send of each message");
  } else if (options.kind == CallKind::kBidi) {
    text += Format(" %-9s %8s\n", "roundtrip", "n/a");
  }
  return text + Format(" %-9s   sent %llu (%s/s)   received %llu (%s/s)\n", "messages",
                       static_cast<unsigned long long>(messages.sent_count),
                       FormatRate(result.PerSecond(messages.sent_count)).c_str(),
                       static_cast<unsigned long long>(messages.received_count),
                       FormatRate(result.PerSecond(messages.received_count)).c_str());
}

// A line for each method of a mix: latencies are those that the table has first.
std::string FormatMethods(const Options& options, const RunResult& result) {
  std::string text;
  for (size_t i = 0; i < options.mix.size() && i < result.methods.size(); ++i) {
    const Tally& tally = result.methods[i].tally;
    const MessageTally& messages = result.methods[i].messages;
    const Histogram& latency = result.is_open_loop ? tally.response() : tally.latency();
    const auto percentile = [&latency](Quantile quantile) {
      const std::optional<int64_t> value = latency.Percentile(quantile);
      return value ? FormatDuration(static_cast<double>(*value)) : std::string("n/a");
    };
    text += " method      " + Printable(options.mix[i].method) +
            Format("   OK %llu   errors %llu   p50 %s   p99 %s",
                   static_cast<unsigned long long>(tally.ok_count()),
                   static_cast<unsigned long long>(tally.error_count()), percentile(kP50).c_str(),
                   percentile(kP99).c_str());
    if (options.mix[i].kind != CallKind::kUnary) {
      text += Format("   sent %llu   received %llu",
                     static_cast<unsigned long long>(messages.sent_count),
                     static_cast<unsigned long long>(messages.received_count));
    }
    text += "\n";
  }
  return text;
}

// What it costs to connect anew: the TCP and TLS handshakes, and HTTP/2's SETTINGS.
std::string FormatConnects(const Options& options, const RunResult& result) {
  if (!options.reconnects()) return "";
  return FormatLatency("connect", result.connects, "begin to the server's SETTINGS") +
         Format(" %-9s   made anew %llu (%s/s)\n", "connects",
                static_cast<unsigned long long>(result.connections_made),
                FormatRate(result.PerSecond(result.connections_made)).c_str());
}

// Whether the generator was the limit, and why.
std::string DescribeGenerator(const RunResult& result) {
  if (!result.generator_bound()) {
    return result.generator_is_judged() ? "ok" : "too few calls, or too short, to judge it";
  }
  std::string why;
  const auto add = [&why](const std::string& reason) {
    why += (why.empty() ? "" : ", ") + reason;
  };
  if (result.generator_starved()) {
    add(Format("other programs had its core %.0f %% of the time", 100 * result.generator_waited));
  }
  if (result.generator_busy()) add("its busiest core had no time left");
  if (result.generator_late()) add("calls were late by more than a tenth of the median response");
  return why + "; generator-bound: the result is a lower bound";
}

std::string FormatGenerator(const RunResult& result) {
  std::string lateness;
  if (result.is_open_loop) {
    const std::optional<int64_t> p99_ns = result.lateness.Percentile(kP99);
    lateness = "lateness p99 " +
               (p99_ns ? FormatDuration(static_cast<double>(*p99_ns)) : "n/a") + "   ";
  }
  return Format(" %-9s   cpu %.0f %% (busiest core %.0f %%)   ", "generator",
                100 * result.generator_cpu_total / result.shards,
                100 * result.generator_cpu_busiest) +
         lateness + DescribeGenerator(result) + "\n";
}

std::string FormatServer(const RunResult& result) {
  const ProcessUsage& server = *result.server;
  const auto us = [&result](double ns) { return result.PerRpc(ns) / 1e3; };
  std::string text = Format(" %-9s   cpu %.3fus per RPC", "server", us(server.cpu_ns));
  if (server.user_ns + server.system_ns > 0) {
    text += Format(" (user %.3fus, system %.3fus)", us(server.user_ns), us(server.system_ns));
  }
  return text + Format("   %.2f cores   RSS %s\n",
                       server.cpu_ns / static_cast<double>(result.measured_ns),
                       FormatBytes(static_cast<double>(server.rss_bytes)).c_str());
}

// A message is the peer's: it may be long, and hold anything.
std::string FormatMessage(const std::string& message) {
  if (message.empty()) return "(no message)";
  const std::string text = Printable(message.substr(0, kMessageCharactersMax));
  return message.size() > kMessageCharactersMax ? text + "..." : text;
}

std::string FormatErrors(const Tally& tally) {
  std::string text;
  for (uint8_t status = 0; status < kStatusCount; ++status) {
    const Tally::StatusLine& line = tally.errors()[status];
    if (line.count == 0) continue;
    text += Format(" %-9s   %s %llu   first: ", text.empty() ? "errors" : "",
                   std::string(StatusName(status)).c_str(),
                   static_cast<unsigned long long>(line.count));
    text += FormatMessage(line.first_message) + "\n";
  }
  return text;
}

}  // namespace

std::string FormatLoop(const Options& options) {
  if (!options.is_open_loop()) return "closed loop";
  std::string text = "open loop";
  const bool is_ramp = options.rate.stages.size() > 1;
  for (const RateStage& stage : options.rate.stages) {
    text += (text.ends_with('s') ? ", " : " ") + FormatRate(stage.per_second) + "/s";
    if (is_ramp) text += " at " + FormatSpan(stage.at_ns);
  }
  return text + (options.poisson ? " poisson" : " uniform");
}

std::string FormatMethod(const Options& options) {
  if (!options.mix.empty()) return Printable(options.method);
  const std::string method = std::string(NameOf(options.kind)) + " " + Printable(options.method);
  if (!SendsStream(options.kind)) return method;
  std::string text = method + "  " + Plural(options.messages_per_stream, "message") + " each";
  if (options.message_interval_ns > 0) {
    text += ", " + FormatSpan(options.message_interval_ns) + " apart";
  }
  if (options.kind == CallKind::kBidi) {
    text += ", " + std::to_string(options.messages_in_flight) + " in flight";
  }
  return text;
}

std::string FormatLoad(const Options& options, const RunResult& result) {
  return FormatMethod(options) + "  " + FormatLoop(options) + "  " +
         Plural(result.shards, "shard") + "  " + Plural(options.connections, "connection") +
         " x " + Plural(options.streams_per_connection, "stream") + "  " + FormatExtent(options) +
         "  " + Printable(result.environment.io_mode);
}

std::string FormatReport(const Options& options, const RunResult& result) {
  std::string text = FormatHeader(options, result);
  text += FormatTotals(options, result);
  text += FormatLatencies(result);
  text += FormatMessages(options, result);
  text += FormatMethods(options, result);
  text += FormatConnects(options, result);
  text += FormatGenerator(result);
  if (result.server) text += FormatServer(result);
  text += FormatErrors(result.tally);
  for (const std::string& note : result.notes) text += " note        " + Printable(note) + "\n";
  return text;
}

}  // namespace penstock::loadtest
