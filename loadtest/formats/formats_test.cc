// What each format of -o says of the same runs. //tests/interop has the programs that read them.
#include "penstock/loadtest/formats/formats.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "penstock/loadtest/testing/sample_record.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;
using testing::ClosedRecord;
using testing::OpenRecord;
using testing::Scaled;

std::string Written(const char* suffix, const RunRecord& record) {
  return FormatOf(std::string("results/run") + suffix)->of_run(record);
}

TEST(Formats, AreChosenByTheEndOfTheName) {
  EXPECT_EQ(FormatOf("a.json")->suffix, ".json");
  EXPECT_EQ(FormatOf("a.gbench.json")->suffix, ".gbench.json");
  EXPECT_EQ(FormatOf("/tmp/a.b/c.hdr")->suffix, ".hdr");
  for (const char* path : {"a.txt", "a", "", "a.json.gz", "json"}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(FormatOf(path), nullptr);
  }
  EXPECT_EQ(SuffixesOf(false), ".gbench.json, .json, .html, .csv, .hdr, .prom");
  EXPECT_EQ(SuffixesOf(true), ".json, .html");
}

TEST(Formats, HtmlIsAPageWithTheJsonInIt) {
  const std::string page = Written(".html", ClosedRecord());
  EXPECT_TRUE(page.starts_with("<!")) << page.substr(0, 80);
  EXPECT_NE(page.find("penstock-load/1"), std::string::npos);
}

TEST(Formats, CsvIsTheSeries) {
  RunRecord record = ClosedRecord();
  record.result.series[1].server_cores = std::nullopt;
  record.result.series[1].server_rss_bytes = std::nullopt;
  record.result.series[1].carried_ok_count = 10;
  EXPECT_EQ(Written(".csv", record),
            "at_s,ok,errors,carried_ok,dropped,rps,in_flight,messages_sent,messages_received,"
            "p50_ns,p99_ns,p99_9_ns,max_ns,generator_cpu,server_cores,server_rss_bytes\n"
            "1.000,10000,2,0,,10000.0,1000,,,100000,100001,,100003,0.500,0.040,4096\n"
            "2.000,10000,2,10,,10010.0,1000,,,100000,100001,,100003,0.500,,\n");
  EXPECT_NE(Written(".csv", OpenRecord()).find("\n1.000,10000,2,0,0,10000.0,"), std::string::npos);
}

TEST(Formats, HdrHasFiveLinesForEachHalvingOfWhatLiesAbove) {
  RunRecord record = ClosedRecord();
  Tally tally;
  for (int i = 0; i < 90; ++i) tally.RecordOk(1'003'519);  // the highest of its bucket
  for (int i = 0; i < 9; ++i) tally.RecordOk(2'007'039);
  tally.RecordOk(5'000'000);
  record.result.tally = tally;
  const std::string text = Written(".hdr", record);
  EXPECT_EQ(text.substr(0, text.find("      1.003519 0.1")),
            "#[Service latency of helloworld.Greeter/SayHello, in milliseconds, from the actual"
            " send]\n"
            "         Value     Percentile TotalCount 1/(1-Percentile)\n"
            "\n"
            "      1.003519 0.000000000000         90           1.00\n")
      << text;
  for (const char* line : {"      1.003519 0.500000000000         90           2.00\n",
                           "      1.003519 0.900000000000         90          10.00\n",
                           "      2.007039 0.987500000000         99          80.00\n",
                           "      5.000000 1.000000000000        100\n",
                           "#[Mean    =     1.133801, StdDeviation   =     0.483094]\n",
                           "#[Max     =     5.000000, Total count    =          100]\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(Formats, HdrOfNoCallsHasNoLines) {
  RunRecord record = OpenRecord();
  record.result.tally.Clear();
  const std::string text = Written(".hdr", record);
  EXPECT_NE(text.find("1/(1-Percentile)\n\n#[Mean    =     0.000000,"), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("#[Response latency of ")) << text;
}

TEST(Formats, PrometheusHasTotalsAndSummaries) {
  RunRecord record = OpenRecord();
  record.options.target = "unix:/a\"b\\c\nd";
  const std::string text = Written(".prom", record);
  const std::string labels =
      "{method=\"helloworld.Greeter/SayHello\",target=\"unix:/a\\\"b\\\\c\\nd\"";
  for (const char* line :
       {"calls_total@,status=\"OK\"} 20000\n", "calls_total@,status=\"UNAVAILABLE\"} 3\n",
        "offered_calls_total@} 20012\n", "throughput_calls_per_second@} 10050\n",
        "goodput_calls_per_second@} 9500\n", "response_seconds@,quantile=\"0.999\"} 0.0002\n",
        "response_seconds_count@} 20000\n", "service_seconds_sum@} 2\n", "generator_bound@} 0\n",
        "server_call_cpu_seconds@} 4e-06\n", "server_resident_memory_bytes@} 4096\n"}) {
    std::string want = line;
    want.replace(want.find('@'), 1, labels);
    EXPECT_NE(text.find("\npenstock_load_" + want), std::string::npos) << want << text;
  }
  EXPECT_EQ(text.find("service_seconds" + labels + ",quantile=\"0.9999\""), std::string::npos)
      << "2 calls lie above it";
  record.result = ClosedRecord().result;
  record.result.server = std::nullopt;
  const std::string closed = Written(".prom", record);
  EXPECT_EQ(closed.find("response_seconds"), std::string::npos);
  EXPECT_EQ(closed.find("server_"), std::string::npos);
}

// As the table and the JSON: of a mix where each of its methods has a deadline.
TEST(Formats, PrometheusHasGoodputWhereAllCallsHaveADeadline) {
  RunRecord record = testing::MixRecord();
  record.options.deadline_ns = kNsPerSecond;  // what a mix's methods have is theirs
  EXPECT_EQ(Written(".prom", record).find("goodput"), std::string::npos);
  record.options.deadline_ns = 0;
  record.options.mix[1].deadline_ns = kNsPerMs;
  EXPECT_NE(Written(".prom", record).find("\npenstock_load_goodput_calls_per_second{"),
            std::string::npos);
}

TEST(Formats, CountTheMessagesOfStreams) {
  RunRecord record = testing::MixRecord();
  EXPECT_NE(Written(".csv", record).find("\n1.000,10000,2,0,,10000.0,1000,30,40,"),
            std::string::npos);
  const std::string text = Written(".prom", record);
  EXPECT_NE(text.find("\npenstock_load_messages_sent_total{method=\"mix shop.json\","),
            std::string::npos) << text;
  EXPECT_EQ(Written(".prom", ClosedRecord()).find("messages"), std::string::npos);
}

TEST(Formats, GoogleBenchmarkHasABenchmarkForEachFigure) {
  const Json report = Json::parse(Written(".gbench.json", ClosedRecord()));
  EXPECT_EQ(report["context"]["num_cpus"], 2);
  const Json& benchmarks = report["benchmarks"];
  ASSERT_EQ(benchmarks.size(), 5u);
  EXPECT_EQ(benchmarks[0]["name"], "helloworld.Greeter/SayHello/closed:10x100/per_call");
  EXPECT_EQ(benchmarks[0]["cpu_time"], 4'000.0);
  EXPECT_EQ(benchmarks[0]["real_time"], 2e9 / 20'114);
  EXPECT_EQ(benchmarks[0]["time_unit"], "ns");
  EXPECT_EQ(benchmarks[0]["items_per_second"], 10'050.0);
  EXPECT_EQ(benchmarks[3]["name"], "helloworld.Greeter/SayHello/closed:10x100/p99");
  EXPECT_EQ(benchmarks[3]["real_time"], 100'000.0);
}

TEST(Formats, GoogleBenchmarkHasARepetitionForEachRepeat) {
  RunRecord record = OpenRecord();
  record.repeats = {Scaled(record, 1, 1), Scaled(record, 0.5, 3)};
  const Json benchmarks = Json::parse(Written(".gbench.json", record))["benchmarks"];
  ASSERT_EQ(benchmarks.size(), 10u);
  EXPECT_EQ(benchmarks[6]["name"], "helloworld.Greeter/SayHello/open:10000/p50");
  EXPECT_EQ(benchmarks[6]["name"], benchmarks[1]["name"]);
  EXPECT_EQ(benchmarks[6]["repetitions"], 2);
  EXPECT_EQ(benchmarks[6]["repetition_index"], 1);
  EXPECT_EQ(benchmarks[6]["family_index"], benchmarks[1]["family_index"]);
  EXPECT_EQ(benchmarks[6]["real_time"], 600'000.0);
}

}  // namespace
}  // namespace penstock::loadtest
