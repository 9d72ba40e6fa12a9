#include "penstock/server/admin/debug_pages.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "penstock/http2/limit.h"
#include "penstock/rpc/status_name.h"
#include "penstock/server/admin/html.h"
#include "penstock/server/admin/metrics_page.h"

namespace penstock::server {
namespace {

constexpr int kRefreshSeconds = 5;

std::string Formatted(const char* format, double value) {
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), format, value);
  return std::string(text.data(), static_cast<size_t>(std::max(length, 0)));
}

std::string RateText(double rate) { return Formatted(rate < 10 ? "%.1f" : "%.0f", rate); }

// "12" of 5 by 2: "2.5"; "-" where there is nothing to divide by.
std::string RatioText(uint64_t sum, uint64_t count) {
  if (count == 0) return "-";
  return Formatted("%.1f", static_cast<double>(sum) / static_cast<double>(count));
}

std::string QuantileText(const wire::DurationHistogram& times, double quantile) {
  return times.total() == 0 ? "-" : DurationText(times.Quantile(quantile));
}

std::string AverageBytes(const wire::SizeHistogram& sizes) {
  const uint64_t count = sizes.total();
  return count == 0 ? "-" : BytesText(sizes.sum_bytes() / count);
}

// "NotFound 3, Internal 1"
std::string ErrorsText(const MethodMetrics& method) {
  std::string text;
  for (size_t code = 1; code < kStatusCodesCount; ++code) {
    if (method.handled_counts[code] == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(StatusNameInGo(code)) + " " + std::to_string(method.handled_counts[code]);
  }
  return text;
}

// Never negative.
uint64_t Difference(uint64_t now, uint64_t before) { return now - std::min(now, before); }

// Of one shard, what rates are told against. There are none where there is nothing to compare: it
// had not answered before, or has not since.
struct Earlier {
  // `nothing`: what it was before it began.
  Earlier(const DebugView& view, size_t shard, const ShardSnapshot* nothing) : snapshot(nothing) {
    if (view.before.empty()) {
      since_ns = view.since_ns;
    } else if (shard < view.before.size() && view.before[shard].taken_at != 0) {
      snapshot = &view.before[shard];
      since_ns = view.shards[shard].taken_at - snapshot->taken_at;
    }
  }

  bool has_rates() const { return since_ns > 0; }
  // By the second; 0 where there are none.
  double RateOf(uint64_t now, uint64_t before) const {
    if (!has_rates()) return 0;
    return static_cast<double>(Difference(now, before)) / (static_cast<double>(since_ns) / 1e9);
  }

  const ShardSnapshot* snapshot;
  TimeNs since_ns = 0;
};

// Calls that ended, by the second and method, over all shards; of the unknown method the last.
std::vector<double> EndedRates(const DebugView& view) {
  const ShardSnapshot nothing;
  std::vector<double> rates(view.methods.size() + 1);
  for (size_t i = 0; i < view.shards.size(); ++i) {
    const Earlier earlier(view, i, &nothing);
    const ShardSnapshot& now = view.shards[i];
    const std::vector<MethodMetrics>& before = earlier.snapshot->methods;
    for (size_t j = 0; j < now.methods.size() && j < view.methods.size(); ++j) {
      rates[j] += earlier.RateOf(now.methods[j].handled_count(),
                                 j < before.size() ? before[j].handled_count() : 0);
    }
    rates.back() += earlier.RateOf(now.unknown.handled_count(),
                                   earlier.snapshot->unknown.handled_count());
  }
  return rates;
}

void SayWhoIsMissing(const DebugView& view, HtmlPage* page) {
  for (const ShardSnapshot& shard : view.shards) {
    if (shard.has_answered) continue;
    page->Paragraph("Shard " + std::to_string(shard.index) +
                    " has not answered within a second: a handler holds it up, or it has ended. "
                    "What is below is without it, or as it was when it answered last.");
  }
}

void AddMethodRow(const std::string& service, const std::string& method, std::string_view type,
                  const MethodMetrics& now, double ended_rate, HtmlPage* page) {
  page->Row({service, method, std::string(type), std::to_string(now.started_count),
             std::to_string(Difference(now.started_count, now.handled_count())),
             RateText(ended_rate), QuantileText(now.times, 0.5), QuantileText(now.times, 0.99),
             AverageBytes(now.received_sizes), AverageBytes(now.sent_sizes), ErrorsText(now)});
}

}  // namespace

std::string DurationText(TimeNs duration_ns) {
  const auto ns = static_cast<double>(duration_ns);
  if (duration_ns < kNsPerUs) return Formatted("%.0f ns", ns);
  if (duration_ns < kNsPerMs) return Formatted("%.1f us", ns / kNsPerUs);
  if (duration_ns < kNsPerSecond) return Formatted("%.1f ms", ns / kNsPerMs);
  const TimeNs seconds = duration_ns / kNsPerSecond;
  if (seconds < 60) return Formatted("%.1f s", ns / kNsPerSecond);
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string BytesText(uint64_t bytes) {
  const auto count = static_cast<double>(bytes);
  if (bytes < 1024) return std::to_string(bytes) + " B";
  if (bytes < 1024 * 1024) return Formatted("%.1f KiB", count / 1024);
  if (bytes < 1024ull * 1024 * 1024) return Formatted("%.1f MiB", count / 1024 / 1024);
  return Formatted("%.1f GiB", count / 1024 / 1024 / 1024);
}

std::string MethodsPage(const DebugView& view) {
  HtmlPage page("Methods", kRefreshSeconds);
  SayWhoIsMissing(view, &page);
  page.Paragraph("Rates over the last " + DurationText(view.since_ns) +
                 "; the rest since the server began. p50 and p99 are upper bounds, of a sample.");
  const std::vector<MethodMetrics> now = SumOfMethods(view.shards, view.methods.size());
  const std::vector<double> ended_rates = EndedRates(view);
  page.BeginTable({"service", "method", "kind", "started", "in progress", "ended/s", "p50", "p99",
                   "received, mean", "sent, mean", "errors"});
  std::vector<size_t> order(view.methods.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return view.methods[a]->path < view.methods[b]->path;
  });
  for (const size_t i : order) {
    const MethodEntry& method = *view.methods[i];
    AddMethodRow(std::string(ServiceOfPath(method.path)), std::string(MethodOfPath(method.path)),
                 TypeOf(method), now[i], ended_rates[i], &page);
  }
  if (now.back().started_count != 0) {
    AddMethodRow("(unknown)", "(no handler)", "", now.back(), ended_rates.back(), &page);
  }
  page.EndTable();
  return page.text();
}

std::string ConnectionsPage(const DebugView& view) {
  HtmlPage page("Connections", kRefreshSeconds);
  SayWhoIsMissing(view, &page);
  page.BeginTable({"id", "shard", "peer", "age", "streams", "send window", "receive window",
                   "queued", "unread", ""});
  for (const ShardSnapshot& shard : view.shards) {
    for (const ConnectionRow& row : shard.connections) {
      page.Row({std::to_string(row.id), std::to_string(shard.index), row.peer,
                DurationText(row.age_ns), std::to_string(row.streams_count),
                std::to_string(row.send_window_bytes), std::to_string(row.receive_window_bytes),
                BytesText(row.queued_bytes), BytesText(row.unread_bytes),
                row.is_closing ? "closing" : ""});
    }
  }
  page.EndTable();
  for (const ShardSnapshot& shard : view.shards) {
    if (shard.connections.size() < ShardSnapshot::kConnectionsMax) continue;
    page.Paragraph("Of shard " + std::to_string(shard.index) + " the oldest " +
                   std::to_string(ShardSnapshot::kConnectionsMax) + " of " +
                   std::to_string(shard.connections_count) + ".");
  }
  return page.text();
}

std::string ShardsPage(const DebugView& view) {
  HtmlPage page("Shards", kRefreshSeconds);
  SayWhoIsMissing(view, &page);
  page.Paragraph("A turn is one round of a shard's loop: what comes meanwhile waits so long. Load "
                 "is the share of the last " +
                 DurationText(view.since_ns) +
                 " that its thread was on a core, in the kernel as well.");
  page.BeginTable({"shard", "io", "load", "turn p50", "turn p99", "answered in", "turns/s",
                   "completions/turn", "calls/turn", "octets/send", "connections", "streams",
                   "handlers", "memory", "slabs", "letters", "late handlers"});
  const ShardSnapshot nothing;
  for (size_t i = 0; i < view.shards.size(); ++i) {
    const ShardSnapshot& shard = view.shards[i];
    if (!shard.has_answered) continue;
    const Earlier earlier(view, i, &nothing);
    const ShardSnapshot& before = *earlier.snapshot;
    const bool has_rates = earlier.has_rates();
    const reactor::ShardStats& stats = shard.stats;
    const double busy_ns_per_second = earlier.RateOf(static_cast<uint64_t>(shard.cpu_ns),
                                                     static_cast<uint64_t>(before.cpu_ns));
    page.Row({std::to_string(shard.index),
              shard.io == reactor::IoMode::kUring ? "io_uring" : "epoll",
              has_rates ? Formatted("%.0f %%", 100 * busy_ns_per_second / kNsPerSecond) : "-",
              QuantileText(stats.turn_times, 0.5), QuantileText(stats.turn_times, 0.99),
              DurationText(shard.lag_ns),
              has_rates ? RateText(earlier.RateOf(stats.turns, before.stats.turns)) : "-",
              RatioText(stats.completions, stats.turns),
              RatioText(shard.counters.calls_started, stats.turns),
              RatioText(stats.sent_bytes, stats.sends), std::to_string(shard.connections_count),
              std::to_string(shard.streams_count), std::to_string(shard.handlers_count),
              BytesText(shard.memory_bytes), BytesText(shard.slab_bytes),
              std::to_string(stats.letters), std::to_string(shard.counters.handlers_late)});
  }
  page.EndTable();
  return page.text();
}

std::string LimitsPage(const DebugView& view) {
  HtmlPage page("Limits", kRefreshSeconds);
  SayWhoIsMissing(view, &page);
  http2::LimitTrips trips;
  for (const ShardSnapshot& shard : view.shards) trips.Add(shard.counters.limit_trips);
  page.Paragraph(trips.total() == 0 ? "No limit has been reached since the server began."
                                    : "Reached since the server began; the others never.");
  page.BeginTable({"limit", "reached"});
  for (size_t i = 0; i < http2::kLimitsCount; ++i) {
    const auto limit = static_cast<http2::Limit>(i);
    if (trips[limit] != 0) page.Row({http2::NameOf(limit), std::to_string(trips[limit])});
  }
  page.EndTable();
  return page.text();
}

std::string CallsPage(const DebugView& view) {
  HtmlPage page("Failed and slow calls", kRefreshSeconds);
  SayWhoIsMissing(view, &page);
  page.Paragraph("The latest " + std::to_string(ShardMetrics::kNotableCallsMax) +
                 " of each shard: those that failed, and of the sample that is timed those with "
                 "one answer that took " + DurationText(ShardMetrics::kSlowNs) + " or more.");
  page.BeginTable({"ago", "shard", "method", "status", "took", "connection", "message"});
  struct Row {
    TimeNs ago_ns;
    int shard;
    const NotableCall* call;
  };
  std::vector<Row> rows;
  for (const ShardSnapshot& shard : view.shards) {
    for (const NotableCall& call : shard.notable_calls) {
      rows.push_back({shard.taken_at - call.ended_at, shard.index, &call});
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.ago_ns < b.ago_ns; });
  for (const Row& row : rows) {
    const NotableCall& call = *row.call;
    page.Row({DurationText(row.ago_ns), std::to_string(row.shard), call.method->path,
              std::string(StatusNameInGo(static_cast<size_t>(call.code))),
              DurationText(call.took_ns), std::to_string(call.connection_id),
              std::string(call.message())});
  }
  page.EndTable();
  return page.text();
}

}  // namespace penstock::server
