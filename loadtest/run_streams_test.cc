// Whole runs of calls that stream; run_test.cc has those of unary ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/run.h"
#include "penstock/loadtest/scripted_peer.h"
#include "penstock/loadtest/tally.h"

namespace penstock::loadtest {
namespace {

Options StreamOptions(const ScriptedPeer& peer, CallKind kind, int64_t streams) {
  Options options;
  options.target = peer.address();
  options.method = "test.Service/Method";
  options.message = "\x0a\x05world";
  options.kind = kind;
  options.calls_max = streams;
  options.duration_ns = kTimeNever;
  options.streams_per_connection = 3;
  options.quiet = true;
  return options;
}

bool HasNote(const RunResult& result, std::string_view text) {
  return std::any_of(result.notes.begin(), result.notes.end(), [text](const std::string& note) {
    return note.find(text) != std::string::npos;
  });
}

TEST(RunStreams, CountsTheResponsesOfAServerStream) {
  ScriptedPeer peer({.messages = 7});
  const RunOutcome outcome = RunLoadTest(StreamOptions(peer, CallKind::kServerStream, 50));
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 50u);
  EXPECT_EQ(outcome.result.messages.sent_count, 50u);
  EXPECT_EQ(outcome.result.messages.received_count, 350u);
  EXPECT_EQ(outcome.result.messages.first_message.count(), 50u);
  EXPECT_LE(outcome.result.messages.first_message.max(), outcome.result.tally.latency().max());
  EXPECT_EQ(outcome.result.messages.round_trip.count(), 0u);
  EXPECT_EQ(peer.counters().messages, 50u);
}

TEST(RunStreams, AServerStreamMayBeEmpty) {
  ScriptedPeer peer({.messages = 0});
  const RunOutcome outcome = RunLoadTest(StreamOptions(peer, CallKind::kServerStream, 5));
  EXPECT_EQ(outcome.result.tally.ok_count(), 5u);
  EXPECT_EQ(outcome.result.messages.first_message.count(), 0u);
}

TEST(RunStreams, SendsTheMessagesOfAClientStream) {
  ScriptedPeer peer({});
  Options options = StreamOptions(peer, CallKind::kClientStream, 20);
  options.messages_per_stream = 150;  // more than are sent at once
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 20u);
  EXPECT_EQ(outcome.result.messages.sent_count, 3'000u);
  EXPECT_EQ(outcome.result.messages.received_count, 20u);
  EXPECT_EQ(peer.counters().requests, 20u);
  EXPECT_EQ(peer.counters().messages, 3'000u);
}

TEST(RunStreams, AClientStreamHasAResponse) {
  ScriptedPeer peer({.messages = 0});
  const RunOutcome outcome = RunLoadTest(StreamOptions(peer, CallKind::kClientStream, 5));
  EXPECT_EQ(outcome.result.tally.errors()[kInternal].count, 5u);
}

// Each message is larger than a frame, three streams' messages larger than their windows.
TEST(RunStreams, WaitsForTheWindowsAndSendsAll) {
  PeerScript script;
  script.limits.stream_window_bytes = 65'535;
  script.limits.connection_window_bytes = 65'535;
  ScriptedPeer peer(script);
  Options options = StreamOptions(peer, CallKind::kClientStream, 9);
  options.message = std::string(40'000, 'x');
  options.messages_per_stream = 20;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 9u);
  EXPECT_EQ(peer.counters().messages, 180u);
  EXPECT_EQ(peer.counters().request_bytes, 180u * 40'005);
}

TEST(RunStreams, MeasuresTheRoundTripOfEachMessage) {
  for (const uint32_t in_flight : {1, 8, 1'000}) {
    SCOPED_TRACE(in_flight);
    ScriptedPeer peer({.answer = Answer::kEcho});
    Options options = StreamOptions(peer, CallKind::kBidi, 12);
    options.messages_per_stream = 100;
    options.messages_in_flight = in_flight;
    const RunOutcome outcome = RunLoadTest(options);
    EXPECT_EQ(outcome.exit_status, kExitOk);
    EXPECT_EQ(outcome.result.tally.ok_count(), 12u);
    EXPECT_EQ(outcome.result.messages.sent_count, 1'200u);
    EXPECT_EQ(outcome.result.messages.received_count, 1'200u);
    EXPECT_EQ(outcome.result.messages.round_trip.count(), 1'200u);
    EXPECT_EQ(outcome.result.messages.uneven_count, 0u);
    EXPECT_LE(outcome.result.messages.round_trip.max(), outcome.result.tally.latency().max());
    uint64_t sent_count = 0;
    for (const SeriesEntry& entry : outcome.result.series) sent_count += entry.messages_sent_count;
    EXPECT_EQ(sent_count, 1'200u);
  }
}

TEST(RunStreams, HasNoRoundTripWhereResponsesAreFewer) {
  ScriptedPeer peer({.messages = 1});
  Options options = StreamOptions(peer, CallKind::kBidi, 4);
  options.messages_per_stream = 3;
  options.messages_in_flight = 3;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.messages.uneven_count, 4u);
  EXPECT_TRUE(HasNote(outcome.result, "4 streams had more or fewer responses than requests"));
}

TEST(RunStreams, SaysThatTheServerEndedThemEarly) {
  ScriptedPeer peer({.answer = Answer::kOkEarly});
  Options options = StreamOptions(peer, CallKind::kBidi, 4);
  options.messages_per_stream = 3;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.result.tally.ok_count(), 4u);
  EXPECT_EQ(outcome.result.messages.early_count, 4u);
  EXPECT_EQ(outcome.result.messages.sent_count, 4u);
  EXPECT_TRUE(HasNote(outcome.result, "the server ended 4 streams, with OK, before"));
}

TEST(RunStreams, RepeatsAStreamFromItsFirstMessage) {
  ScriptedPeer peer({.answer = Answer::kEcho, .refuse_each = 3});
  Options options = StreamOptions(peer, CallKind::kBidi, 10);
  options.streams_per_connection = 1;
  options.messages_per_stream = 5;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.ok_count(), 10u);
  EXPECT_EQ(outcome.result.repeated_count, 4u);
  EXPECT_EQ(peer.counters().messages, 70u);
}

// One never ends in the window, and its messages are results nevertheless.
TEST(RunStreams, AStreamMayOutlastTheWindow) {
  ScriptedPeer peer({.answer = Answer::kEcho});
  Options options = StreamOptions(peer, CallKind::kBidi, Options::kUnlimited);
  options.streams_per_connection = 1;
  options.messages_per_stream = 1'000'000'000;
  options.duration_ns = 30 * kNsPerMs;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.tally.count(), 0u);
  EXPECT_EQ(outcome.result.unfinished_count, 1u);
  EXPECT_GT(outcome.result.messages.round_trip.count(), 0u);
  EXPECT_TRUE(HasNote(outcome.result, "no stream ended in the window; 1 were under way"));
}

TEST(RunStreams, AnOpenLoopStartsTheStreamsThatAreDue) {
  ScriptedPeer peer({.answer = Answer::kEcho});
  Options options = StreamOptions(peer, CallKind::kBidi, 40);
  options.streams_per_connection = 50;
  options.messages_per_stream = 3;
  options.rate.stages = {{0, 10'000}};
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.exit_status, kExitOk);
  EXPECT_EQ(outcome.result.offered_count, 40u);
  EXPECT_EQ(outcome.result.tally.response().count(), 40u);
  EXPECT_EQ(peer.counters().messages, 120u);
}

// Three in four calls are unary, the others streams of five messages.
TEST(RunStreams, AMixCallsEachMethodAsOftenAsItsWeightSays) {
  for (const bool is_open : {false, true}) {
    ScriptedPeer peer({.answer = Answer::kEcho, .refuse_each = 50});
    Options options = StreamOptions(peer, CallKind::kUnary, 1'000);
    options.mix.resize(2);
    options.mix[0].method = "test.Service/Unary";
    options.mix[0].weight = 3;
    options.mix[1].method = "test.Service/Bidi";
    options.mix[1].kind = CallKind::kBidi;
    options.mix[1].messages_per_stream = 5;
    options.mix[1].messages_in_flight = 2;
    if (is_open) options.rate.stages = {{0, 20'000}};
    options.streams_per_connection = 10;
    const RunOutcome outcome = RunLoadTest(options);
    EXPECT_EQ(outcome.exit_status, kExitOk);
    ASSERT_EQ(outcome.result.methods.size(), 2u);
    const MethodTally& unary = outcome.result.methods[0];
    const MethodTally& bidi = outcome.result.methods[1];
    EXPECT_EQ(unary.tally.ok_count() + bidi.tally.ok_count(), 1'000u);
    EXPECT_NEAR(static_cast<double>(unary.tally.ok_count()), 750, 50);
    EXPECT_EQ(unary.messages.sent_count, 0u);
    EXPECT_GE(bidi.messages.received_count, 5 * bidi.tally.ok_count()) << "and of refused ones";
    EXPECT_EQ(bidi.messages.received_count, bidi.messages.sent_count);
    EXPECT_EQ(outcome.result.messages.received_count, bidi.messages.received_count);
    EXPECT_EQ(unary.tally.response().count(), is_open ? unary.tally.ok_count() : 0);
    EXPECT_GT(outcome.result.repeated_count, 0u);
  }
}

}  // namespace
}  // namespace penstock::loadtest
