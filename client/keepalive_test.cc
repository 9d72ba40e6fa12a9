// Keepalive and idleness of a channel: what it asks a silent server, and when it leaves it.
#include <gtest/gtest.h>

#include <string>

#include "penstock/client/testing/dialogue.h"

namespace penstock::client {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::GoAway;
using http2::testing::Ping;
using http2::testing::PingAck;
using testing::Dialogue;
using testing::Framed;
using testing::PendingCall;
using testing::ResponseHead;
using testing::Trailers;

constexpr std::string_view kKeepalive = "keepaliv";

ChannelOptions Options(TimeNs time_ns = 60 * kNsPerSecond) {
  ChannelOptions options;
  options.keepalive_time_ns = time_ns;
  return options;
}

// Begins the call of stream `id` and takes what it sends.
void Open(Dialogue& net, PendingCall* call, uint32_t id) {
  net.Begin(call);
  if (id == 1) net.Accepts();
  net.Expects(Dialogue::RequestHead(id));
  net.Expects(Data(id, Framed("hello")).End());
}

void Answer(Dialogue& net, uint32_t id) {
  net.Sends(ResponseHead(id), Data(id, Framed("hi")), Trailers(id, "0"));
}

// Silence, and the tick by which timers may be late.
void Pass(Dialogue& net, TimeNs ns) { net.Advance(ns + kNsPerMs); }

TEST(Keepalive, ASilentServerIsPingedAndLost) {
  Dialogue net(Options());
  PendingCall call;
  Open(net, &call, 1);
  net.Advance(59 * kNsPerSecond);
  net.ExpectsNothing();
  Pass(net, kNsPerSecond);
  net.Expects(Ping(kKeepalive));
  EXPECT_FALSE(call.ended());
  Pass(net, 20 * kNsPerSecond);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_NE(call.message().find("did not answer a PING within keepalive_timeout_ns"),
            std::string::npos)
      << call.message();
}

TEST(Keepalive, AServerThatAnswersIsKept) {
  Dialogue net(Options());
  PendingCall call;
  Open(net, &call, 1);
  for (int i = 0; i < 3; ++i) {
    Pass(net, 60 * kNsPerSecond);
    net.Expects(Ping(kKeepalive));
    net.Sends(PingAck(kKeepalive));
  }
  Answer(net, 1);
  EXPECT_EQ(call.text(), "hi");
}

TEST(Keepalive, WithoutCallsNothingIsSentAndTheNextCallComesAfterAPing) {
  Dialogue net(Options());
  PendingCall first, second;
  Open(net, &first, 1);
  Answer(net, 1);
  Pass(net, 600 * kNsPerSecond);
  net.ExpectsNothing();
  net.Begin(&second);
  net.Expects(Ping(kKeepalive));
  net.Expects(Dialogue::RequestHead(3));
  net.Expects(Data(3, Framed("hello")).End());
  Pass(net, 20 * kNsPerSecond);
  EXPECT_EQ(second.code(), StatusCode::kUnavailable);
}

TEST(Keepalive, WithoutCallsItGoesOnWhereThatIsAskedFor) {
  ChannelOptions options = Options();
  options.keepalive_without_calls = true;
  Dialogue net(options);
  PendingCall call;
  Open(net, &call, 1);
  Answer(net, 1);
  Pass(net, 60 * kNsPerSecond);
  net.Expects(Ping(kKeepalive));
}

TEST(Keepalive, ATimeBelowTenSecondsIsTenUnlessATestSaysOtherwise) {
  for (const TimeNs least_ns : {10 * kNsPerSecond, kNsPerSecond}) {
    ChannelOptions options = Options(kNsPerSecond);
    if (least_ns != 10 * kNsPerSecond) options.keepalive_time_ns_min = least_ns;
    Dialogue net(options);
    PendingCall call;
    Open(net, &call, 1);
    net.Advance(least_ns - kNsPerMs);
    net.ExpectsNothing();
    Pass(net, kNsPerMs);
    net.Expects(Ping(kKeepalive));
  }
}

TEST(Keepalive, TooManyPingsDoublesTheTimeOfConnectionsToCome) {
  Dialogue net(Options());
  PendingCall first, second;
  Open(net, &first, 1);
  http2::testing::Frame calm = http2::testing::RawFrame(
      http2::FrameType::kGoAway, 0, 0,
      http2::testing::Big32(1) +
          http2::testing::Big32(static_cast<uint32_t>(ErrorCode::kEnhanceYourCalm)) +
          "too_many_pings");
  ::testing::internal::CaptureStderr();
  net.Sends(calm);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "penstock: 127.0.0.1:50051 says too_many_pings: new connections of the channel to "
            "127.0.0.1:50051 wait 120 s before a keepalive PING, twice as long as those so far: "
            "raise ChannelOptions::keepalive_time_ns, or have the server permit more\n");
  Answer(net, 1);
  EXPECT_EQ(first.text(), "hi");
  Open(net, &second, 1);
  net.Advance(119 * kNsPerSecond);
  net.ExpectsNothing();
  Pass(net, kNsPerSecond);
  net.Expects(Ping(kKeepalive));
}

// --- Idleness

TEST(Idleness, AChannelWithoutCallsForHalfAnHourCloses) {
  Dialogue net;
  PendingCall first, second;
  net.Advance(900 * kNsPerSecond);
  Open(net, &first, 1);
  net.Advance(900 * kNsPerSecond);
  Answer(net, 1);
  first.scope() = nullptr;
  net.Advance(1800 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(net.channel().state(), ChannelState::kReady);
  Pass(net, kNsPerMs);
  EXPECT_EQ(net.channel().state(), ChannelState::kIdle);
  net.Expects(GoAway(0, ErrorCode::kNoError));
  EXPECT_TRUE(net.net().newest().read_ended());
  Open(net, &second, 1);
  Answer(net, 1);
  EXPECT_EQ(second.text(), "hi");
}

TEST(Idleness, ACallUnderWayKeepsTheChannelHoweverLong) {
  Dialogue net;
  PendingCall call;
  Open(net, &call, 1);
  Pass(net, 7200 * kNsPerSecond);
  Answer(net, 1);
  EXPECT_EQ(call.text(), "hi");
}

TEST(Idleness, AnIdleChannelStopsItsAttempts) {
  Dialogue net;
  net.channel().Connect();
  net.Turn();
  for (int minutes = 0; minutes <= 31; ++minutes) net.Advance(60 * kNsPerSecond);
  EXPECT_EQ(net.channel().state(), ChannelState::kIdle);
}

// --- A server that rests

TEST(SlowServer, MayReadNothingForHours) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call, std::string(100'000, 'x'));
  net.Accepts();
  for (int minutes = 0; minutes < 29; ++minutes) net.Advance(60 * kNsPerSecond);
  EXPECT_FALSE(call.ended());
  net.Sends(http2::testing::WindowUpdate(1, 100'000), http2::testing::WindowUpdate(0, 100'000));
  Answer(net, 1);
  EXPECT_EQ(call.text(), "hi");
}

}  // namespace
}  // namespace penstock::client
