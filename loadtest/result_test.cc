// What is concluded of a result, without a run.
#include "penstock/loadtest/result.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/loadtest/run_notes.h"

namespace penstock::loadtest {
namespace {

TEST(RunResult, AServerThatStopsAnsweringIsNotAGoodRun) {
  RunResult result;
  for (int i = 0; i < 100; ++i) result.tally.RecordOk(2 * kNsPerMs);
  EXPECT_FALSE(result.stalled());
  result.longest_wait_ns = kStallNsMin;
  EXPECT_FALSE(result.stalled()) << "calls are always under way at the end";
  result.longest_wait_ns = 2 * kNsPerSecond;
  result.unfinished_count = 10;
  EXPECT_TRUE(result.stalled());
  result.tally.RecordOk(3 * kNsPerSecond);
  EXPECT_FALSE(result.stalled()) << "max shows it";
}

TEST(RunResult, AnOpenLoopThatFallsBehindIsNotAGoodRun) {
  RunResult result;
  result.is_open_loop = true;
  result.measured_ns = kNsPerSecond;
  result.offered_count = 1'000;
  const auto answer = [&result](int count) {
    for (int i = 0; i < count; ++i) result.tally.RecordResponse(50 * kNsPerMs);
    for (int i = 0; i < count; ++i) result.tally.RecordOk(50 * kNsPerMs);
  };
  answer(900);
  result.carried_ok_count = 30;
  EXPECT_TRUE(result.fell_behind()) << "70 more, of which 50 are always in flight";
  result.carried_ok_count = 45;
  EXPECT_FALSE(result.fell_behind()) << "the warm-up left as many behind, nearly";
  result.carried_ok_count = 0;
  result.dropped_count = 50;
  EXPECT_FALSE(result.fell_behind()) << "what was dropped does not wait";
  answer(50);
  result.dropped_count = 0;
  EXPECT_FALSE(result.fell_behind()) << "without a warm-up";
  result.is_open_loop = false;
  result.offered_count = 0;
  EXPECT_FALSE(result.fell_behind());
}

TEST(RunResult, OneCallUnderWayAtTheEndIsNotFallingBehind) {
  RunResult result;
  result.is_open_loop = true;
  result.measured_ns = kNsPerSecond;
  result.offered_count = 10;
  for (int i = 0; i < 9; ++i) result.tally.RecordError(kDeadlineExceeded, "");
  EXPECT_FALSE(result.fell_behind()) << "that none was OK is what there is to tell";
  result.tally.RecordOk(kNsPerMs);
  result.tally.RecordResponse(kNsPerMs);
  result.offered_count = 11;
  EXPECT_FALSE(result.fell_behind());
  result.offered_count = 12;
  EXPECT_TRUE(result.fell_behind());
}

TEST(RunNotes, SayWhatTheReaderMustKnow) {
  const struct {
    const char* note;
    void (*change)(Options* options, RunResult* result);
  } cases[] = {
      {"2 shards shared the 1 core of --cpus",
       [](Options* options, RunResult*) {
         options->shards = 2;
         options->cpus = {0};
       }},
      {"1 call had no answer when the window closed, the oldest after 1.02s: max and percentiles "
       "are too low",
       [](Options*, RunResult* result) {
         result->unfinished_count = 1;
         result->longest_wait_ns = 1'023'471'995;
       }},
      {"1 call was dropped: when due, the 7 of --max-in-flight were in flight; in no latency",
       [](Options* options, RunResult* result) {
         options->in_flight_max = 7;
         result->dropped_count = 1;
       }},
  };
  for (const auto& [note, change] : cases) {
    Options options;
    RunResult result;
    result.tally.RecordOk(kNsPerMs);
    EXPECT_EQ(MakeNotes(options, {}, result), std::vector<std::string>()) << "nothing to say";
    change(&options, &result);
    EXPECT_EQ(MakeNotes(options, {}, result), std::vector<std::string>{note});
  }
}

}  // namespace
}  // namespace penstock::loadtest
