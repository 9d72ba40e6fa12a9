// Several runs, without making them; run_test.cc makes some.
#include "penstock/loadtest/repeat.h"

#include <gtest/gtest.h>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/scripted_peer.h"

namespace penstock::loadtest {
namespace {

// A run of a second with so many calls.
RunOutcome RunOf(uint64_t calls, int exit_status = kExitOk) {
  RunOutcome run;
  run.exit_status = exit_status;
  run.result.measured_ns = kNsPerSecond;
  run.result.interrupted = exit_status == kExitInterrupted;
  run.result.series.resize(1);
  for (uint64_t i = 0; i < calls; ++i) run.result.tally.RecordOk(100);
  return run;
}

RunOutcome NoResult(int exit_status, const char* why) {
  RunOutcome run;
  run.exit_status = exit_status;
  run.error = why;
  return run;
}

Options OptionsOf(uint32_t repeats) {
  Options options;
  options.repeats = repeats;
  options.seed = 7;
  return options;
}

TEST(Repeats, TellTheRunWithTheMedianThroughput) {
  const Options options = OptionsOf(4);
  Repeats repeats(options);
  for (const uint64_t calls : {40, 10, 30, 20}) {
    EXPECT_EQ(repeats.Take(RunOf(calls)), calls != 20) << "it is the last";
  }
  const RecordOutcome outcome = repeats.Conclude();
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.record.repeats.size(), 4u);
  EXPECT_EQ(outcome.record.median_repeat, 3u) << "the lower one in the middle";
  EXPECT_EQ(outcome.record.result.rps(), 20);
  EXPECT_EQ(outcome.record.result.series.size(), 1u);
  EXPECT_TRUE(outcome.record.repeats[3].series.empty());
  EXPECT_EQ(outcome.record.options.seed, 10u) << "of that run";
}

TEST(Repeats, EachDrawsOtherArrivals) {
  const Options options = OptionsOf(3);
  Repeats repeats(options);
  for (const uint64_t seed : {7, 8, 9}) {
    EXPECT_EQ(repeats.NextOptions().seed, seed);
    repeats.Take(RunOf(1));
  }
}

TEST(Repeats, OneRunIsNoRepeat) {
  const Options options = OptionsOf(1);
  Repeats repeats(options);
  EXPECT_FALSE(repeats.Take(RunOf(5, kExitInterrupted)));
  const RecordOutcome outcome = repeats.Conclude();
  EXPECT_EQ(outcome.exit_status, kExitInterrupted);
  EXPECT_TRUE(outcome.record.repeats.empty());
  EXPECT_EQ(outcome.record.result.rps(), 5);
  EXPECT_TRUE(outcome.record.result.notes.empty());
}

TEST(Repeats, KeepTheWorstStatus) {
  const Options options = OptionsOf(3);
  Repeats repeats(options);
  repeats.Take(RunOf(1, kExitErrors));
  repeats.Take(RunOf(1, kExitSlo));
  repeats.Take(RunOf(1));
  EXPECT_EQ(repeats.Conclude().exit_status, kExitSlo);
}

TEST(Repeats, WhatHasNoResultEndsThemAndLosesNone) {
  const struct {
    const char* name;
    RunOutcome last;
    const char* note;
  } cases[] = {
      {"no server", NoResult(kExitNoConnection, "no connection"),
       "run 3 had no result: no connection"},
      {"Ctrl-C in a run", RunOf(1, kExitInterrupted),
       "interrupted before run 3 of 5 had ended: it is in no figure"},
  };
  for (const auto& [name, last, note] : cases) {
    SCOPED_TRACE(name);
    const Options options = OptionsOf(5);
    Repeats repeats(options);
    EXPECT_TRUE(repeats.Take(RunOf(10)));
    EXPECT_TRUE(repeats.Take(RunOf(20)));
    EXPECT_FALSE(repeats.Take(last));
    const RecordOutcome outcome = repeats.Conclude();
    EXPECT_EQ(outcome.exit_status, last.exit_status);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.record.repeats.size(), 2u);
    ASSERT_EQ(outcome.record.result.notes.size(), 1u);
    EXPECT_EQ(outcome.record.result.notes[0], note);
  }
  const Options options = OptionsOf(5);
  Repeats repeats(options);
  EXPECT_FALSE(repeats.Take(NoResult(kExitNoConnection, "no connection")));
  EXPECT_EQ(repeats.Conclude().error, "no connection");
}

TEST(RunRepeats, MakesEachRunWithConnectionsOfItsOwn) {
  ScriptedPeer peer({});
  Options options = OptionsOf(3);
  options.target = peer.address();
  options.method = "test.Service/Method";
  options.calls_max = 50;
  options.duration_ns = kTimeNever;
  options.cooldown_ns = 0;
  options.quiet = true;
  const RecordOutcome outcome = RunRepeats(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.record.repeats.size(), 3u);
  for (const RunResult& run : outcome.record.repeats) EXPECT_EQ(run.tally.ok_count(), 50u);
  EXPECT_EQ(peer.counters().connections, 3u);
  EXPECT_EQ(peer.counters().requests, 150u);
}

}  // namespace
}  // namespace penstock::loadtest
