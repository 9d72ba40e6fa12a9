#include "penstock/loadtest/run.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/scripted_peer.h"
#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/tally.h"
#include "penstock/reactor/address.h"

namespace penstock::loadtest {
namespace {

Options CountedOptions(const ScriptedPeer& peer, int64_t calls) {
  Options options;
  options.target = peer.address();
  options.method = "test.Service/Method";
  options.message = "\x0a\x05world";
  options.calls_max = calls;
  options.duration_ns = kTimeNever;
  options.quiet = true;
  return options;
}

bool HasNote(const RunResult& result, std::string_view text) {
  return std::any_of(result.notes.begin(), result.notes.end(), [text](const std::string& note) {
    return note.find(text) != std::string::npos;
  });
}

// Every call fails with the same status and message.
void ExpectAllFail(Answer answer, uint8_t status, std::string_view message) {
  ScriptedPeer peer({.answer = answer});
  Options options = CountedOptions(peer, 50);
  options.streams_per_connection = 4;
  const RunOutcome outcome = RunLoadTest(options);
  ASSERT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  const Tally& tally = outcome.result.tally;
  EXPECT_EQ(tally.ok_count(), 0u);
  EXPECT_EQ(tally.error_count(), 50u);
  EXPECT_EQ(tally.errors()[status].count, 50u);
  EXPECT_NE(tally.errors()[status].first_message.find(message), std::string::npos)
      << tally.errors()[status].first_message;
}

TEST(Run, MakesAndCountsEveryCall) {
  for (const reactor::IoMode io : {reactor::IoMode::kAuto, reactor::IoMode::kEpoll}) {
    SCOPED_TRACE(ToString(io));
    ScriptedPeer peer({});
    Options options = CountedOptions(peer, 10'001);
    options.connections = 3;
    options.streams_per_connection = 7;
    options.io = io;
    const RunOutcome outcome = RunLoadTest(options);
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.exit_status, kExitOk);
    EXPECT_EQ(outcome.result.tally.ok_count(), 10'001u);
    EXPECT_EQ(outcome.result.tally.error_count(), 0u);
    EXPECT_EQ(outcome.result.tally.latency().count(), 10'001u);
    EXPECT_EQ(outcome.result.unfinished_count, 0u);
    EXPECT_EQ(peer.counters().requests, 10'001u);
    EXPECT_EQ(peer.counters().request_bytes, 10'001u * (5 + 7));
    EXPECT_EQ(peer.counters().connections, 3u);
    EXPECT_EQ(peer.counters().streams_open_max, 7u);
  }
}

TEST(Run, SharesConnectionsAndCallsOutOverShards) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 1'001);
  options.connections = 5;
  options.shards = 2;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 1'001u);
  EXPECT_EQ(peer.counters().requests, 1'001u);
  EXPECT_EQ(peer.counters().connections, 5u);
}

TEST(Run, LeavesTheWarmUpOutOfTheCount) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 500);
  options.streams_per_connection = 10;
  options.warmup_ns = 20 * kNsPerMs;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 500u);
  EXPECT_EQ(outcome.result.tally.latency().count(), 500u);
  EXPECT_GT(peer.counters().requests, 500u);
}

TEST(Run, EndsWhenTheTimeIsOver) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, Options::kUnlimited);
  options.duration_ns = 50 * kNsPerMs;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_GT(outcome.result.tally.ok_count(), 0u);
  EXPECT_LT(outcome.result.tally.ok_count(), Options::kUnlimited) << "no count ended it";
  EXPECT_GT(outcome.result.measured_ns, 0);
}

// Little's law: the mean latency times the rate is the number of calls under way.
TEST(Run, LatencyAndRateAgreeWithWhatIsUnderWay) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 20'000);
  options.connections = 2;
  options.streams_per_connection = 50;
  const RunOutcome outcome = RunLoadTest(options);
  ASSERT_EQ(outcome.exit_status, kExitOk);
  const double under_way =
      outcome.result.rps() * outcome.result.tally.latency().mean() / kNsPerSecond;
  EXPECT_LE(under_way, 100.0);
  EXPECT_GT(under_way, 50.0);
}

TEST(Run, ShowsTheStatusAndMessageOfTheServer) {
  ExpectAllFail(Answer::kUnavailable, kUnavailable, "try later, 100%");
}

TEST(Run, TakesAResetForItsStatus) {
  ExpectAllFail(Answer::kReset, kUnavailable, "RST_STREAM(REFUSED_STREAM)");
}

TEST(Run, TakesStatusZeroWithoutAMessageForAnError) {
  ExpectAllFail(Answer::kOkWithoutMessage, kInternal, "no message in the response");
}

TEST(Run, TakesTheHttpStatusWhereThereIsNoOther) {
  ExpectAllFail(Answer::kHttp503, kUnavailable, "HTTP status 503");
}

TEST(Run, MissesTheTrailers) {
  ExpectAllFail(Answer::kDataWithoutTrailers, kUnknown, "no grpc-status in the response");
}

TEST(Run, BlamesTheServerForABrokenResponse) {
  ExpectAllFail(Answer::kBrokenHead, kInternal, "the response breaks HTTP/2: ");
}

TEST(Run, CancelsWhatIsAnsweredBeforeItIsSent) {
  ScriptedPeer peer({.answer = Answer::kUnavailableEarly});
  Options options = CountedOptions(peer, 20);
  options.message.assign(3'000'000, 'x');  // more than the stream's window
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.result.tally.errors()[kUnavailable].count, 20u);
  EXPECT_GT(peer.counters().resets, 0u);
}

TEST(Run, SendsLargeMessagesThroughSmallWindows) {
  PeerScript script;
  script.limits.stream_window_bytes = 65'535;
  script.limits.connection_window_bytes = 65'535;
  ScriptedPeer peer(script);
  Options options = CountedOptions(peer, 30);
  options.streams_per_connection = 3;
  options.message.assign(300'000, 'x');
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 30u);
  EXPECT_EQ(peer.counters().request_bytes, 30u * 300'005);
}

TEST(Run, GivesUpAtTheDeadlineAndTellsTheServerOfIt) {
  ScriptedPeer peer({.answer = Answer::kNever});
  Options options = CountedOptions(peer, 6);
  options.streams_per_connection = 2;
  options.deadline_ns = 3 * kNsPerMs;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  const Tally::StatusLine& line = outcome.result.tally.errors()[kDeadlineExceeded];
  EXPECT_EQ(line.count, 6u);
  EXPECT_EQ(line.first_message, "no answer within the deadline of 3ms");
  EXPECT_GE(outcome.result.measured_ns, 3 * 3 * kNsPerMs);
  EXPECT_EQ(peer.counters().timeouts, 6u);
}

TEST(Run, SaysThatNoCallEnded) {
  ScriptedPeer peer({.answer = Answer::kNever});
  Options options = CountedOptions(peer, Options::kUnlimited);
  options.duration_ns = 20 * kNsPerMs;
  options.streams_per_connection = 4;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  EXPECT_EQ(outcome.result.unfinished_count, 4u);
  EXPECT_TRUE(HasNote(outcome.result, "no call ended in the window; 4 waited for an answer"));
}

TEST(Run, TellsThatTheSloWasKept) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 10);
  ASSERT_EQ(ParseSlo("err<50%", &options.slo), "");
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_TRUE(HasNote(outcome.result, "--slo err<50% was kept"));
}

TEST(Run, AnOpenLoopTellsThatItsSlotsWereTaken) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 200);
  options.rate.stages = {{0, 50'000'000}};  // all are due within 4 us, for one slot
  RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.result.tally.ok_count(), 200u);
  EXPECT_TRUE(HasNote(outcome.result, " calls waited for one of the 1 slots: "));
  options.streams_per_connection = 100;
  options.rate.stages = {{0, 100}};
  options.calls_max = 3;
  outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.result.slot_waits_count, 0u);
}

TEST(Run, TheSeriesAddsUpToTheTotals) {
  for (const double rate : {0.0, 200.0}) {
    SCOPED_TRACE(rate);
    ScriptedPeer peer({});
    Options options = CountedOptions(peer, 21);
    options.connections = 2;
    options.shards = 2;
    if (rate > 0) options.rate.stages = {{0, rate}};
    const RunOutcome outcome = RunLoadTest(options);
    uint64_t ok_count = 0;
    for (const SeriesEntry& entry : outcome.result.series) ok_count += entry.ok_count;
    EXPECT_EQ(ok_count, 21u);
    ASSERT_FALSE(outcome.result.series.empty());
    const SeriesEntry& last = outcome.result.series.back();
    EXPECT_EQ(last.in_flight_count, 0u);
    EXPECT_GT(last.at_s, 0);
    EXPECT_GT(last.max_ns, 0);
  }
}

// One call may be in flight. What is due meanwhile is dropped, and though no call failed that is
// not the load that was asked for.
TEST(Run, DroppedCallsAreAnErrorOfTheRun) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 2'000);
  options.in_flight_max = 1;
  options.rate.stages = {{0, 50'000'000}};  // all are due within 40 us
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  EXPECT_GT(outcome.result.tally.ok_count(), 0u);
  EXPECT_GT(outcome.result.dropped_count, 0u);
  EXPECT_EQ(outcome.result.tally.error_count(), 0u);
}

TEST(Run, RespectsAndReportsThePeersLimitOnStreams) {
  PeerScript script;
  script.limits.concurrent_streams_max = 5;
  ScriptedPeer peer(script);
  Options options = CountedOptions(peer, 300);
  options.streams_per_connection = 20;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 300u);
  EXPECT_EQ(peer.counters().streams_open_max, 5u);
  EXPECT_TRUE(HasNote(outcome.result, "--streams-per-conn 20 was cut to that"));
}

TEST(Run, ReplacesAConnectionThatSaidGoAway) {
  ScriptedPeer peer({.goaway_after = 10});
  const RunOutcome outcome = RunLoadTest(CountedOptions(peer, 95));
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 95u);
  EXPECT_EQ(peer.counters().connections, 10u);
}

// The calls of one end before the next one is made.
TEST(Run, ReplacesAConnectionAfterItsCalls) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 95);
  options.reconnect_calls = 10;
  options.streams_per_connection = 4;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 95u);
  EXPECT_EQ(peer.counters().connections, 10u);
  EXPECT_EQ(outcome.result.connections_made, 9u);
  EXPECT_EQ(outcome.result.connects.count(), 9u);
  EXPECT_FALSE(outcome.result.connections_missing);
  EXPECT_EQ(outcome.result.repeated_count, 0u);
}

TEST(Run, StopsReplacingConnectionsThatAnswerNothing) {
  ScriptedPeer peer({.answer = Answer::kReset, .goaway_after = 1});
  Options options = CountedOptions(peer, 10'000);
  options.duration_ns = 60 * kNsPerSecond;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  EXPECT_EQ(peer.counters().connections, 1 + kUnansweringMax);
  EXPECT_TRUE(HasNote(outcome.result, "1 of 1 connections were lost: GOAWAY("));
}

// With eight under way there are some that the GOAWAY leaves out; they are the first of the next
// connection, and so not left out again.
TEST(Run, RepeatsElsewhereWhatAGoAwayLeavesOut) {
  ScriptedPeer peer({.goaway_after = 50});
  Options options = CountedOptions(peer, 400);
  options.streams_per_connection = 8;
  options.deadline_ns = 60 * kNsPerSecond;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 400u);
  EXPECT_EQ(outcome.result.tally.error_count(), 0u);
  EXPECT_GE(peer.counters().connections, 8u);
}

// One call at a time: 3, 6, ... 27 of 29 are refused, and sent again as the next.
TEST(Run, RepeatsOnceWhatIsRefusedAndCountsIt) {
  ScriptedPeer peer({.refuse_each = 3});
  const RunOutcome outcome = RunLoadTest(CountedOptions(peer, 20));
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 20u);
  EXPECT_EQ(outcome.result.repeated_count, 9u);
  EXPECT_EQ(peer.counters().requests, 29u);
}

TEST(Run, WhatIsRefusedAgainHasFailed) {
  ScriptedPeer peer({.answer = Answer::kReset});
  const RunOutcome outcome = RunLoadTest(CountedOptions(peer, 20));
  EXPECT_EQ(outcome.result.tally.errors()[kUnavailable].count, 20u);
  EXPECT_EQ(outcome.result.repeated_count, 20u);
  EXPECT_EQ(peer.counters().requests, 40u);
}

// The last call, too, behind which nothing is due that would wake anybody.
TEST(Run, AnOpenLoopRepeatsWhatIsRefusedAndEnds) {
  for (const int64_t calls : {1, 20}) {
    ScriptedPeer peer({.answer = Answer::kReset});
    Options options = CountedOptions(peer, calls);
    options.rate.stages = {{0, 10'000}};
    options.streams_per_connection = 10;
    options.duration_ns = 60 * kNsPerSecond;
    const RunOutcome outcome = RunLoadTest(options);
    const auto count = static_cast<uint64_t>(calls);
    EXPECT_EQ(outcome.result.tally.errors()[kUnavailable].count, count);
    EXPECT_EQ(outcome.result.repeated_count, count);
    EXPECT_EQ(outcome.result.unfinished_count, 0u);
    EXPECT_EQ(peer.counters().requests, 2 * count);
  }
}

TEST(Run, AnOpenLoopMakesTheCallsThatWereMeant) {
  for (const bool poisson : {false, true}) {
    ScriptedPeer peer({});
    Options options = CountedOptions(peer, 501);
    options.connections = 4;
    options.streams_per_connection = 10;
    options.shards = 2;
    options.poisson = poisson;
    options.rate.stages = {{0, 5'000}, {20 * kNsPerMs, 50'000}};
    const RunOutcome outcome = RunLoadTest(options);
    EXPECT_EQ(outcome.exit_status, kExitOk);
    EXPECT_EQ(outcome.result.offered_count, 501u);
    EXPECT_EQ(outcome.result.dropped_count, 0u);
    EXPECT_EQ(outcome.result.tally.ok_count(), 501u);
    EXPECT_EQ(outcome.result.tally.response().count(), 501u);
    EXPECT_GE(outcome.result.tally.response().mean(), outcome.result.tally.latency().mean());
    EXPECT_EQ(outcome.result.lateness.count(), 501u);
    EXPECT_EQ(peer.counters().requests, 501u);
    EXPECT_EQ(peer.counters().connections, 4u);
  }
}

TEST(Run, AnOpenLoopLeavesItsWarmUpOutOfTheCount) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 100);
  options.streams_per_connection = 10;
  options.warmup_ns = 20 * kNsPerMs;
  options.rate.stages = {{0, 10'000}};
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.offered_count, 100u);
  EXPECT_EQ(outcome.result.tally.ok_count(), 100u);
  EXPECT_GT(peer.counters().requests, 100u);
}

// Two calls are under way and three wait, for ever: all that is due behind them is dropped.
TEST(Run, AnOpenLoopDropsWhatIsTooMuchAndSaysSo) {
  ScriptedPeer peer({.answer = Answer::kNever});
  Options options = CountedOptions(peer, 50);
  options.duration_ns = 20 * kNsPerMs;
  options.streams_per_connection = 2;
  options.in_flight_max = 5;
  options.rate.stages = {{0, 100'000}};
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  EXPECT_EQ(outcome.result.offered_count, 50u);
  EXPECT_EQ(outcome.result.dropped_count, 45u);
  EXPECT_EQ(outcome.result.unfinished_count, 5u);
  EXPECT_TRUE(HasNote(outcome.result, "45 calls were dropped: when due, the 5 of"));
}

TEST(Run, EndsWhenNoConnectionIsLeft) {
  ScriptedPeer peer({.answer = Answer::kClose});
  Options options = CountedOptions(peer, 1'000);
  options.connections = 2;
  options.streams_per_connection = 3;
  const RunOutcome outcome = RunLoadTest(options);
  ASSERT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.exit_status, kExitErrors);
  EXPECT_EQ(outcome.result.tally.errors()[kUnavailable].count, 6u);
  EXPECT_TRUE(HasNote(outcome.result, "2 of 2 connections were lost: "));
}

TEST(Run, KeepsTheResultsOfAnInterruptedRun) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // the peer's thread shall not take it
  ScriptedPeer peer({.on_request = [](uint64_t count) {
    if (count == 100) ::kill(::getpid(), SIGINT);
  }});
  const RunOutcome outcome = RunLoadTest(CountedOptions(peer, Options::kUnlimited));
  ASSERT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.exit_status, kExitInterrupted);
  EXPECT_TRUE(outcome.result.interrupted);
  EXPECT_GE(outcome.result.tally.ok_count(), 99u);
}

TEST(Run, SaysWhyThereIsNoConnection) {
  Options options;
  options.method = "a.B/C";
  // A port that is taken, but where nobody listens.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  options.target = reactor::Address::OfLocalEnd(fd)->ToString();
  const RunOutcome outcome = RunLoadTest(options);
  ::close(fd);
  EXPECT_EQ(outcome.exit_status, kExitNoConnection);
  EXPECT_NE(outcome.error.find("no connection to " + options.target + ": connection refused"),
            std::string::npos)
      << outcome.error;
}

TEST(Run, SaysOfATargetThatIsNoneThatThereIsNoConnection) {
  Options options;
  options.method = "a.B/C";
  options.target = "foo";
  EXPECT_EQ(RunLoadTest(options).exit_status, kExitNoConnection);
}

TEST(Run, RefusesCoresThatItMayNotUse) {
  Options options;
  options.method = "a.B/C";
  options.target = "127.0.0.1:1";
  options.cpus = {1023};
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitUsage);
  EXPECT_TRUE(outcome.error.starts_with("--cpus: cannot run on cpu 1023: ")) << outcome.error;
}

TEST(Run, RefusesAProcessThatIsNotThere) {
  Options options;
  options.method = "a.B/C";
  options.target = "127.0.0.1:1";
  options.server_pid = 0x7fff'fff0;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitUsage);
  EXPECT_TRUE(outcome.error.starts_with("--server-pid: there is no running process 2147483632"))
      << outcome.error;
}

TEST(Run, TellsWhatTheServersProcessCost) {
  ScriptedPeer peer({});
  Options options = CountedOptions(peer, 2'000);
  options.server_pid = ::getpid();
  const RunOutcome outcome = RunLoadTest(options);
  ASSERT_TRUE(outcome.result.server.has_value());
  EXPECT_GT(outcome.result.server->cpu_ns, 0);
  EXPECT_GT(outcome.result.server->rss_bytes, 0u);
}

}  // namespace
}  // namespace penstock::loadtest
