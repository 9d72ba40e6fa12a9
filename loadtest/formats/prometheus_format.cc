#include "penstock/loadtest/formats/prometheus_format.h"

#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "penstock/loadtest/histogram.h"

namespace penstock::loadtest {
namespace {

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string Escape(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text;
}

class Page {
 public:
  explicit Page(const Options& options)
      : labels_("method=\"" + Escape(options.method) + "\",target=\"" + Escape(options.target) +
                "\"") {}

  void Describe(const std::string& name, const char* type, const char* help) {
    name_ = kPrefix + name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }
  // Of what was described last.
  void Add(double value, const std::string& label = "", const char* suffix = "") {
    text_ += name_ + suffix + "{" + labels_ + (label.empty() ? "" : "," + label) + "} " +
             Number(value) + "\n";
  }
  void AddGauge(const std::string& name, const char* help, double value) {
    Describe(name, "gauge", help);
    Add(value);
  }
  void AddSummary(const std::string& name, const char* help, const Histogram& latency) {
    Describe(name, "summary", help);
    const std::pair<const char*, Quantile> quantiles[] = {
        {"0.5", kP50}, {"0.9", kP90}, {"0.99", kP99}, {"0.999", kP999}, {"0.9999", kP9999}};
    for (const auto& [label, quantile] : quantiles) {
      const std::optional<int64_t> value_ns = latency.Percentile(quantile);
      if (!value_ns) continue;
      Add(static_cast<double>(*value_ns) / 1e9, "quantile=\"" + std::string(label) + "\"");
    }
    Add(latency.mean() * static_cast<double>(latency.count()) / 1e9, "", "_sum");
    Add(static_cast<double>(latency.count()), "", "_count");
  }
  std::string Take() { return std::move(text_); }

 private:
  static constexpr char kPrefix[] = "penstock_load_";

  const std::string labels_;
  std::string name_;
  std::string text_;
};

void AddCalls(const RunResult& result, Page* page) {
  page->Describe("calls_total", "counter", "Calls that ended, by their status.");
  page->Add(static_cast<double>(result.tally.ok_count()), "status=\"OK\"");
  for (uint8_t status = 1; status < kStatusCount; ++status) {
    const uint64_t count = result.tally.errors()[status].count;
    if (count == 0) continue;
    page->Add(static_cast<double>(count), "status=\"" + std::string(StatusName(status)) + "\"");
  }
  page->AddGauge("unfinished_calls", "Calls without an answer when the window closed.",
                 static_cast<double>(result.unfinished_count));
  if (!result.is_open_loop) return;
  page->Describe("offered_calls_total", "counter", "Calls that were due, dropped ones too.");
  page->Add(static_cast<double>(result.offered_count));
  page->Describe("dropped_calls_total", "counter", "Calls that were due, and not sent.");
  page->Add(static_cast<double>(result.dropped_count));
}

}  // namespace

std::string FormatPrometheus(const RunRecord& record) {
  const RunResult& result = record.result;
  Page page(record.options);
  AddCalls(result, &page);
  if (record.options.streams()) {
    page.Describe("messages_sent_total", "counter", "Messages that streams sent.");
    page.Add(static_cast<double>(result.messages.sent_count));
    page.Describe("messages_received_total", "counter", "Messages that streams received.");
    page.Add(static_cast<double>(result.messages.received_count));
  }
  page.AddGauge("window_seconds", "How long was measured.", result.seconds_measured());
  page.AddGauge("throughput_calls_per_second", "Calls that ended with OK.", result.rps());
  if (record.options.has_deadline()) {
    page.AddGauge("goodput_calls_per_second", "Of them those within their deadline.",
                  result.goodput());
  }
  if (result.is_open_loop) {
    page.AddSummary("response_seconds", "From when a call was due to its answer.",
                    result.tally.response());
  }
  page.AddSummary("service_seconds", "From when a call was sent to its answer.",
                  result.tally.latency());
  page.AddGauge("generator_cpu_ratio", "Of the generator's busiest core.",
                result.generator_cpu_busiest);
  page.AddGauge("generator_bound", "Whether the generator was the limit.",
                result.generator_bound() ? 1 : 0);
  if (result.is_open_loop) {
    page.AddSummary("generator_lateness_seconds", "How much later calls were sent than possible.",
                    result.lateness);
  }
  if (!result.server || result.measured_ns == 0) return page.Take();
  page.AddGauge("server_call_cpu_seconds", "The server's processor time for a call.",
                result.PerRpc(result.server->cpu_ns) / 1e9);
  page.AddGauge("server_cores", "Cores that the server used.",
                result.server->cpu_ns / static_cast<double>(result.measured_ns));
  page.AddGauge("server_resident_memory_bytes", "The server's memory at the end.",
                static_cast<double>(result.server->rss_bytes));
  return page.Take();
}

}  // namespace penstock::loadtest
