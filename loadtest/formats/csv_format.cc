#include "penstock/loadtest/formats/csv_format.h"

#include <cstdio>
#include <optional>

namespace penstock::loadtest {
namespace {

std::string Fixed(double value, int decimals) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

template <typename Integer>
std::string OrEmpty(const std::optional<Integer>& value) {
  return value ? std::to_string(*value) : "";
}

}  // namespace

std::string FormatCsv(const RunRecord& record) {
  std::string text =
      "at_s,ok,errors,carried_ok,dropped,rps,in_flight,messages_sent,messages_received,"
      "p50_ns,p99_ns,p99_9_ns,max_ns,generator_cpu,server_cores,server_rss_bytes\n";
  const auto if_streams = [&record](uint64_t count) {
    return record.options.streams() ? std::to_string(count) : "";
  };
  double begin_s = 0;
  for (const SeriesEntry& entry : record.result.series) {
    const double span_s = entry.at_s - begin_s;
    const auto ok = static_cast<double>(entry.ok_count + entry.carried_ok_count);
    text += Fixed(entry.at_s, 3) + "," + std::to_string(entry.ok_count) + "," +
            std::to_string(entry.error_count) + "," + std::to_string(entry.carried_ok_count) + "," +
            (record.result.is_open_loop ? std::to_string(entry.dropped_count) : "") + "," +
            (span_s > 0 ? Fixed(ok / span_s, 1) : "") + "," +
            std::to_string(entry.in_flight_count) + "," +
            if_streams(entry.messages_sent_count) + "," +
            if_streams(entry.messages_received_count) + "," + OrEmpty(entry.p50_ns) + "," +
            OrEmpty(entry.p99_ns) + "," + OrEmpty(entry.p999_ns) + "," + OrEmpty(entry.max_ns) +
            "," + Fixed(entry.generator_cpu, 3) + "," +
            (entry.server_cores ? Fixed(*entry.server_cores, 3) : "") + "," +
            OrEmpty(entry.server_rss_bytes) + "\n";
    begin_s = entry.at_s;
  }
  return text;
}

}  // namespace penstock::loadtest
