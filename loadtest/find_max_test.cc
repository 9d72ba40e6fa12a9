#include "penstock/loadtest/find_max.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/scripted_peer.h"
#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/tally.h"

namespace penstock::loadtest {
namespace {

// What is found of a real server is its machine's business (docs/benchmarks.md), and
// knee_search_test.cc has the search. Here: that trials are runs, and what is told of them.
Options OptionsFor(const ScriptedPeer& peer) {
  Options options;
  options.target = peer.address();
  options.method = "test.Service/Method";
  options.message = "\x0a\x05world";
  options.streams_per_connection = 100;
  options.duration_ns = 2 * kNsPerMs;
  options.rate.stages = {{0, 500}};
  options.finds_max = true;
  options.quiet = true;
  EXPECT_EQ(ParseSlo("err<50%", &options.slo), "");
  return options;
}

TEST(FindMax, PrintsWhatStrangersWroteAsText) {
  Options options;
  options.method = options.slo.text = "a\x1b[2J";
  FindMaxOutcome outcome;
  outcome.stopped_by = "a\x1b[2J";
  outcome.trials.push_back({1, "a\x1b[2J\n", RunResult()});
  const std::string text = FormatFindMax(options, outcome);
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_NE(text.find("   a [2J \n"), std::string::npos) << text;
}

TEST(FindMax, TellsThatNoRateIsGoodWhereAllCallsFail) {
  ScriptedPeer peer({.answer = Answer::kUnavailable});
  const Options options = OptionsFor(peer);
  const FindMaxOutcome outcome = FindMax(options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.exit_status, kExitSlo);
  EXPECT_EQ(outcome.knee, 0);
  ASSERT_GE(outcome.trials.size(), 2u);
  EXPECT_EQ(outcome.trials[0].rate, 500);
  EXPECT_EQ(outcome.trials[1].rate, 500) << "tried again before it counts";
  EXPECT_NE(outcome.trials[0].missed, "");
  EXPECT_TRUE(FormatFindMax(options, outcome).ends_with(" no rate was good\n"));
  const auto json = nlohmann::json::parse(FormatFindMaxJson(options, outcome));
  EXPECT_EQ(json["schema"], "penstock-load-find-max/1");
  EXPECT_EQ(json["knee_per_second"], nullptr);
  EXPECT_EQ(json["trials"].size(), outcome.trials.size());
  EXPECT_EQ(json["trials"][0]["report"]["load"]["stages"][0]["per_second"], 500.0);
  EXPECT_EQ(json["trials"][1]["report"]["load"]["seed"], 2) << "by chances of its own";
}

RunOutcome OutcomeOf(int exit_status, const std::string& error) {
  RunOutcome run;
  run.exit_status = exit_status;
  run.error = error;
  return run;
}

TEST(FindMax, KeepsTheTrialsBeforeOneThatHasNoResult) {
  Options options;
  options.method = "a.B/C";
  const struct {
    int exit_status;
    const char* error;
    const char* want;
  } cases[] = {
      {kExitNoConnection, "no connection to x:1", ", so far: no connection to x:1\n"},
      {kExitInterrupted, "interrupted before the measured window", ", so far: interrupted\n"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.error);
    FindMaxOutcome outcome;
    ASSERT_TRUE(TakeTrial(options, 1'000, OutcomeOf(kExitOk, ""), &outcome));
    EXPECT_FALSE(TakeTrial(options, 2'000, OutcomeOf(each.exit_status, each.error), &outcome));
    EXPECT_EQ(outcome.exit_status, each.exit_status);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.trials.size(), 1u);
    outcome.knee = 1'000;
    EXPECT_TRUE(FormatFindMax(options, outcome).ends_with(each.want));
    const auto json = nlohmann::json::parse(FormatFindMaxJson(options, outcome));
    EXPECT_EQ(json["stopped_by"].is_null(), outcome.interrupted);
    EXPECT_EQ(json["knee_per_second"], 1'000.0);
  }
}

TEST(FindMax, IsInterruptedInAWarmUpToo) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // the peer's thread shall not take it
  ScriptedPeer peer({.on_request = [](uint64_t count) {
    if (count == 1) ::kill(::getpid(), SIGINT);
  }});
  Options options = OptionsFor(peer);
  options.warmup_ns = 60 * kNsPerSecond;
  const FindMaxOutcome outcome = FindMax(options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(outcome.exit_status, kExitInterrupted);
  EXPECT_TRUE(FormatFindMax(options, outcome).ends_with(" no rate was tried to its end, so far: "
                                                        "interrupted\n"));
}

TEST(FindMax, HasNoResultWithoutAServer) {
  Options options;
  options.target = "unix:/nowhere/at/all.sock";
  options.method = "a.B/C";
  options.rate.stages = {{0, 500}};
  const FindMaxOutcome outcome = FindMax(options);
  EXPECT_EQ(outcome.exit_status, kExitNoConnection);
  EXPECT_NE(outcome.error, "");
}

TEST(FindMax, ARateIsNotGoodWhenCallsOnlyWait) {
  Options options;
  ASSERT_EQ(ParseSlo("p99<5ms", &options.slo), "");
  RunResult result;
  result.is_open_loop = true;
  result.measured_ns = kNsPerSecond;
  result.offered_count = 1'000;
  for (int i = 0; i < 951; ++i) {
    result.tally.RecordOk(kNsPerMs);
    result.tally.RecordResponse(kNsPerMs);
  }
  EXPECT_EQ(MissedOfTrial(options, result), "");
  result.offered_count = 1'100;
  EXPECT_EQ(MissedOfTrial(options, result), "OK 951/s");
  for (int i = 0; i < 20; ++i) result.tally.RecordResponse(5 * kNsPerMs);
  EXPECT_EQ(MissedOfTrial(options, result), "p99 5.00ms");
}

// Of 1,000 calls 950 had an answer within 1 ms, and the rest is what the case says. A p99 allows
// 10 others.
TEST(FindMax, APercentileIsOfAllCallsThatWereDue) {
  const struct {
    const char* name;
    const char* slo;
    int errors;
    uint64_t dropped;
    int waiting;
    TimeNs wait_ns;
    const char* want;
  } cases[] = {
      {"calls under way as always", "p99<5ms", 0, 0, 50, kNsPerMs, ""},
      {"calls that hang", "p99<5ms", 0, 0, 11, 2 * kNsPerSecond, "p99 2.00s"},
      {"few enough that hang", "p99<5ms", 0, 0, 9, 2 * kNsPerSecond, ""},
      {"calls that hang, and a bound on errors", "p99<5ms,err<1%", 0, 0, 50, 2 * kNsPerSecond,
       "p99 2.00s"},
      {"errors", "p99<5ms", 50, 0, 0, 0, "p99 is of calls that failed"},
      {"drops", "p99<5ms", 0, 50, 0, 0, "p99 is of calls that failed"},
      {"errors that are allowed", "p99<5ms,err<10%", 50, 0, 0, 0, ""},
      {"too many errors", "p99<5ms,err<1%", 50, 0, 0, 0, "err 5%"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    Slo slo;
    ASSERT_EQ(ParseSlo(each.slo, &slo), "");
    for (const bool is_open_loop : {true, false}) {
      RunResult result;
      result.is_open_loop = is_open_loop;
      for (int i = 0; i < 950; ++i) {
        result.tally.RecordOk(kNsPerMs);
        if (is_open_loop) result.tally.RecordResponse(kNsPerMs);
      }
      for (int i = 0; i < each.errors; ++i) result.tally.RecordError(kDeadlineExceeded, "");
      for (int i = 0; i < each.waiting; ++i) result.waits.Record(each.wait_ns);
      result.dropped_count = each.dropped;
      EXPECT_EQ(MissedOf(slo, result), each.want);
    }
  }
}

// A trial at 3,063/s that by chance had 2,830 calls shows nothing of what is beyond.
TEST(FindMax, TheKneeIsWhatWasDueAndNotWhatWasMeant) {
  Options options;
  options.method = "a.B/C";
  FindMaxOutcome outcome;
  const auto try_rate = [&options, &outcome](double rate, uint64_t offered) {
    RunOutcome run;
    run.result.is_open_loop = true;
    run.result.measured_ns = kNsPerSecond;
    run.result.offered_count = offered;
    for (uint64_t i = 0; i < offered; ++i) run.result.tally.RecordOk(kNsPerMs);
    EXPECT_TRUE(TakeTrial(options, rate, std::move(run), &outcome));
  };
  try_rate(2'000, 2'100);
  EXPECT_EQ(outcome.knee, 2'000) << "the rate at most";
  try_rate(3'063, 2'830);
  EXPECT_EQ(outcome.knee, 2'830);
  try_rate(2'900, 2'700);
  EXPECT_EQ(outcome.knee, 2'830);
  const std::string text = FormatFindMax(options, outcome);
  EXPECT_TRUE(text.ends_with(" knee 2.830k/s\n")) << text;
  EXPECT_NE(text.find("  3.063k/s    2.830k       n/a       n/a       n/a"), std::string::npos)
      << "there is no response to tell of: " << text;
}

TEST(FindMax, EndsWithTheKneeAndWhatLimitsIt) {
  Options options;
  options.method = "a.B/C";
  ASSERT_EQ(ParseSlo("p99<5ms", &options.slo), "");
  FindMaxOutcome outcome;
  outcome.knee = 19'875;
  EXPECT_TRUE(FormatFindMax(options, outcome).ends_with(" knee 19.88k/s\n"));
  Trial trial;
  trial.missed = "p99 7.00ms";
  trial.result.generator_cpu_busiest = 0.99;
  trial.result.measured_ns = kNsPerSecond;
  outcome.trials.push_back(trial);
  EXPECT_NE(FormatFindMax(options, outcome).find(" knee 19.88k/s, a lower bound: "),
            std::string::npos);
  outcome.trials[0].result = RunResult();
  outcome.trials[0].result.is_open_loop = true;
  outcome.trials[0].result.offered_count = 100;
  outcome.trials[0].result.slot_waits_count = 2;
  EXPECT_NE(FormatFindMax(options, outcome).find(" knee 19.88k/s; all slots were taken "),
            std::string::npos);
}

}  // namespace
}  // namespace penstock::loadtest
