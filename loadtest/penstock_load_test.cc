// The program from outside: run against the example server, its figures and exit statuses.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "penstock/loadtest/child_process.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

// Relative to the runfiles, where tests start.
constexpr char kProgram[] = "loadtest/penstock-load";
constexpr char kServer[] = "examples/helloworld/server";

// Processor time of all threads of a process.
int64_t CpuNsOf(pid_t pid) {
  clockid_t clock;
  timespec time{};
  EXPECT_EQ(::clock_getcpuclockid(pid, &clock), 0);
  EXPECT_EQ(::clock_gettime(clock, &time), 0);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class PenstockLoad : public ::testing::Test {
 protected:
  void SetUp() override {
    target_ = TakeAddress(server_);
    ASSERT_NE(target_, "") << "the server said nothing";
  }

  // Runs the program with `flags` before the target.
  std::string Load(std::vector<std::string> flags, int want_exit) {
    flags.insert(flags.begin(), kProgram);
    flags.push_back(target_);
    ChildProcess program(flags);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), want_exit) << output;
    return output;
  }

  ChildProcess server_{{kServer, "--listen", "127.0.0.1:0", "--shards", "1"}};
  std::string target_;
};

TEST_F(PenstockLoad, MeasuresTheExampleServer) {
  const std::string file = std::string(std::getenv("TEST_TMPDIR")) + "/result.json";
  const std::string table = Load({"--method", "helloworld.Greeter/SayHello", "--connections", "4",
                                  "--streams-per-conn", "25", "-n", "20k", "--warmup", "50ms",
                                  "--server-pid", std::to_string(server_.pid()), "--json", file},
                                 0);
  EXPECT_NE(table.find("OK 20000   errors 0"), std::string::npos) << table;
  EXPECT_NE(table.find("us per RPC"), std::string::npos) << table;
  const Json report = Json::parse(std::ifstream(file));
  EXPECT_EQ(report["totals"]["ok"], 20'000);
  EXPECT_EQ(report["totals"]["errors"], 0);
  EXPECT_EQ(report["latency"]["service"]["count"], 20'000);
  EXPECT_GT(report["totals"]["rps"], 0);
  EXPECT_GT(report["latency"]["service"]["p99_ns"], report["latency"]["service"]["p50_ns"]);
  EXPECT_GT(report["server"]["cpu_us_per_rpc"], 0);
  EXPECT_GT(report["generator"]["cpu"], 0);
}

TEST_F(PenstockLoad, TheSecondsAddUpToTheTotal) {
  const Json report =
      Json::parse(Load({"--method", "helloworld.Greeter/SayHello", "-n", "3k", "--json", "-"}, 0));
  uint64_t sum = 0;
  for (const Json& second : report["series"]) sum += second["ok"].get<uint64_t>();
  EXPECT_EQ(sum, 3'000u);
}

// One run in all formats, and its table again out of what was written.
TEST_F(PenstockLoad, WritesEachFormatAndReadsItsOwn) {
  const std::string folder = std::string(std::getenv("TEST_TMPDIR")) + "/";
  std::vector<std::string> flags = {"--method", "helloworld.Greeter/SayHello", "-n", "3k"};
  for (const char* suffix : {"json", "html", "csv", "hdr", "prom", "gbench.json"}) {
    flags.insert(flags.end(), {"-o", folder + "all." + suffix});
  }
  const std::string table = Load(flags, 0);
  for (const char* suffix : {"json", "html", "csv", "hdr", "prom", "gbench.json"}) {
    SCOPED_TRACE(suffix);
    std::string first_line;
    std::getline(std::ifstream(folder + "all." + suffix), first_line);
    EXPECT_NE(first_line, "");
  }
  ChildProcess report({kProgram, "report", folder + "all.json"});
  EXPECT_EQ(report.ReadAll(), table);
  EXPECT_EQ(report.Wait(), 0);
  ChildProcess merged({kProgram, "report", folder + "all.json", folder + "all.json", "-o",
                       folder + "twice.json"});
  EXPECT_NE(merged.ReadAll().find("   OK 6000   errors 0"), std::string::npos);
  EXPECT_EQ(merged.Wait(), 0);
  ChildProcess compared({kProgram, "compare", folder + "all.json", folder + "twice.json"});
  EXPECT_NE(compared.ReadAll().find("    1.000\n"), std::string::npos) << "the same p50";
  EXPECT_EQ(compared.Wait(), 0);
}

TEST_F(PenstockLoad, EndsWithFourWhereItIsWorseThanTheBaseline) {
  const std::string folder = std::string(std::getenv("TEST_TMPDIR")) + "/";
  const std::vector<std::string> flags = {"--method", "helloworld.Greeter/SayHello", "-n", "500",
                                          "--repeat", "3", "--cooldown", "0s", "--quiet"};
  const auto with = [&flags](std::vector<std::string> more) {
    more.insert(more.begin(), flags.begin(), flags.end());
    return more;
  };
  Load(with({"-o", folder + "base.json"}), 0);
  Json base = Json::parse(std::ifstream(folder + "base.json"));
  EXPECT_EQ(base["repeats"].size(), 3u);
  Load(with({"--baseline", folder + "base.json", "--max-regression", "99%"}), 0);
  // As if the server had been a hundred thousand times as fast.
  for (Json& repeat : base["repeats"]) {
    repeat["totals"]["duration_s"] = repeat["totals"]["duration_s"].get<double>() / 100'000;
  }
  std::ofstream(folder + "fast.json") << base;
  const std::string json = folder + "worse.json";
  Load(with({"--baseline", folder + "fast.json", "--json", json}), 4);
  const Json worse = Json::parse(std::ifstream(json));
  EXPECT_NE(worse["notes"].dump().find("fast.json: rps fell by 100.0 %, from "), std::string::npos)
      << worse["notes"];
}

TEST_F(PenstockLoad, ReportsAMethodThatIsNotThere) {
  const std::string table = Load({"--method", "helloworld.Greeter/SayHullo", "-n", "10"}, 1);
  EXPECT_NE(table.find("OK 0   errors 10"), std::string::npos) << table;
  EXPECT_NE(table.find("UNIMPLEMENTED 10   first: "), std::string::npos) << table;
}

TEST_F(PenstockLoad, CarriesLargeMessagesMetadataAndDeadlines) {
  const std::string table =
      Load({"--method", "helloworld.Greeter/SayHello", "-n", "20", "--payload-bytes", "1MiB", "-H",
            "x-user: 7", "--deadline", "30s", "--streams-per-conn", "2"},
           0);
  EXPECT_NE(table.find("OK 20   errors 0"), std::string::npos) << table;
}

TEST_F(PenstockLoad, PrintsTheResultsSoFarWhenItIsInterrupted) {
  const std::string file = std::string(std::getenv("TEST_TMPDIR")) + "/interrupted.json";
  ChildProcess program({kProgram, "--method", "helloworld.Greeter/SayHello", "-t", "1h", "--repeat",
                        "3", "-o", file, target_});
  // It makes load when the server's processor time grows.
  const int64_t enough_ns = CpuNsOf(server_.pid()) + 20'000'000;
  while (CpuNsOf(server_.pid()) < enough_ns) ::sched_yield();
  ::kill(program.pid(), SIGINT);
  const std::string table = program.ReadAll();
  EXPECT_EQ(program.Wait(), 130) << table;
  EXPECT_NE(table.find(" interrupted after "), std::string::npos) << table;
  const Json report = Json::parse(std::ifstream(file));
  EXPECT_EQ(report["interrupted"], true);
  EXPECT_EQ(report["repeats"].size(), 1u);
}

TEST_F(PenstockLoad, EndsWithOneWhenWhatItPrintsDoesNotArrive) {
  const std::string load = " --method helloworld.Greeter/SayHello -n 1 ";
  for (const std::string& words : {load + target_, load + "--json - " + target_, "ls " + target_,
                                   "describe " + target_, std::string("--help")}) {
    SCOPED_TRACE(words);
    ChildProcess program(
        {"/bin/sh", "-c", "exec " + std::string(kProgram) + " " + words + " > /dev/full"});
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), 1);
    EXPECT_NE(output.find("standard output did not take all"), std::string::npos) << output;
  }
}

TEST(PenstockLoadAlone, EndsWithTwoWhenNobodyListens) {
  const std::string target = "unix:/nonexistent/nobody.sock";
  ChildProcess program({kProgram, "--method", "a.B/C", target});
  const std::string output = program.ReadAll();
  EXPECT_EQ(program.Wait(), 2);
  EXPECT_NE(output.find("penstock-load: no connection to " + target + ": "), std::string::npos)
      << output;
}

TEST(PenstockLoadAlone, ARunWithoutAResultLeavesTheLastOneAlone) {
  const std::string folder = std::getenv("TEST_TMPDIR");
  const std::string last = folder + "/last.json";
  std::ofstream(last) << "the last result";
  for (const std::string& file : {last, folder + "/new.json"}) {
    ChildProcess program({kProgram, "--method", "a.B/C", "--json", file, "unix:/nonexistent/x"});
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), 2) << output;
  }
  std::string text;
  std::getline(std::ifstream(last), text);
  EXPECT_EQ(text, "the last result");
  EXPECT_FALSE(std::ifstream(folder + "/new.json").is_open());
}

// Nobody listens, and nobody is asked: it is said before.
TEST(PenstockLoadAlone, SaysBeforeTheRunWhatItCannotWriteOrRead) {
  const struct {
    std::vector<std::string> flags;
    const char* want;
  } cases[] = {
      {{"-o", "a.txt"}, "-o a.txt: the end of the name says the format, and is one of .gbench"},
      {{"-o", "/nonexistent/a.csv"}, "cannot write the results to the file /nonexistent/a.csv: No"},
      {{"--json", "/nonexistent/a"}, "cannot write the results to the file /nonexistent/a: No"},
      {{"--find-max", "--slo", "p99<1s", "-o", "a.hdr"}, "--find-max is many runs, and is written"},
      {{"--baseline", "/nonexistent/b"}, "penstock-load: /nonexistent/b cannot be read: No such"},
      {{"--baseline", "/dev/null"}, "/dev/null is no result of a run: it is not JSON"},
  };
  for (const auto& [flags, want] : cases) {
    SCOPED_TRACE(want);
    std::vector<std::string> arguments = {kProgram, "--method", "a.B/C", "unix:/nonexistent/x"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    ChildProcess program(arguments);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), 64);
    EXPECT_NE(output.find(want), std::string::npos) << output;
  }
  for (const char* command : {"report", "compare"}) {
    ChildProcess program({kProgram, command, "/dev/null", "/dev/null"});
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), 64);
    EXPECT_NE(output.find("/dev/null is no result of a run"), std::string::npos) << output;
  }
}

TEST(PenstockLoadAlone, EndsWith64ForWrongUsage) {
  ChildProcess program({kProgram, "--methd", "a.B/C", "127.0.0.1:1"});
  const std::string output = program.ReadAll();
  EXPECT_EQ(program.Wait(), 64);
  EXPECT_NE(output.find("unknown flag --methd, did you mean --method?"), std::string::npos)
      << output;
}

TEST(PenstockLoadAlone, KnowsASubcommandFromATarget) {
  const struct {
    std::vector<std::string> words;
    int status;
    const char* want;
  } cases[] = {
      {{"serv"}, 64, "'serv' is no subcommand, and no target: did you mean serve?\n"},
      {{"descibe", "x:1"}, 64, "did you mean describe?\n"},
      {{"list", "--help"}, 0, "penstock-load ls: "},
      {{"help"}, 0, "penstock-load: measures a gRPC server"},
      {{"help", "call"}, 0, "penstock-load call: calls a method once"},
      {{"version"}, 0, "penstock-load 0."},
      {{"serv:1"}, 64, "--method is missing"},
      {{"ls", ""}, 64, "TARGET is empty"},
      {{"ls", "--cacert", "", "x:1"}, 64, "--cacert is empty"},
      {{"describe", "x:1", "--proto", ""}, 64, "--proto is empty"},
  };
  for (const auto& [words, status, want] : cases) {
    SCOPED_TRACE(want);
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.begin(), kProgram);
    ChildProcess program(arguments);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), status);
    EXPECT_NE(output.find(want), std::string::npos) << output;
  }
}

TEST(PenstockLoadAlone, ServeTellsItsWrongUsageAsTheOthersDo) {
  const struct {
    std::vector<std::string> words;
    const char* want;
  } cases[] = {
      {{"--sleep", "abc"}, "penstock-load serve: --sleep: 'abc' is not a number with "},
      {{"--max-rate", "-1"}, "penstock-load serve: --max-rate: '-1' is not between 1 and 1G"},
      {{"--io", "x"}, "penstock-load serve: --io x: write auto, uring or epoll"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    std::vector<std::string> words = {kProgram, "serve"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    ChildProcess program(words);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), 64);
    EXPECT_TRUE(output.starts_with(c.want)) << output;
  }
}

TEST(PenstockLoadAlone, PrintsHelpOnStdoutAndEndsWithZero) {
  ChildProcess program({kProgram, "--help"});
  EXPECT_NE(program.ReadAll().find("Examples:"), std::string::npos);
  EXPECT_EQ(program.Wait(), 0);
}

}  // namespace
}  // namespace penstock::loadtest
