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

http1::Response PageOf(std::string html) {
  return {.content_type = std::string(HtmlPage::kContentType), .body = std::move(html)};
}

// Every browser takes gzip; who asks with curl says --compressed.
http1::Response AnswerOf(const wire::EmbeddedFile& asset) {
  return {.content_type = std::string(ContentTypeOf(asset.name)),
          .body = std::string(asset.octets),
          .fields = {{"content-encoding", "gzip"}}};
}

// 0 for what is no number.
uint64_t NumberOf(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && read == end ? number : 0;
}

// Typed, or from a page of this port; and of programs, which do not say.
bool IsFromHere(const http1::Request& request) {
  const std::string& site = request.fetch_site;
  return site.empty() || site == "none" || site == "same-origin";
}

const wire::EmbeddedFile* FindAsset(std::string_view name) {
  for (const wire::EmbeddedFile& asset : Assets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace

struct Admin::Page {
  std::string_view path;
  std::string_view what;
  std::optional<http1::Response> (Admin::*answer)(const Asked& asked);
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
      snapshots_(subject.shards, subject.states),
      traces_(subject.shards, subject.states),
      port_([this](const http1::Request& request, TimeNs asked_at) {
        return Answer({request, asked_at});
      }) {}

void Admin::Start() {
  methods_ = subject_.registry->methods();
  started_at_ = reactor::ReadClock();
  port_.Start();
}

std::optional<http1::Response> Admin::Answer(const Asked& asked) {
  std::string_view path = asked.request.path;
  if (path == "/") return Index(asked);
  if (path.ends_with('/')) path.remove_suffix(1);  // as people type it
  for (const Page& page : kPages) {
    if (page.path == path) return (this->*page.answer)(asked);
  }
  if (path.starts_with(kAssetsFolder)) {
    const wire::EmbeddedFile* asset = FindAsset(path.substr(kAssetsFolder.size()));
    if (asset != nullptr) return AnswerOf(*asset);
  }
  std::string text = "there is no such page; there is\n";
  for (const Page& page : kPages) {
    text.append("  ").append(page.path).append("  ").append(page.what).append("\n");
  }
  return http1::Response{.status = 404, .body = text};
}

std::optional<http1::Response> Admin::Index(const Asked&) {
  HtmlPage page("A penstock server");
  for (const Page& each : kPages) page.Link(each.path, each.what);
  return PageOf(page.text());
}

std::optional<http1::Response> Admin::Healthz(const Asked&) {
  return http1::Response{.body = "ok\n"};
}

std::optional<http1::Response> Admin::Readyz(const Asked&) {
  const char* why = nullptr;
  if (!ready_.load(std::memory_order_relaxed)) {
    why = "not ready: the server starts, or drains\n";
  } else if (subject_.health->Find("") != HealthStatus::kServing) {
    why = "not ready: the program has set its health so\n";
  }
  if (why != nullptr) return http1::Response{.status = 503, .body = why};
  return http1::Response{.body = "ready\n"};
}

std::optional<http1::Response> Admin::Metrics(const Asked& asked) {
  const auto shards = snapshots_.Collect({}, asked.at);
  if (!shards) return std::nullopt;
  return http1::Response{.content_type = std::string(PrometheusText::kContentType),
                         .body = MetricsPage(*shards, methods_, subject_.tls)};
}

std::optional<http1::Response> Admin::Numbers(const Asked& asked) {
  const auto shards = snapshots_.Collect({}, asked.at);
  if (!shards) return std::nullopt;
  return http1::Response{.content_type = "application/json",
                         .body = NumbersPage(*shards, methods_)};
}

std::optional<http1::Response> Admin::Dashboard(const Asked&) {
  return AnswerOf(*FindAsset("dashboard.html"));
}

std::optional<http1::Response> Admin::Methods(const Asked& asked) {
  return DebugPage(asked, {}, &MethodsPage);
}
std::optional<http1::Response> Admin::Shards(const Asked& asked) {
  return DebugPage(asked, {}, &ShardsPage);
}
std::optional<http1::Response> Admin::Limits(const Asked& asked) {
  return DebugPage(asked, {}, &LimitsPage);
}
std::optional<http1::Response> Admin::Connections(const Asked& asked) {
  return DebugPage(asked, {.connections = true}, &ConnectionsPage);
}
std::optional<http1::Response> Admin::Calls(const Asked& asked) {
  return DebugPage(asked, {.notable_calls = true}, &CallsPage);
}

// With an id it begins a trace, and sends the browser to the page without: loading that anew begins
// nothing.
std::optional<http1::Response> Admin::TraceFrames(const Asked& asked) {
  const auto connection = asked.request.QueryValue("connection");
  const uint64_t connection_id = NumberOf(connection);
  if (connection_id == 0 && !connection.empty()) {
    return http1::Response{.status = 400,
                           .body = "connection=ID takes the number of a connection: "
                                   "/debug/connections has them\n"};
  }
  if (connection_id == 0) {
    const std::optional<Trace> trace = traces_.Read(asked.at);
    if (!trace) return std::nullopt;
    return PageOf(TracePage(*trace));
  }
  if (!IsFromHere(asked.request)) {
    return http1::Response{.status = 403,
                           .body = "a page from elsewhere does not begin a trace: it would end the "
                                   "one that runs; open /debug/connections\n"};
  }
  const uint64_t seconds =
      std::clamp<uint64_t>(NumberOf(asked.request.QueryValue("seconds")), 1, 60);
  const TimeNs duration_ns = static_cast<TimeNs>(seconds) * kNsPerSecond;
  if (!traces_.Start(connection_id, duration_ns, asked.at)) return std::nullopt;
  return http1::Response{.status = 303,
                         .body = "the trace has begun: /debug/trace\n",
                         .fields = {{"location", "/debug/trace"}}};
}

std::optional<http1::Response> Admin::DebugPage(const Asked& asked, const SnapshotWishes& wishes,
                                                std::string (*page)(const DebugView& view)) {
  std::optional<std::vector<ShardSnapshot>> now = snapshots_.Collect(wishes, asked.at);
  if (!now) return std::nullopt;
  const TimeNs now_at = reactor::ReadClock();
  if (!latest_.empty() && now_at - latest_at_ >= kRateNsMin) {
    before_ = std::exchange(latest_, {});
    before_at_ = latest_at_;
  }
  const TimeNs since = before_.empty() ? started_at_ : before_at_;
  http1::Response response = PageOf(page({*now, before_, methods_, now_at - since}));
  if (latest_.empty()) {
    latest_ = *std::move(now);
    latest_at_ = now_at;
  }
  return response;
}

}  // namespace penstock::server
