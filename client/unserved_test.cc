// Servers that end each connection before they have served a call on it. Time is virtual.
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>

#include "penstock/client/testing/dialogue.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::GoAway;

constexpr TimeNs kMs = kNsPerMs;

ChannelOptions WithoutJitter() {
  ChannelOptions options;
  options.backoff_jitter = 0;
  return options;
}

// What a server says that is offended by the client's first frames.
Frame Offended(std::string_view debug) {
  Frame frame = GoAway(0, ErrorCode::kEnhanceYourCalm);
  frame.payload += debug;
  return frame;
}

// SETTINGS and GOAWAY in one piece: no call begins in between.
void AcceptsAndEnds(Dialogue& net, std::string_view debug = "too many") {
  const Frame frame = Offended(debug);
  net.Accepts({{SettingId::kMaxConcurrentStreams, 0}});
  net.Sends(frame);
}

void Serves(Dialogue& net, PendingCall& call) {
  net.Accepts();
  net.Expects(Dialogue::RequestHead(1));
  net.Expects(Data(1, Framed("hello")).End());
  net.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
  EXPECT_EQ(call.text(), "hi");
}

TEST(Unserved, TheSecondConnectionInARowEndsTheCallsThatWait) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  net.Begin(&call);
  AcceptsAndEnds(net);
  EXPECT_FALSE(call.ended()) << "it may be a restart";
  net.Advance(kNsPerSecond + kMs);
  AcceptsAndEnds(net);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(call.message(),
            "127.0.0.1:50051 says GOAWAY(ENHANCE_YOUR_CALM) \"too many\"; 2 connections in a row "
            "have ended before a call was served: the server's log may say why");
  EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  PendingCall next;
  net.Begin(&next);
  EXPECT_EQ(next.message(), call.message());
}

TEST(Unserved, TheFirstIsARestartThatLosesNoCall) {
  Dialogue net(WithoutJitter());
  for (int restart = 0; restart < 3; ++restart) {
    PendingCall call;
    net.Begin(&call);
    AcceptsAndEnds(net);
    net.Advance(kNsPerSecond + kMs);
    Serves(net, call);
    net.net().newest().EndWrite();
    net.Turn();
  }
}

TEST(Unserved, AServerThatHangsUpIsNamedToo) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  net.Begin(&call);
  for (int i = 0; i < 2; ++i) {
    net.Accepts({{SettingId::kMaxConcurrentStreams, 0}});
    net.net().newest().EndWrite();
    net.Turn();
    net.Advance(i == 0 ? kNsPerSecond + kMs : 0);
  }
  EXPECT_EQ(call.message(),
            "lost the connection to 127.0.0.1:50051: the peer closed the connection; 2 connections "
            "in a row have ended before a call was served: the server's log may say why");
}

// Else a server that accepts and hangs up would be asked again without end.
TEST(Unserved, ItIsAskedOnceABackoffThatGrows) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  const CallOptions options = CallOptions().SetWaitForReady(true);
  net.Begin(&call, "hello", options);
  uint64_t attempts = 1;
  for (const TimeNs backoff_ns : {1000 * kMs, 1000 * kMs, 1600 * kMs, 2560 * kMs}) {
    AcceptsAndEnds(net);
    net.Advance(backoff_ns - 2 * kMs);
    EXPECT_EQ(net.channel().counters().connect_attempts, attempts);
    net.Advance(4 * kMs);
    EXPECT_EQ(net.channel().counters().connect_attempts, ++attempts);
  }
  EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure);
  Serves(net, call);  // it has waited for that
}

// A third connection that stands for a moment does not let calls wait again.
TEST(Unserved, ItStaysAFailureUntilACallIsServed) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  net.Begin(&call);
  for (int i = 0; i < 4; ++i) {
    AcceptsAndEnds(net);
    if (i > 0) EXPECT_EQ(net.channel().state(), ChannelState::kTransientFailure) << i;
    net.Advance(3 * kNsPerSecond);
  }
  EXPECT_TRUE(call.ended());
}

TEST(Unserved, ADeadlineThatIsFirstTellsTheReason) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(500 * kMs);
  net.Begin(&call, "hello", options);
  AcceptsAndEnds(net);
  net.Advance(501 * kMs);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.message(),
            "no answer from 127.0.0.1:50051 before the deadline: the call waited for a "
            "connection; the latest failure: 127.0.0.1:50051 says GOAWAY(ENHANCE_YOUR_CALM) "
            "\"too many\"");
}

// The server lets the calls under way end: it serves.
TEST(Unserved, ADrainingConnectionWithACallUnderWayIsNoneOfThem) {
  Dialogue net(WithoutJitter());
  std::deque<PendingCall> calls(4);
  for (PendingCall& call : calls) net.Begin(&call);
  for (int i = 0; i < 3; ++i) {
    net.Accepts({{SettingId::kMaxConcurrentStreams, 1}});
    net.Sends(GoAway(1, ErrorCode::kNoError));
    net.Advance(kNsPerSecond + kMs);
  }
  EXPECT_FALSE(calls[3].ended()) << calls[3].message();
}

// It was no use to anybody, but not the server's refusal either.
TEST(Unserved, AConnectionThatStoodForLongIsNoneOfThem) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  net.Begin(&call);
  for (int i = 0; i < 3; ++i) {
    net.Accepts({{SettingId::kMaxConcurrentStreams, 0}});
    net.Advance(ChannelOptions().backoff_max_ns);
    net.net().newest().EndWrite();
    net.Turn();
    net.Advance(kNsPerSecond);
  }
  EXPECT_FALSE(call.ended()) << call.message();
}

// What a peer writes goes into lines of logs.
TEST(Unserved, TheServersWordsAreCutAndPrintable) {
  Dialogue net(WithoutJitter());
  PendingCall call;
  net.Begin(&call);
  for (int i = 0; i < 2; ++i) {
    AcceptsAndEnds(net, "\x1b[2J" + std::string(1000, 'x'));
    net.Advance(i == 0 ? kNsPerSecond + kMs : 0);
  }
  ASSERT_TRUE(call.ended());
  EXPECT_NE(call.message().find("\"?[2J" + std::string(196, 'x') + "...\""), std::string::npos)
      << call.message();
}

}  // namespace
}  // namespace penstock::client::testing
