// Slow peers: those that do not begin, do not go on, or do not take what they asked for. The
// server runs in this process, its patience cut to what a test has.
#include <gtest/gtest.h>

#include <string>

#include "penstock/http2/frame.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::FrameType;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::RawFrame;
using http2::testing::SettingsFrame;
using http2::testing::WindowUpdate;

constexpr TimeNs kShort = 50 * kNsPerMs;

class SlowPeerTest : public test::ServerTest {
 protected:
  void TearDown() override {
    if (!IsSkipped() && !HasFatalFailure()) test::ExpectServes(address());
    ServerTest::TearDown();
  }
};
INSTANTIATE_SERVER_TEST(SlowPeerTest);

TEST_P(SlowPeerTest, WhoSaysNothingIsClosed) {
  options_.http2.preface_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  EXPECT_EQ(peer.VerdictAtEnd(), "CLOSED");
}

TEST_P(SlowPeerTest, WhoStopsWithinThePrefaceIsClosed) {
  options_.http2.preface_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.SendsBytes(http2::kClientPreface.substr(0, 5));
  EXPECT_TRUE(peer.VerdictAtEnd().starts_with("GOAWAY SETTINGS_TIMEOUT "));
}

TEST_P(SlowPeerTest, WhoSendsNoSettingsIsClosed) {
  options_.http2.preface_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.SendsBytes(http2::kClientPreface);
  EXPECT_TRUE(peer.VerdictAtEnd().starts_with("GOAWAY SETTINGS_TIMEOUT "));
}

TEST_P(SlowPeerTest, WhoDoesNotAcknowledgeSettingsIsClosed) {
  options_.http2.settings_ack_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.SendsBytes(http2::kClientPreface);
  peer.Sends(SettingsFrame({}));
  EXPECT_TRUE(peer.VerdictAtEnd().starts_with("GOAWAY SETTINGS_TIMEOUT "));
}

TEST_P(SlowPeerTest, AHeaderBlockMustEnd) {
  options_.http2.header_block_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.Hello();
  peer.Sends(RawFrame(FrameType::kHeaders, http2::flags::kEndStream, 1, "x"));
  EXPECT_EQ(peer.VerdictAtEnd(), "GOAWAY ENHANCE_YOUR_CALM header_block_timeout");
}

TEST_P(SlowPeerTest, AMessageMustGoOn) {
  options_.http2.slow_request_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.Hello();
  peer.Sends(CallHead(1, test::kSay), Data(1, test::FramedText("abcdef").substr(0, 7)));
  peer.HearUntil([&] { return peer.streams_ended() >= 1; });
  EXPECT_EQ(peer.Verdict(), "OPEN; 1 x RST_STREAM CANCEL");
}

TEST_P(SlowPeerTest, AWindowThatStaysShutEndsTheStream) {
  options_.http2.stalled_stream_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.Hello({{SettingId::kInitialWindowSize, 0}});
  peer.Sends(CallHead(1, test::kSay), Data(1, test::FramedText("abc")).End());
  peer.HearUntil([&] { return peer.streams_ended() >= 1; });
  EXPECT_EQ(peer.Verdict(), "OPEN; 1 x RST_STREAM CANCEL");
}

// The HTTP/2 bomb's trick: an octet of window now and then, so that the stream seems to move.
TEST_P(SlowPeerTest, WindowUpdatesOfOneOctetHoldNoStream) {
  options_.http2.stalled_stream_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address());
  peer.Hello({{SettingId::kInitialWindowSize, 0}});
  const std::string message = test::FramedText(std::string(100'000, 'x'));
  peer.Sends(CallHead(1, test::kSay));
  for (size_t at = 0; at < message.size(); at += 10'000) {
    peer.Sends(Data(1, message.substr(at, 10'000)));
  }
  peer.Sends(Data(1, "").End());
  while (peer.streams_ended() == 0 && !peer.closed()) {
    const size_t heard_bytes = peer.data_bytes();
    peer.Sends(WindowUpdate(1, 1));
    peer.HearUntil([&] { return peer.data_bytes() > heard_bytes || peer.streams_ended() > 0; });
  }
  EXPECT_EQ(peer.Verdict(), "OPEN; 1 x RST_STREAM CANCEL");
}

TEST_P(SlowPeerTest, WhoNeverReadsIsClosed) {
  options_.http2.stalled_connection_timeout_ns = kShort;
  options_.http2.control_frames_stuck_timeout_ns = kShort;
  START_SERVER();
  HostilePeer peer(address(), 4096);
  peer.Hello({{SettingId::kInitialWindowSize, 0x7fff'ffff}});
  peer.Sends(WindowUpdate(0, 0x7fff'0000));
  peer.set_reads(false);
  const std::string message = test::FramedText(std::string(16'000, 'x'));
  for (uint32_t id = 1; !peer.was_stuck() && id < 20'000; id += 2) {
    peer.SendsBytes(peer.Encoded(CallHead(id, test::kSay)) + peer.Encoded(Data(id, message).End()));
  }
  // What was said before may be read, and then it is over.
  EXPECT_FALSE(peer.Verdict().starts_with("OPEN"));
}

}  // namespace
}  // namespace penstock::attack
