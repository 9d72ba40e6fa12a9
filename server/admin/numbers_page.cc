#include "penstock/server/admin/numbers_page.h"

#include "penstock/reactor/cpu.h"
#include "penstock/rpc/status_name.h"
#include "penstock/server/admin/metrics_page.h"

namespace penstock::server {
namespace {

void AppendKey(std::string_view key, std::string* text) {
  if (text->back() != '{') *text += ',';
  text->append("\"").append(key).append("\":");
}

// Numbers above 2^53 are not exact in a browser; what is drawn needs less.
template <typename Number>
void Append(std::string_view key, Number value, std::string* text) {
  AppendKey(key, text);
  *text += std::to_string(value);
}

void AppendShard(const ShardSnapshot& shard, std::string* text) {
  *text += '{';
  Append("shard", shard.index, text);
  Append("up", shard.has_answered ? 1 : 0, text);
  Append("busy_ns", shard.cpu_ns, text);
  Append("turns", shard.stats.turns, text);
  Append("connections", shard.connections_count, text);
  Append("streams", shard.streams_count, text);
  Append("memory_bytes", shard.memory_bytes, text);
  Append("received_bytes", shard.stats.received_bytes, text);
  Append("sent_bytes", shard.stats.sent_bytes, text);
  *text += '}';
}

}  // namespace

std::string NumbersPage(const std::vector<ShardSnapshot>& shards,
                        const std::vector<const MethodEntry*>& methods) {
  MethodMetrics all;
  for (const MethodMetrics& method : SumOfMethods(shards, methods.size())) all.Add(method);
  std::string text = "{";
  Append("now_ns", reactor::ReadClock(), &text);
  Append("started", all.started_count, &text);
  AppendKey("handled", &text);
  text += '{';
  for (size_t code = 0; code < kStatusCodesCount; ++code) {
    if (code != 0 && all.handled_counts[code] == 0) continue;
    Append(StatusNameInGo(code), all.handled_counts[code], &text);
  }
  text += '}';
  AppendKey("times", &text);
  for (size_t i = 0; i < wire::DurationHistogram::kBucketsCount; ++i) {
    text.append(i == 0 ? "[" : ",").append(std::to_string(all.times.count(i)));
  }
  text += ']';
  AppendKey("upper_ns", &text);
  for (size_t i = 0; i + 1 < wire::DurationHistogram::kBucketsCount; ++i) {
    text.append(i == 0 ? "[" : ",")
        .append(std::to_string(wire::DurationHistogram::UpperNs(i)));
  }
  text += ']';
  AppendKey("shards", &text);
  for (size_t i = 0; i < shards.size(); ++i) {
    text += i == 0 ? '[' : ',';
    AppendShard(shards[i], &text);
  }
  text += shards.empty() ? "[]}" : "]}";
  return text;
}

}  // namespace penstock::server
