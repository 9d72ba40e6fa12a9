#include "penstock/loadtest/report.h"

#include <cstdarg>
#include <cstdio>

#include "penstock/loadtest/units.h"
#include "penstock/loadtest/version.h"

namespace penstock::loadtest {
namespace {

constexpr size_t kMessageCharactersMax = 160;

__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

std::string Plural(uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

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
  std::string text = "penstock-load " + std::string(kVersion) + "  unary " + options.method +
                     "  closed loop  " + Plural(result.shards, "shard") + "  " +
                     Plural(options.connections, "connection") + " x " +
                     Plural(options.streams_per_connection, "stream") + "  " +
                     FormatExtent(options) + "  " + result.environment.io_mode + "\n";
  return text +
         " a closed loop hides queueing: a slot sends its next call only when the last one has"
         " ended\n";
}

std::string FormatTotals(const RunResult& result) {
  return Format(" %s %s   %s rps   OK %llu   errors %llu\n",
                result.interrupted ? "interrupted after" : "done",
                FormatDuration(static_cast<double>(result.measured_ns)).c_str(),
                FormatRate(result.rps()).c_str(),
                static_cast<unsigned long long>(result.tally.ok_count()),
                static_cast<unsigned long long>(result.tally.error_count()));
}

std::string FormatLatency(const Histogram& latency) {
  std::string text =
      Format(" %-9s %8s %8s %8s %8s %8s %8s\n", "", "p50", "p90", "p99", "p99.9", "p99.99", "max");
  text += Format(" %-9s", "service");
  for (const Quantile quantile : {kP50, kP90, kP99, kP999, kP9999}) {
    const std::optional<int64_t> value = latency.Percentile(quantile);
    text += Format(" %8s", value ? FormatDuration(static_cast<double>(*value)).c_str() : "n/a");
  }
  const std::string max =
      latency.count() == 0 ? "n/a" : FormatDuration(static_cast<double>(latency.max()));
  return text + Format(" %8s   from the actual send\n", max.c_str());
}

std::string FormatGenerator(const RunResult& result) {
  std::string verdict = "ok";
  if (result.generator_starved()) {
    verdict =
        Format("other programs had its core %.0f %% of the time; ", 100 * result.generator_waited);
  }
  if (result.generator_bound()) {
    verdict = (result.generator_starved() ? verdict : "") +
              "generator-bound: the result is a lower bound";
  }
  return Format(" %-9s   cpu %.0f %% (busiest core %.0f %%)   ", "generator",
                100 * result.generator_cpu_total / result.shards,
                100 * result.generator_cpu_busiest) +
         verdict + "\n";
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
std::string Printable(const std::string& message) {
  std::string text;
  for (const char c : message.substr(0, kMessageCharactersMax)) {
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
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
    text += (line.first_message.empty() ? "(no message)" : Printable(line.first_message)) + "\n";
  }
  return text;
}

}  // namespace

std::string FormatReport(const Options& options, const RunResult& result) {
  std::string text = FormatHeader(options, result);
  text += FormatTotals(result);
  text += FormatLatency(result.tally.latency());
  text += FormatGenerator(result);
  if (result.server) text += FormatServer(result);
  text += FormatErrors(result.tally);
  for (const std::string& note : result.notes) text += " note        " + note + "\n";
  return text;
}

}  // namespace penstock::loadtest
