#include "penstock/server/admin/admin.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "penstock/reactor/cpu.h"
#include "penstock/server/admin/assets.h"
#include "penstock/server/admin/html.h"
#include "penstock/server/admin/metrics_page.h"
#include "penstock/server/admin/numbers_page.h"
#include "penstock/server/admin/prometheus.h"

namespace penstock::server {
namespace {

// Rates over less than this are noise.
constexpr TimeNs kRateNsMin = 2 * kNsPerSecond;

constexpr std::string_view kAssetsFolder = "/dashboard/";

std::string_view ContentTypeOf(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return HtmlPage::kContentType;
}

// Every browser takes gzip; who asks with curl says --compressed.
http1::Response AnswerOf(const Asset& asset) {
  return {.content_type = std::string(ContentTypeOf(asset.name)),
          .body = std::string(asset.gzip),
          .fields = {{"content-encoding", "gzip"}}};
}

// 0 for what is no number.
uint64_t NumberOf(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && read == end ? number : 0;
}

const Asset* FindAsset(std::string_view name) {
  for (const Asset& asset : Assets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace

struct Admin::Page {
  std::string_view path;
  std::string_view what;
  http1::Response (Admin::*answer)(const http1::Request& request);
};

const Admin::Page Admin::kPages[] = {
    {"/healthz", "200 for as long as the process runs", &Admin::Healthz},
    {"/readyz", "200 while new calls are welcome, else 503", &Admin::Readyz},
    {"/metrics", "for Prometheus", &Admin::Metrics},
    {"/dashboard", "throughput, times, errors and load, live", &Admin::Dashboard},
    {"/dashboard/numbers.json", "what the dashboard draws", &Admin::Numbers},
    {"/debug", "this list", &Admin::Index},
    {"/debug/methods", "services and methods: rates, times, errors", &Admin::Methods},
    {"/debug/connections", "connections: peers, streams, windows, what is queued",
     &Admin::Connections},
    {"/debug/shards", "shards: load, turns, batches, memory", &Admin::Shards},
    {"/debug/limits", "limits that were reached", &Admin::Limits},
    {"/debug/trace", "the frames of a connection, ?connection=ID&seconds=N", &Admin::TraceFrames},
    {"/debug/calls", "calls that failed or took long, the latest", &Admin::Calls},
};

Admin::Admin(const AdminSubject& subject)
    : subject_(subject),
      traces_(subject.shards, subject.states),
      port_([this](const http1::Request& request) { return Answer(request); }) {}

void Admin::Start() {
  methods_ = subject_.registry->methods();
  started_at_ = reactor::ReadClock();
  port_.Start();
}

http1::Response Admin::Answer(const http1::Request& request) {
  if (request.path == "/") return Index(request);
  for (const Page& page : kPages) {
    if (page.path == request.path) return (this->*page.answer)(request);
  }
  if (request.path.starts_with(kAssetsFolder)) {
    const Asset* asset = FindAsset(std::string_view(request.path).substr(kAssetsFolder.size()));
    if (asset != nullptr) return AnswerOf(*asset);
  }
  std::string text = "there is no such page; there is\n";
  for (const Page& page : kPages) {
    text.append("  ").append(page.path).append("  ").append(page.what).append("\n");
  }
  return {.status = 404, .body = text};
}

http1::Response Admin::Index(const http1::Request&) {
  HtmlPage page("A penstock server");
  for (const Page& each : kPages) page.Link(each.path, each.what);
  return {.content_type = std::string(HtmlPage::kContentType), .body = page.text()};
}

http1::Response Admin::Healthz(const http1::Request&) { return {.body = "ok\n"}; }

http1::Response Admin::Readyz(const http1::Request&) {
  if (ready_.load(std::memory_order_relaxed)) return {.body = "ready\n"};
  return {.status = 503, .body = "not ready: the server starts, or drains\n"};
}

http1::Response Admin::Metrics(const http1::Request&) {
  return {.content_type = std::string(PrometheusText::kContentType),
          .body = MetricsPage(Collect({}), methods_)};
}

http1::Response Admin::Numbers(const http1::Request&) {
  return {.content_type = "application/json", .body = NumbersPage(Collect({}), methods_)};
}

http1::Response Admin::Dashboard(const http1::Request&) {
  return AnswerOf(*FindAsset("dashboard.html"));
}

http1::Response Admin::Methods(const http1::Request&) { return DebugPage({}, &MethodsPage); }
http1::Response Admin::Shards(const http1::Request&) { return DebugPage({}, &ShardsPage); }
http1::Response Admin::Limits(const http1::Request&) { return DebugPage({}, &LimitsPage); }
http1::Response Admin::Connections(const http1::Request&) {
  return DebugPage({.connections = true}, &ConnectionsPage);
}
http1::Response Admin::Calls(const http1::Request&) {
  return DebugPage({.notable_calls = true}, &CallsPage);
}

// With an id it begins a trace, and sends the browser to the page without: loading that anew begins
// nothing.
http1::Response Admin::TraceFrames(const http1::Request& request) {
  const uint64_t connection_id = NumberOf(request.QueryValue("connection"));
  if (connection_id == 0) {
    return {.content_type = std::string(HtmlPage::kContentType), .body = TracePage(traces_.Read())};
  }
  const uint64_t seconds = std::clamp<uint64_t>(NumberOf(request.QueryValue("seconds")), 1, 60);
  traces_.Start(connection_id, static_cast<TimeNs>(seconds) * kNsPerSecond);
  return {.status = 303,
          .body = "the trace has begun: /debug/trace\n",
          .fields = {{"location", "/debug/trace"}}};
}

http1::Response Admin::DebugPage(const SnapshotWishes& wishes,
                                 std::string (*page)(const DebugView& view)) {
  std::vector<ShardSnapshot> now = Collect(wishes);
  const TimeNs now_at = reactor::ReadClock();
  if (!latest_.empty() && now_at - latest_at_ >= kRateNsMin) {
    before_ = std::exchange(latest_, {});
    before_at_ = latest_at_;
  }
  const TimeNs since = before_.empty() ? started_at_ : before_at_;
  http1::Response response{.content_type = std::string(HtmlPage::kContentType),
                           .body = page({now, before_, methods_, now_at - since})};
  if (latest_.empty()) {
    latest_ = std::move(now);
    latest_at_ = now_at;
  }
  return response;
}

std::vector<ShardSnapshot> Admin::Collect(const SnapshotWishes& wishes) const {
  return CollectSnapshots(*subject_.shards, *subject_.states, wishes);
}

}  // namespace penstock::server
