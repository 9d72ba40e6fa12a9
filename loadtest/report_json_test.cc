#include "penstock/loadtest/report_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

Json ReportOf(const Options& options, const RunResult& result) {
  return Json::parse(FormatJson({options, result, {}, 0}));
}

TEST(ReportJson, OfAnOpenLoopHasWhatItOffered) {
  Options options;
  options.rate.stages = {{0, 1'000}, {kNsPerSecond, 2'000}};
  options.poisson = true;
  options.seed = 7;
  RunResult result;
  result.is_open_loop = true;
  result.measured_ns = kNsPerSecond;
  result.offered_count = 105;
  result.dropped_count = 5;
  result.repeated_count = 2;
  result.carried_ok_count = 50;
  result.carried_error_count = 10;
  result.timely_ok_count = 120;
  result.server = ProcessUsage{16e6, 0, 0, 4096};
  for (int i = 0; i < 100; ++i) result.tally.RecordOk(100);
  for (int i = 0; i < 100; ++i) result.tally.RecordResponse(200);
  for (int i = 0; i < 100; ++i) result.lateness.Record(10);
  Json report = ReportOf(options, result);
  EXPECT_EQ(report["load"]["mode"], "open");
  EXPECT_EQ(report["load"]["arrival"], "poisson");
  EXPECT_EQ(report["load"]["seed"], 7);
  EXPECT_EQ(report["load"]["max_in_flight"], Options::kInFlightMaxDefault);
  EXPECT_EQ(report["load"]["stages"][1]["at_ns"], kNsPerSecond);
  EXPECT_EQ(report["load"]["stages"][1]["per_second"], 2'000.0);
  EXPECT_EQ(report["totals"]["offered"], 105);
  EXPECT_EQ(report["totals"]["dropped"], 5);
  EXPECT_EQ(report["totals"]["repeated"], 2);
  EXPECT_EQ(report["totals"]["ok"], 100);
  EXPECT_EQ(report["totals"]["carried_ok"], 50);
  EXPECT_EQ(report["totals"]["carried_errors"], 10);
  EXPECT_EQ(report["totals"]["rps"], 150.0) << "what the warm-up left behind was served, too";
  EXPECT_EQ(report["server"]["cpu_us_per_rpc"], 100.0);
  EXPECT_EQ(report["totals"]["goodput_rps"], nullptr) << "without a deadline";
  options.deadline_ns = kNsPerSecond;
  EXPECT_EQ(ReportOf(options, result)["totals"]["goodput_rps"], 120.0);
  EXPECT_EQ(report["latency"]["response"]["p50_ns"], 200);
  EXPECT_EQ(report["latency"]["service"]["p50_ns"], 100);
  EXPECT_EQ(report["generator"]["lateness"]["max_ns"], 10);
  report = ReportOf(Options(), RunResult());
  EXPECT_EQ(report["latency"]["response"], nullptr);
  EXPECT_EQ(report["totals"]["offered"], nullptr);
  EXPECT_EQ(report["load"]["stages"], nullptr);
}

TEST(ReportJson, HasTheFiguresUnderTheirKeys) {
  Options options;
  options.target = "127.0.0.1:1";
  options.method = "a.B/C";
  options.message = "1234567";
  options.connections = 10;
  options.streams_per_connection = 100;
  options.server_pid = 42;
  options.command_line = {"penstock-load", "--method", "a.B/C"};
  RunResult result;
  result.environment.version = "0.1.0";
  result.environment.kernel = "Linux 6.1";
  result.environment.io_mode = "epoll";
  result.measured_ns = 2 * kNsPerSecond;
  for (int i = 0; i < 2'000; ++i) result.tally.RecordOk(100);
  result.generator_cpu_busiest = 0.5;
  result.server = ProcessUsage{8e6, 6e6, 2e6, 4096};
  SeriesEntry second;
  second.at_s = 2;
  second.ok_count = 1'100;
  second.in_flight_count = 1'000;
  second.p50_ns = 99;
  second.generator_cpu = 0.5;
  second.server_cores = 0.75;
  result.series = {SeriesEntry(), second};
  const Json report = ReportOf(options, result);
  EXPECT_EQ(report["schema"], "penstock-load/1");
  EXPECT_EQ(report["command_line"], Json({"penstock-load", "--method", "a.B/C"}));
  EXPECT_EQ(report["environment"]["version"], "0.1.0");
  EXPECT_EQ(report["environment"]["kernel"], "Linux 6.1");
  EXPECT_EQ(report["environment"]["io_mode"], "epoll");
  EXPECT_EQ(report["load"]["mode"], "closed");
  EXPECT_EQ(report["load"]["message_bytes"], 7);
  EXPECT_EQ(report["load"]["connections"], 10);
  EXPECT_EQ(report["load"]["deadline_ns"], nullptr);
  EXPECT_EQ(report["load"]["calls_max"], nullptr);
  EXPECT_EQ(report["totals"]["rps"], 1000.0);
  EXPECT_EQ(report["totals"]["ok"], 2000);
  EXPECT_EQ(report["totals"]["errors"], 0);
  EXPECT_EQ(report["totals"]["duration_s"], 2.0);
  EXPECT_EQ(report["latency"]["service"]["p50_ns"], 100);
  EXPECT_EQ(report["latency"]["service"]["p99_ns"], 100);
  EXPECT_EQ(report["latency"]["service"]["p99_99_ns"], nullptr);
  EXPECT_EQ(report["latency"]["service"]["max_ns"], 100);
  EXPECT_EQ(report["latency"]["service"]["histogram"]["buckets"], Json::parse("[[100, 2000]]"));
  EXPECT_EQ(report["generator"]["cpu"], 0.5);
  EXPECT_EQ(report["generator"]["bound"], false);
  EXPECT_EQ(report["server"]["pid"], 42);
  EXPECT_EQ(report["server"]["cpu_us_per_rpc"], 4.0);
  EXPECT_EQ(report["server"]["user_us_per_rpc"], 3.0);
  EXPECT_EQ(report["server"]["rss_bytes"], 4096);
  EXPECT_EQ(report["series"][1],
            Json::parse(R"({"at_s": 2.0, "ok": 1100, "errors": 0, "carried_ok": 0,
                "dropped": null, "in_flight": 1000, "messages_sent": null,
                "messages_received": null, "p50_ns": 99, "p99_ns": null,
                "p99_9_ns": null, "max_ns": null, "generator_cpu": 0.5, "server_cores": 0.75,
                "server_rss_bytes": null})"));
}

TEST(ReportJson, OfStreamsTellsTheMessages) {
  Options options;
  options.kind = CallKind::kBidi;
  options.messages_per_stream = 5;
  options.messages_in_flight = 2;
  RunResult result;
  result.measured_ns = 2 * kNsPerSecond;
  result.messages.sent_count = 10;
  result.messages.received_count = 8;
  for (int i = 0; i < 8; ++i) result.messages.round_trip.Record(100);
  result.messages.first_message.Record(50);
  SeriesEntry second;
  second.messages_received_count = 8;
  result.series = {second};
  Json report = ReportOf(options, result);
  EXPECT_EQ(report["load"]["kind"], "bidi");
  EXPECT_EQ(report["load"]["messages_per_stream"], 5);
  EXPECT_EQ(report["load"]["message_interval_ns"], 0);
  EXPECT_EQ(report["load"]["messages_in_flight"], 2);
  EXPECT_EQ(report["messages"]["sent"], 10);
  EXPECT_EQ(report["messages"]["received_per_second"], 4.0);
  EXPECT_EQ(report["messages"]["round_trip"]["count"], 8);
  EXPECT_EQ(report["messages"]["first_message"]["max_ns"], 50);
  EXPECT_EQ(report["series"][0]["messages_received"], 8);
  result.messages.uneven_count = 1;
  report = ReportOf(options, result);
  EXPECT_EQ(report["messages"]["uneven_streams"], 1);
  EXPECT_EQ(report["messages"]["round_trip"], nullptr);
  report = ReportOf(Options{}, RunResult{});
  EXPECT_EQ(report["messages"], nullptr);
  EXPECT_EQ(report["load"]["messages_per_stream"], nullptr);
}

TEST(ReportJson, OfAMixHasEachMethod) {
  Options options;
  options.method = "mix shop.json";
  options.mix.resize(2);
  options.mix[0].method = "shop.Cart/Get";
  options.mix[0].weight = 3;
  options.mix[0].message = "1234";
  options.mix[0].deadline_ns = kNsPerSecond;
  options.mix[1].method = "shop.Cart/Chat";
  options.mix[1].kind = CallKind::kBidi;
  RunResult result;
  result.measured_ns = 2 * kNsPerSecond;
  result.methods.resize(2);
  result.methods[0].tally.RecordOk(100);
  result.methods[0].tally.RecordError(kUnavailable, "busy");
  result.methods[1].messages.round_trip.Record(70);
  const Json report = ReportOf(options, result);
  EXPECT_EQ(report["load"]["method"], "mix shop.json");
  EXPECT_EQ(report["load"]["seed"], 1);
  EXPECT_EQ(report["totals"]["goodput_rps"], nullptr) << "not all have a deadline";
  const Json& get = report["methods"][0];
  EXPECT_EQ(get["method"], "shop.Cart/Get");
  EXPECT_EQ(get["kind"], "unary");
  EXPECT_EQ(get["weight"], 3.0);
  EXPECT_EQ(get["message_bytes"], 4);
  EXPECT_EQ(get["deadline_ns"], kNsPerSecond);
  EXPECT_EQ(get["rps"], 0.5);
  EXPECT_EQ(get["errors"][0]["first_message"], "busy");
  EXPECT_EQ(get["latency"]["service"]["max_ns"], 100);
  EXPECT_EQ(get["messages"], nullptr);
  EXPECT_EQ(report["methods"][1]["messages"]["round_trip"]["max_ns"], 70);
  EXPECT_EQ(report["messages"]["round_trip"], nullptr);
  EXPECT_EQ(ReportOf(Options{}, RunResult{})["methods"], nullptr);
}

TEST(ReportJson, HasWhatItCostToConnectAnew) {
  Options options;
  options.reconnect_ns = kNsPerSecond;
  RunResult result;
  result.measured_ns = 2 * kNsPerSecond;
  result.connections_made = 8;
  result.connects.Record(100);
  const Json report = ReportOf(options, result);
  EXPECT_EQ(report["load"]["reconnect_ns"], kNsPerSecond);
  EXPECT_EQ(report["load"]["reconnect_calls"], nullptr);
  EXPECT_EQ(report["connects"]["made"], 8);
  EXPECT_EQ(report["connects"]["per_second"], 4.0);
  EXPECT_EQ(report["connects"]["latency"]["max_ns"], 100);
  EXPECT_EQ(ReportOf(Options{}, result)["connects"], nullptr);
}

TEST(ReportJson, ListsErrorsAndSurvivesMessagesThatAreNotUtf8) {
  RunResult result;
  result.measured_ns = kNsPerSecond;
  result.tally.RecordError(kUnavailable, "\xff\xfe");
  const Json report = ReportOf(Options{}, result);
  ASSERT_EQ(report["errors"].size(), 1u);
  EXPECT_EQ(report["errors"][0]["status"], "UNAVAILABLE");
  EXPECT_EQ(report["errors"][0]["code"], 14);
  EXPECT_EQ(report["errors"][0]["count"], 1);
}

TEST(ReportJson, HasNullForWhatIsNotKnown) {
  const Json report = ReportOf(Options{}, RunResult{});
  EXPECT_EQ(report["server"], nullptr);
  EXPECT_EQ(report["latency"]["service"]["p50_ns"], nullptr);
  EXPECT_EQ(report["latency"]["service"]["max_ns"], nullptr);
  EXPECT_EQ(report["totals"]["rps"], 0.0);
}

TEST(ReportJson, HasTheFiguresOfEachRepeat) {
  RunRecord record;
  record.repeats.resize(2);
  record.median_repeat = 1;
  record.repeats[0].measured_ns = kNsPerSecond;
  record.repeats[0].environment.started_at = "2026-01-31T23:59:59Z";
  record.repeats[0].tally.RecordOk(7);
  const Json repeats = Json::parse(FormatJson(record))["repeats"];
  ASSERT_EQ(repeats.size(), 2u);
  EXPECT_EQ(repeats[0]["started_at"], "2026-01-31T23:59:59Z");
  EXPECT_EQ(repeats[0]["is_median"], false);
  EXPECT_EQ(repeats[1]["is_median"], true);
  EXPECT_EQ(repeats[0]["totals"]["rps"], 1.0);
  EXPECT_EQ(repeats[0]["latency"]["service"]["max_ns"], 7);
  EXPECT_FALSE(repeats[0].contains("series"));
  EXPECT_EQ(Json::parse(FormatJson(RunRecord()))["repeats"], nullptr);
}

}  // namespace
}  // namespace penstock::loadtest
