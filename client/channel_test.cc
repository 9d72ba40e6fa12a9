// A channel's states, its attempts to connect, and the calls that wait. Time is virtual.
#include "penstock/client/channel.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "penstock/client/testing/dialogue.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::GoAway;
using http2::testing::RstStream;

constexpr TimeNs kMs = kNsPerMs;

// Attempts are as far apart as the numbers say.
ChannelOptions WithoutJitter() {
  ChannelOptions options;
  options.backoff_jitter = 0;
  return options;
}

void Answers(Dialogue& net, uint32_t id, std::string_view text) {
  net.Sends(ResponseHead(id), Data(id, Framed(text)), Trailers(id, "0"));
}

void ExpectsRequest(Dialogue& net, uint32_t id, std::string_view text = "hello") {
  net.Expects(Dialogue::RequestHead(id));
  net.Expects(Data(id, Framed(text)).End());
}

// --- States

TEST(Channel, ConnectsWhenTheFirstCallNeedsIt) {
  Dialogue net;
  EXPECT_EQ(net.channel().state(), ChannelState::kIdle);
  EXPECT_EQ(net.net().ends_count(), 0u);
  PendingCall call;
  net.Begin(&call);
  EXPECT_EQ(net.channel().state(), ChannelState::kConnecting);
  EXPECT_EQ(net.net().ends_count(), 1u);
}

// What is not HTTP/2 never gets a call.
TEST(Channel, IsReadyWhenTheServersSettingsCome) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Advance(kNsPerSecond);
  EXPECT_EQ(net.channel().state(), ChannelState::kConnecting);
  net.Accepts();
  EXPECT_EQ(net.channel().state(), ChannelState::kReady);
  ExpectsRequest(net, 1);
}

TEST(Channel, RefusedAttemptsFailTheCallsThatWait) {
  Dialogue net;
  net.net().set_connect_error(ECONNREFUSED);
  PendingCall call;
  net.Begin(&call);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(call.message(),
            "cannot connect to 127.0.0.1:50051: connection refused: nobody listens there");
  EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  PendingCall next;
  net.Begin(&next);
  EXPECT_EQ(next.code(), StatusCode::kUnavailable);
  EXPECT_EQ(net.channel().counters().connect_attempts, 1u);
}

TEST(Channel, ATargetThatIsNoneIsAFailedAttempt) {
  Dialogue net(ChannelOptions(), "https://127.0.0.1:1");
  PendingCall call;
  net.Begin(&call);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_NE(call.message().find("begins with https://; write HOST:PORT"), std::string::npos);
}

TEST(Channel, AServerThatSpeaksSomethingElseIsAFailedAttempt) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.SendsBytes("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_NE(call.message().find("an answer in HTTP/1.1 before it spoke HTTP/2: is it a gRPC"),
            std::string::npos)
      << call.message();
}

// Accepted by the kernel, and nobody speaks.
TEST(Channel, AnAttemptMayTakeConnectTimeout) {
  ChannelOptions options = WithoutJitter();
  options.connect_timeout_ns = 3 * kNsPerSecond;
  Dialogue net(options);
  PendingCall call;
  net.Begin(&call);
  net.Advance(3 * kNsPerSecond - kMs);
  EXPECT_FALSE(call.ended());
  net.Advance(2 * kMs);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_NE(call.message().find("no HTTP/2 answer within connect_timeout_ns"), std::string::npos);
}

// --- Backoff. Spec: gRPC connection-backoff.md

TEST(Backoff, GrowsToItsMaximum) {
  const ChannelOptions options;
  const struct {
    uint32_t failures_count;
    double seconds;
  } cases[] = {{1, 1}, {2, 1.6}, {3, 2.56}, {4, 4.096}, {11, 109.95}, {12, 120}, {1000, 120}};
  for (const auto& [failures_count, seconds] : cases) {
    SCOPED_TRACE(failures_count);
    const auto at = [&](double random) {
      return static_cast<double>(BackoffAfter(failures_count, options, random)) / 1e9;
    };
    EXPECT_NEAR(at(0.5), seconds, 0.01);
    EXPECT_NEAR(at(0), seconds * 0.8, 0.01);
    EXPECT_NEAR(at(1), seconds * 1.2, 0.01);
  }
}

TEST(Backoff, IsMeasuredFromTheBeginOfTheAttempt) {
  ChannelOptions options = WithoutJitter();
  options.connect_timeout_ns = 900 * kMs;
  Dialogue net(options);
  net.channel().Connect();
  net.Advance(901 * kMs);  // the first attempt fails
  EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  EXPECT_EQ(net.channel().counters().connect_attempts, 1u);
  net.Advance(97 * kMs);
  EXPECT_EQ(net.channel().counters().connect_attempts, 1u);
  net.Advance(4 * kMs);  // one second after it began
  EXPECT_EQ(net.channel().counters().connect_attempts, 2u);
}

// It does not go back to CONNECTING, where calls would wait.
TEST(Backoff, TransientFailureLastsUntilAConnectionStands) {
  Dialogue net(WithoutJitter());
  net.net().set_connect_error(ECONNREFUSED);
  net.channel().Connect();
  net.Turn();
  for (uint64_t attempts = 2; attempts < 5; ++attempts) {
    net.Advance(5 * kNsPerSecond);
    EXPECT_EQ(net.channel().counters().connect_attempts, attempts);
    EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  }
  net.net().set_connect_error(0);
  net.Advance(5 * kNsPerSecond);
  EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  net.Accepts();
  EXPECT_EQ(net.channel().state(), ChannelState::kReady);
}

TEST(Backoff, IsSetBackByTheServersSettings) {
  Dialogue net(WithoutJitter());
  net.net().set_connect_error(ECONNREFUSED);
  net.channel().Connect();
  net.Turn();
  for (int i = 0; i < 3; ++i) net.Advance(5 * kNsPerSecond);
  net.net().set_connect_error(0);
  net.Advance(5 * kNsPerSecond);
  net.Accepts();
  net.net().newest().EndWrite();
  net.Turn();
  net.net().set_connect_error(ECONNREFUSED);
  const uint64_t attempts = net.channel().counters().connect_attempts;
  net.channel().Connect();
  net.Turn();
  net.Advance(kNsPerSecond + kMs);  // as after a first failure
  EXPECT_EQ(net.channel().counters().connect_attempts, attempts + 2);
}

// --- Waiting for ready. Spec: gRPC wait-for-ready.md

TEST(WaitForReady, WaitsThroughFailedAttempts) {
  Dialogue net(WithoutJitter());
  net.net().set_connect_error(ECONNREFUSED);
  PendingCall call;
  const CallOptions options = CallOptions().SetWaitForReady(true);
  net.Begin(&call, "hello", options);
  net.Advance(2 * kNsPerSecond);
  EXPECT_FALSE(call.ended());
  net.net().set_connect_error(0);
  net.Advance(2 * kNsPerSecond);
  net.Accepts();
  ExpectsRequest(net, 1);
  Answers(net, 1, "hi");
  EXPECT_EQ(call.text(), "hi");
}

TEST(WaitForReady, WaitsNoLongerThanTheDeadline) {
  Dialogue net(WithoutJitter());
  net.net().set_connect_error(ECONNREFUSED);
  PendingCall call;
  const CallOptions options = CallOptions().SetWaitForReady(true).SetTimeout(2 * kNsPerSecond);
  net.Begin(&call, "hello", options);
  net.Advance(2 * kNsPerSecond + kMs);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_NE(call.message().find("the call waited for a connection; the latest failure: cannot "
                                "connect to 127.0.0.1:50051: connection refused"),
            std::string::npos)
      << call.message();
}

TEST(WaitForReady, EndsWithTheChannel) {
  Dialogue net;
  net.net().set_connect_error(ECONNREFUSED);
  PendingCall call;
  const CallOptions options = CallOptions().SetWaitForReady(true);
  net.Begin(&call, "hello", options);
  net.CloseChannel();
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(call.message(), "the channel to 127.0.0.1:50051 was closed");
}

// --- Waiting for a stream

TEST(StreamLimit, CallsWaitInTheirOrder) {
  Dialogue net;
  std::deque<PendingCall> calls(4);
  for (size_t i = 0; i < calls.size(); ++i) net.Begin(&calls[i], std::to_string(i));
  net.Accepts({{SettingId::kMaxConcurrentStreams, 2}});
  ExpectsRequest(net, 1, "0");
  ExpectsRequest(net, 3, "1");
  net.ExpectsNothing();
  Answers(net, 3, "b");
  ExpectsRequest(net, 5, "2");
  net.ExpectsNothing();
  Answers(net, 1, "a");
  ExpectsRequest(net, 7, "3");
  Answers(net, 7, "d");
  Answers(net, 5, "c");
  EXPECT_EQ(calls[0].text() + calls[1].text() + calls[2].text() + calls[3].text(), "abcd");
}

TEST(StreamLimit, DeadlinesKeepRunning) {
  Dialogue net;
  net.channel().Connect();
  net.Turn();
  net.Accepts({{SettingId::kMaxConcurrentStreams, 0}});
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(kNsPerSecond);
  net.Begin(&call, "hello", options);
  net.Advance(kNsPerSecond + kMs);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_NE(call.message().find("the server's MAX_CONCURRENT_STREAMS"), std::string::npos);
  net.ExpectsNothing();
}

// Timers fire at their tick, which is up to a millisecond after the deadline.
TEST(StreamLimit, RoomThatComesBehindTheDeadlineComesTooLate) {
  Dialogue net;
  PendingCall open;
  PendingCall call;
  net.Begin(&open);
  net.Accepts({{SettingId::kMaxConcurrentStreams, 1}});
  ExpectsRequest(net, 1);
  const CallOptions options = CallOptions().SetTimeout(kMs / 2);
  net.Begin(&call, "hello", options);
  net.net().Advance(kMs * 6 / 10);
  Answers(net, 1, "a");
  EXPECT_EQ(open.text(), "a");
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  net.ExpectsNothing();
}

TEST(StreamLimit, RisesWithTheServersSettings) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts({{SettingId::kMaxConcurrentStreams, 0}});
  net.ExpectsNothing();
  net.Sends(http2::testing::SettingsFrame({{SettingId::kMaxConcurrentStreams, 1}}));
  ExpectsRequest(net, 1);
}

TEST(StreamLimit, NoMoreThanWaitingCallsMaxWait) {
  ChannelOptions options;
  options.waiting_calls_max = 2;
  Dialogue net(options);
  std::deque<PendingCall> calls(3);
  for (PendingCall& call : calls) net.Begin(&call);
  EXPECT_FALSE(calls[1].ended());
  EXPECT_EQ(calls[2].code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(calls[2].message(),
            "waiting_calls_max, 2, calls to 127.0.0.1:50051 wait already; the channel is "
            "CONNECTING");
  net.Accepts();
  PendingCall late;
  net.Begin(&late);
  EXPECT_FALSE(late.ended());
}

TEST(Channel, SeveralConnectionsTakeTheCallsInTurn) {
  ChannelOptions options;
  options.connections = 2;
  Dialogue net(options);
  net.channel().Connect();
  net.Turn();
  EXPECT_EQ(net.net().ends_count(), 2u);
  net.Accepts();  // the second
  PendingCall first;
  net.Begin(&first, "1");
  ExpectsRequest(net, 1, "1");
  PendingCall second;
  net.Begin(&second, "2");  // the other one has not answered yet
  ExpectsRequest(net, 3, "2");
}

// --- Connections that end

TEST(Lost, CallsThatWereSentAreUnavailable) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.net().newest().EndWrite();
  net.Turn();
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(call.message(),
            "lost the connection to 127.0.0.1:50051: the peer closed the connection");
  EXPECT_EQ(net.channel().state(), ChannelState::kIdle);
}

TEST(Lost, TheNextCallConnectsAnew) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  PendingCall next;
  net.Begin(&next);
  EXPECT_EQ(net.net().ends_count(), 2u);
  net.Accepts();
  net.TakeFrame();
  net.TakeFrame();
  Answers(net, 1, "hi");
  EXPECT_EQ(next.text(), "hi");
}

// Spec: gRPC A6, "Transparent Retries": as often as it takes
TEST(Lost, CallsThatNeverLeftAreMadeAgain) {
  Dialogue net(WithoutJitter());
  PendingCall served;
  net.Begin(&served);
  net.Accepts();
  ExpectsRequest(net, 1);
  Answers(net, 1, "hi");
  net.net().newest().set_room_bytes(0);
  PendingCall call;
  net.Begin(&call);
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  EXPECT_FALSE(call.ended());
  EXPECT_EQ(net.net().ends_count(), 2u);
  net.Accepts();
  ExpectsRequest(net, 1);
  Answers(net, 1, "hi again");
  EXPECT_EQ(call.text(), "hi again");
}

TEST(Lost, WhatFindsNoRoomToWaitIsUnavailable) {
  ChannelOptions options = WithoutJitter();
  options.waiting_calls_max = 1;
  Dialogue net(options);
  PendingCall served;
  net.Begin(&served);
  net.Accepts();
  ExpectsRequest(net, 1);
  Answers(net, 1, "hi");
  net.net().newest().set_room_bytes(0);
  std::deque<PendingCall> calls(2);
  for (PendingCall& call : calls) net.Begin(&call);
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  ASSERT_NE(calls[0].ended(), calls[1].ended()) << "one waits";
  const PendingCall& other = calls[0].ended() ? calls[0] : calls[1];
  EXPECT_EQ(other.code(), StatusCode::kUnavailable);
  EXPECT_TRUE(other.message().starts_with("lost the connection to ")) << other.message();
}

TEST(Lost, CallsOfWhichAPartHasLeftAreNot) {
  Dialogue net;
  PendingCall served;
  net.Begin(&served);
  net.Accepts();
  ExpectsRequest(net, 1);
  Answers(net, 1, "hi");
  net.net().newest().set_room_bytes(5);
  PendingCall call;
  net.Begin(&call);
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
}

TEST(GoAway, CallsBelowItsLastStreamGoOn) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  ExpectsRequest(net, 1);
  net.Sends(GoAway(1, ErrorCode::kNoError));
  EXPECT_EQ(net.channel().state(), ChannelState::kIdle);
  Answers(net, 1, "hi");
  EXPECT_EQ(call.text(), "hi");
  net.Expects(GoAway(0, ErrorCode::kNoError));  // and it leaves
}

// Spec: gRPC A6, "Transparent Retries"
TEST(GoAway, CallsAboveItsLastStreamAreMadeAgainElsewhere) {
  Dialogue net;
  std::deque<PendingCall> calls(2);
  net.Begin(&calls[0], "0");
  net.Begin(&calls[1], "1");
  net.Accepts();
  Answers(net, 1, "a");
  net.Sends(GoAway(1, ErrorCode::kNoError));
  EXPECT_EQ(net.net().ends_count(), 2u);
  net.Accepts();
  ExpectsRequest(net, 1, "1");
  Answers(net, 1, "b");
  EXPECT_EQ(calls[0].text() + calls[1].text(), "ab");
  EXPECT_EQ(net.channel().counters().calls_repeated, 1u);
}

TEST(Refused, IsMadeAgainOnceAndAtOnce) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  ExpectsRequest(net, 1);
  net.Sends(RstStream(1, ErrorCode::kRefusedStream));
  ExpectsRequest(net, 3);
  net.Sends(RstStream(3, ErrorCode::kRefusedStream));
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(call.message(), "127.0.0.1:50051 says RST_STREAM(REFUSED_STREAM)");
  net.ExpectsNothing();
}

TEST(Refused, AResponseThatHasBegunIsTheOnlyOne) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  ExpectsRequest(net, 1);
  net.Sends(ResponseHead(1), RstStream(1, ErrorCode::kRefusedStream));
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  net.ExpectsNothing();
}

// Whoever makes calls in a channel that goes must hear of it.
TEST(Channel, ItsEndIsTheEndOfItsCalls) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  ExpectsRequest(net, 1);
  net.CloseChannel();
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
}

TEST(Channel, AShardThatStopsEndsTheCalls) {
  Dialogue net;
  PendingCall sent;
  net.Begin(&sent);
  net.Accepts();
  net.shard().Stop();
  net.shard().Run();
  EXPECT_EQ(sent.code(), StatusCode::kUnavailable);
  EXPECT_EQ(net.net().ends_count(), 1u);  // and nobody connects again
}

}  // namespace
}  // namespace penstock::client::testing
