#include "penstock/loadtest/mix_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/method_choice.h"

namespace penstock::loadtest {
namespace {

std::string WriteMix(const std::string& text) {
  std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/mix.json";
  std::ofstream(path) << text;
  return path;
}

// What is wrong with a mix, behind the name of its file; "" when nothing is.
std::string WhyNot(const std::string& text) {
  Options options;
  const std::string path = WriteMix(text);
  const std::string trouble = TakeMix(path, PayloadFlags(), &options);
  const std::string place = "--mix '" + path + "'";
  if (trouble.empty()) return "";
  EXPECT_TRUE(trouble.starts_with(place)) << trouble;
  return trouble.substr(place.size());
}

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "penstock-load");
  arguments.push_back("127.0.0.1:1");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(MixFile, SaysOfEachMethodWhatFlagsSayOfOne) {
  const std::string path = WriteMix(R"({"methods": [
    // A comment may stand anywhere.
    {"method": "shop.Cart/Get", "weight": 8.5, "data": {"id": "{{seq}}"}},
    {"method": "shop.Cart/Add", "data": "{\"id\": {{seq}}}", "deadline": "500ms",
     "metadata": {"x-user": "7"}},
    {"method": "/shop.Cart/Chat", "kind": "bidi", "payload_bytes": "1KiB", "msgs_per_stream": 10,
     "msg_interval": "1ms", "in_flight": "2"}
  ]})");
  const CommandLine line =
      Parse({"--mix", path.c_str(), "-H", "x-all: 1", "--deadline", "2s", "--seed", "9"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  const Options& options = line.options;
  ASSERT_EQ(options.mix.size(), 3u);
  EXPECT_EQ(options.method, "mix " + path);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_EQ(options.mix[0].method, "shop.Cart/Get");
  EXPECT_EQ(options.mix[0].weight, 8.5);
  EXPECT_EQ(options.mix[0].json, R"({"id":"{{seq}}"})") << "for the server's reflection";
  EXPECT_EQ(options.mix[0].deadline_ns, 2 * kNsPerSecond);
  EXPECT_EQ(options.mix[0].metadata.size(), 1u);
  EXPECT_EQ(options.mix[1].json, R"({"id": {{seq}}})");
  EXPECT_EQ(options.mix[1].weight, 1);
  EXPECT_EQ(options.mix[1].deadline_ns, 500 * kNsPerMs);
  EXPECT_EQ(options.mix[1].metadata.size(), 2u);
  EXPECT_EQ(options.mix[2].method, "shop.Cart/Chat");
  EXPECT_EQ(options.mix[2].kind, CallKind::kBidi);
  EXPECT_EQ(options.mix[2].message.size(), 1024u);
  EXPECT_EQ(options.mix[2].messages_per_stream, 10u);
  EXPECT_EQ(options.mix[2].message_interval_ns, kNsPerMs);
  EXPECT_EQ(options.mix[2].messages_in_flight, 2u);
}

TEST(MixFile, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"{\n\"methods\": [,]}", " is no JSON: line 2, column 13: "},
      {R"({"methods": [{"method": "a.B/C", "weight": 1e999}]})",
       " is no JSON: number overflow parsing '1e999'"},
      {"[]", R"( has to be {"methods": [...]} with one method or more)"},
      {R"({"methods": []})", R"( has to be {"methods": [...]} with one method or more)"},
      {R"({"methods": [{"method": "a.B/C"}], "seed": 1})", " has to be {"},
      {R"({"methods": ["a.B/C"]})", ": methods[0] is no object, such as "},
      {R"({"methods": [{"weight": 1}]})", ": methods[0]: method is missing"},
      {R"({"methods": [{"method": "a.B/C"}, {"method": "a"}]})",
       ": methods[1]: method 'a' is not a method"},
      {R"({"methods": [{"method": "a.B/C", "wieght": 1}]})",
       ": methods[0].wieght is no field, did you mean weight?"},
      {R"({"methods": [{"method": "a.B/C", "weight": 0}]})",
       ": methods[0].weight is not a number above 0"},
      {R"({"methods": [{"method": "a.B/C", "weight": "1"}]})",
       ": methods[0].weight is not a number above 0"},
      {R"({"methods": [{"method": "a.B/C", "data": 7}]})", ": methods[0].data is no message"},
      {R"({"methods": [{"method": "a.B/C", "deadline": "x"}]})",
       ": methods[0]: deadline 'x' is not"},
      {R"({"methods": [{"method": "a.B/C", "deadline": null}]})",
       ": methods[0].deadline is neither a text nor a whole number"},
      {R"({"methods": [{"method": "a.B/C", "metadata": {"x": 1}}]})",
       ": methods[0].metadata.x is no text"},
      {R"({"methods": [{"method": "a.B/C", "metadata": {"te": "x"}}]})",
       ": methods[0]: metadata 'te:x' would set te"},
      {R"({"methods": [{"method": "a.B/C", "msgs_per_stream": 5}]})",
       ": methods[0]: --msgs-per-stream is for methods that take a stream"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_TRUE(WhyNot(c.text).starts_with(c.want)) << WhyNot(c.text);
  }
}

TEST(MixFile, NestsSoDeepAndNoDeeper) {
  const auto nested = [](int levels) {
    const auto all = static_cast<size_t>(levels);
    return R"({"methods": [{"method": "a.B/C", "data": {"x": )" + std::string(all, '[') +
           std::string(all, ']') + "}}]}";
  };
  EXPECT_EQ(WhyNot(nested(kMixDepthMax - 4)), "");
  const std::string why = " nests deeper than 256 objects and lists";
  EXPECT_EQ(WhyNot(nested(kMixDepthMax)), why);
  EXPECT_EQ(WhyNot(nested(200'000)), why);
}

TEST(MixFile, HasSixtyFourMethodsAtMost) {
  std::string methods = R"({"method": "a.B/C"})";
  for (size_t i = 1; i < kMixMethodsMax; ++i) methods += R"(, {"method": "a.B/C"})";
  EXPECT_EQ(WhyNot(R"({"methods": [)" + methods + "]}"), "");
  methods += R"(, {"method": "a.B/C"})";
  EXPECT_EQ(WhyNot(R"({"methods": [)" + methods + "]}"), " has 65 methods; 64 are the most");
}

TEST(MixFile, IsInThePlaceOfFlags) {
  const std::string path = WriteMix(R"({"methods": [{"method": "a.B/C"}]})");
  for (const char* flag : {"--method", "--data", "--payload-hex", "--kind", "--in-flight"}) {
    const CommandLine line = Parse({"--mix", path.c_str(), flag, "1"});
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_NE(line.message.find(std::string(flag) + " is said by the file of --mix"),
              std::string::npos)
        << line.message;
  }
  EXPECT_NE(Parse({"--mix", "/no/such"}).message.find("cannot be read: No such file"),
            std::string::npos);
}

TEST(MethodChoice, FollowsTheWeightsAndTheSeed) {
  MethodChoice choice({8, 1, 1}, 1, 0);
  MethodChoice same({8, 1, 1}, 1, 0);
  MethodChoice other_seed({8, 1, 1}, 2, 0);
  MethodChoice other_shard({8, 1, 1}, 1, 1);
  uint64_t counts[3] = {};
  bool seeds_differ = false;
  bool shards_differ = false;
  for (int i = 0; i < 10'000; ++i) {
    const size_t chosen = choice.Next();
    ASSERT_LT(chosen, 3u);
    ++counts[chosen];
    EXPECT_EQ(same.Next(), chosen);
    seeds_differ |= other_seed.Next() != chosen;
    shards_differ |= other_shard.Next() != chosen;
  }
  EXPECT_NEAR(static_cast<double>(counts[0]), 8'000, 200);
  EXPECT_NEAR(static_cast<double>(counts[1]), 1'000, 150);
  EXPECT_TRUE(seeds_differ);
  EXPECT_TRUE(shards_differ);
}

}  // namespace
}  // namespace penstock::loadtest
