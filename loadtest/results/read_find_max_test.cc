#include "penstock/loadtest/results/read_find_max.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "penstock/loadtest/testing/sample_record.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

FindMaxRecord Sample() {
  const RunRecord run = testing::OpenRecord();
  FindMaxRecord record;
  record.options = run.options;
  record.options.slo.text = "p99<5ms";
  record.outcome.knee = 10'000;
  record.outcome.stopped_by = "no connection to x:1";
  record.outcome.trials = {{10'000, "", run.result}, {20'000, "p99 7.21ms", run.result}};
  return record;
}

std::string Written(const FindMaxRecord& record) {
  return FormatFindMaxJson(record.options, record.outcome);
}

TEST(ReadFindMax, GivesWhatWasWritten) {
  const FindMaxRecord record = Sample();
  FindMaxRecord read;
  ASSERT_EQ(ReadFindMax(Written(record), &read), "");
  EXPECT_EQ(Written(read), Written(record));
  EXPECT_EQ(FormatFindMax(read.options, read.outcome),
            FormatFindMax(record.options, record.outcome));
  EXPECT_TRUE(IsFindMax(Written(record)));
  EXPECT_FALSE(IsFindMax("{}"));
  EXPECT_FALSE(IsFindMax("no JSON"));
}

// Where a stack would end.
TEST(ReadFindMax, TakesWhateverDepth) {
  std::string json = Written(Sample());
  const std::string at = "\"report\": {";
  const std::string deep =
      "\"deep\": " + std::string(200'000, '[') + std::string(200'000, ']') + ",";
  json.insert(json.find(at) + at.size(), deep);
  FindMaxRecord record;
  EXPECT_EQ(ReadFindMax(json, &record), "");
}

TEST(ReadFindMax, SaysWhatIsWrong) {
  const struct {
    const char* at;  // a JSON pointer
    const char* value;
    const char* want;
  } cases[] = {
      {"/schema", "7", "its schema is not \"penstock-load-find-max/1\""},
      {"/slo", "null", "slo is missing"},
      {"/trials", "{}", "trials is not a list"},
      {"/trials/1/rate", "\"x\"", "trials[1].rate is not a number"},
      {"/trials/1/report", "null", "trials[1].report is missing"},
      {"/trials/1/report/totals", "null", "trials[1].report: totals is missing"},
  };
  for (const auto& [at, value, want] : cases) {
    SCOPED_TRACE(want);
    Json json = Json::parse(Written(Sample()));
    json[Json::json_pointer(at)] = Json::parse(value);
    FindMaxRecord record;
    EXPECT_EQ(ReadFindMax(json.dump(), &record), want);
  }
}

}  // namespace
}  // namespace penstock::loadtest
