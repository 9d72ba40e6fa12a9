// The program from outside, with methods that stream: against the example server that has them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "penstock/loadtest/child_process.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

constexpr char kProgram[] = "loadtest/penstock-load";
constexpr char kServer[] = "examples/route_guide/server";

class PenstockLoadStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    target_ = TakeAddress(server_);
    ASSERT_NE(target_, "") << "the server said nothing";
  }

  Json Load(std::vector<std::string> flags, int want_exit) {
    flags.insert(flags.begin(), kProgram);
    flags.insert(flags.end(), {"--json", "-", target_});
    ChildProcess program(flags);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), want_exit) << output;
    return Json::parse(output, nullptr, /*allow_exceptions=*/false);
  }

  ChildProcess server_{{kServer, "--listen", "127.0.0.1:0", "--shards", "1"}};
  std::string target_;
};

TEST_F(PenstockLoadStreams, TheServersReflectionTellsThatTheClientStreams) {
  const Json report = Load({"--method", "routeguide.RouteGuide/RecordRoute", "-d",
                            R"({"latitude": {{rand 1 9}}})", "--msgs-per-stream", "40", "-n", "50"},
                           0);
  EXPECT_EQ(report["load"]["kind"], "client-stream");
  EXPECT_EQ(report["load"]["messages_per_stream"], 40);
  EXPECT_EQ(report["totals"]["ok"], 50);
  EXPECT_EQ(report["messages"]["sent"], 2000);
  EXPECT_EQ(report["messages"]["received"], 50);
  EXPECT_EQ(report["messages"]["round_trip"], nullptr);
}

TEST_F(PenstockLoadStreams, TheServersReflectionTellsThatTheServerStreams) {
  const Json report = Load(
      {"--method", "routeguide.RouteGuide/ListFeatures", "-n", "30", "-d",
       R"({"lo": {"latitude": -900000000, "longitude": -1800000000},
           "hi": {"latitude": 900000000, "longitude": 1800000000}})"},
      0);
  EXPECT_EQ(report["load"]["kind"], "server-stream");
  EXPECT_EQ(report["messages"]["sent"], 30);
  EXPECT_GT(report["messages"]["received"], 30);
  EXPECT_EQ(report["messages"]["first_message"]["count"], 30);
}

TEST_F(PenstockLoadStreams, AMixIsEncodedByTheServersReflection) {
  const std::string file = std::string(std::getenv("TEST_TMPDIR")) + "/mix.json";
  std::ofstream(file) << R"({"methods": [
    {"method": "routeguide.RouteGuide/GetFeature", "weight": 3, "data": {"latitude": 1}},
    {"method": "routeguide.RouteGuide/RecordRoute", "data": "{\"latitude\": {{rand 1 9}}}",
     "msgs_per_stream": 4}
  ]})";
  const Json report = Load({"--mix", file, "-n", "400"}, 0);
  ASSERT_EQ(report["methods"].size(), 2u);
  const uint64_t routes = report["methods"][1]["ok"];
  EXPECT_EQ(report["methods"][0]["ok"], 400 - routes);
  EXPECT_EQ(report["methods"][1]["kind"], "client-stream");
  EXPECT_EQ(report["messages"]["sent"], 4 * routes);
}

TEST_F(PenstockLoadStreams, AFlagTellsTheKindWithoutASchema) {
  const Json report = Load({"--method", "routeguide.RouteGuide/RouteChat", "--kind", "bidi",
                            "--msgs-per-stream", "3", "--in-flight", "3", "-n", "1"},
                           0);
  EXPECT_EQ(report["load"]["kind"], "bidi");
  EXPECT_EQ(report["messages"]["sent"], 3);
}

}  // namespace
}  // namespace penstock::loadtest
