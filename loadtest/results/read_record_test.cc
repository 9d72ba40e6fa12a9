#include "penstock/loadtest/results/read_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "penstock/loadtest/report.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/testing/sample_record.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;
using testing::ClosedRecord;
using testing::MixRecord;
using testing::OpenRecord;
using testing::Scaled;
using testing::StreamRecord;

RunRecord WithRepeats(RunRecord record) {
  record.repeats = {Scaled(record, 0.5, 1), Scaled(record, 1, 1), Scaled(record, 2, 1)};
  record.median_repeat = 1;
  return record;
}

RunRecord OverTls(RunRecord record) {
  record.options.tls.enabled = true;
  return record;
}

TEST(ReadRecord, GivesWhatWasWritten) {
  const struct {
    const char* name;
    RunRecord record;
  } cases[] = {
      {"closed", ClosedRecord()},
      {"open", OpenRecord()},
      {"repeated", WithRepeats(OpenRecord())},
      {"a mix", WithRepeats(MixRecord())},
      {"streams, connecting anew", WithRepeats(StreamRecord())},
      {"over TLS", OverTls(ClosedRecord())},
      {"empty", RunRecord()},
  };
  for (const auto& [name, record] : cases) {
    SCOPED_TRACE(name);
    const std::string json = FormatJson(record);
    RunRecord read;
    ASSERT_EQ(ReadRecord(json, &read), "");
    EXPECT_EQ(FormatJson(read), json);
    EXPECT_EQ(FormatReport(read.options, read.result),
              FormatReport(record.options, record.result));
    EXPECT_EQ(read.options.tls.enabled, record.options.tls.enabled);
    EXPECT_EQ(read.repeats.size(), record.repeats.size());
    EXPECT_EQ(read.median_repeat, record.median_repeat);
  }
}

// Those of before series had more than counts, and of before there were carried calls.
TEST(ReadRecord, TakesFilesWithoutNewerKeys) {
  Json json = Json::parse(FormatJson(ClosedRecord()));
  json.erase("repeats");
  for (const char* name : {"carried_ok", "carried_errors", "goodput_rps", "repeated"}) {
    json["totals"].erase(name);
  }
  json["load"].erase("tls");
  json["series"] = Json::parse(R"([{"at_s": 1.0, "ok": 5, "errors": 0}])");
  RunRecord record;
  ASSERT_EQ(ReadRecord(json.dump(), &record), "");
  EXPECT_EQ(record.result.tally.ok_count(), 20'000u);
  EXPECT_EQ(record.result.series[0].ok_count, 5u);
  EXPECT_EQ(record.result.series[0].p50_ns, std::nullopt);
}

// Each breaks a good file in one place.
TEST(ReadRecord, SaysWhatIsWrong) {
  const struct {
    const char* at;     // a JSON pointer
    const char* value;  // "": taken away
    const char* want;
  } cases[] = {
      {"/schema", "\"penstock-load/2\"", "its schema is not \"penstock-load/1\""},
      {"/schema", "7", "its schema is not \"penstock-load/1\""},
      {"/load", "", "load is missing"},
      {"/load", "[]", "load is not an object"},
      {"/load/method", "", "load.method is missing"},
      {"/load/kind", "\"pigeon\"", "load.kind is none of calls"},
      {"/load/shards", "0", "load.shards is 0"},
      {"/load/shards", "-1", "load.shards is not a whole number"},
      {"/load/connections", "99999999999", "load.connections is not a whole number from 0 to"},
      {"/load/tls", "1", "load.tls is not true or false"},
      {"/load/mode", "\"open\"", "load.mode contradicts load.stages"},
      {"/load/stages", "[{\"at_ns\": 0, \"per_second\": -1}]", "load.stages[0].per_second is no"},
      {"/load/stages", "{}", "load.stages is not a list"},
      {"/load/duration_ns", "18446744073709551615", "load.duration_ns is not a whole number"},
      {"/totals/ok", "", "totals.ok is missing"},
      {"/totals/ok", "19999", "contradicts latency.service.count"},
      {"/totals/errors", "\"4\"", "totals.errors is not a whole number"},
      {"/totals/duration_s", "-1", "totals.duration_s is no time"},
      {"/totals/duration_s", "1e300", "totals.duration_s is no time"},
      {"/totals/goodput_rps", "1e300", "totals.goodput_rps is no rate"},
      {"/errors/0/code", "17", "errors[0].code is not a whole number from 0 to 16"},
      {"/latency/service", "null", "latency.service is missing"},
      {"/latency/service/count", "20001", "latency.service.histogram.buckets contradicts"},
      {"/latency/service/max_ns", "7", "latency.service.histogram.buckets contradicts"},
      {"/latency/service/histogram/sub_bucket_bits", "8", "sub_bucket_bits is another than 7"},
      {"/latency/service/histogram/buckets/0", "[1]", "buckets[0] is no index and count"},
      {"/latency/service/histogram/buckets", "[[99999, 20000]]", "buckets contradicts"},
      {"/generator/cpu", "null", "generator.cpu is missing"},
      {"/server/pid", "\"x\"", "server.pid is not a whole number"},
      {"/server/cpu_us_per_rpc", "-1", "server.cpu_us_per_rpc is below zero"},
      {"/series/1/ok", "", "series[1].ok is missing"},
      {"/series/0", "null", "series[0].at_s is missing"},
      {"/interrupted", "0", "interrupted is not true or false"},
      {"/notes", "[7]", "notes[0] is not a text"},
      {"/repeats/2/totals", "", "repeats[2].totals is missing"},
  };
  const Json good = Json::parse(FormatJson(WithRepeats(ClosedRecord())));
  for (const auto& [at, value, want] : cases) {
    SCOPED_TRACE(std::string(at) + " = " + value);
    Json json = good;
    const Json::json_pointer pointer(at);
    if (*value == '\0') {
      json[pointer.parent_pointer()].erase(pointer.back());
    } else {
      json[pointer] = Json::parse(value);
    }
    RunRecord record;
    const std::string why = ReadRecord(json.dump(), &record);
    EXPECT_NE(why.find(want), std::string::npos) << why;
  }
}

TEST(ReadRecord, SaysWhatIsWrongWithAMethodOfAMix) {
  Json json = Json::parse(FormatJson(MixRecord()));
  RunRecord record;
  json["methods"][1]["ok"] = 7;
  EXPECT_EQ(ReadRecord(json.dump(), &record),
            "methods[1].ok contradicts methods[1].latency.service.count");
  json["methods"][1]["messages"].erase("sent");
  EXPECT_EQ(ReadRecord(json.dump(), &record), "methods[1].messages.sent is missing");
}

TEST(ReadRecord, RefusesWhatIsNoObject) {
  for (const char* text : {"", "{", "[]", "7", "null", "\"x\"", "{}", "\xff", "{\"a\": 1e999}"}) {
    SCOPED_TRACE(text);
    RunRecord record;
    EXPECT_NE(ReadRecord(text, &record), "");
  }
}

TEST(LoadRecord, NamesTheFile) {
  RunRecord record;
  EXPECT_EQ(LoadRecord("/nonexistent/a.json", &record),
            "/nonexistent/a.json cannot be read: No such file or directory");
  EXPECT_EQ(LoadRecord("/dev/null", &record), "/dev/null is no result of a run: it is not JSON");
}

}  // namespace
}  // namespace penstock::loadtest
