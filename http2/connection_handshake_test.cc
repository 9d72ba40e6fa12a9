// The beginning of a connection: prefaces, SETTINGS and their acknowledgement, and their timeouts.
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

constexpr TimeNs kSecond = kNsPerSecond;

TEST(ConnectionHandshake, AServerSpeaksFirstAndAcknowledges) {
  Dialogue peer(Role::kServer, {}, Handshake::kOpen);
  peer.Expects(SettingsFrame({{SettingId::kMaxConcurrentStreams, 100},
                              {SettingId::kInitialWindowSize, 1 << 20},
                              {SettingId::kMaxHeaderListSize, 8192},
                              {SettingId::kNoRfc7540Priorities, 1}}));
  peer.Expects(WindowUpdate(0, (16 << 20) - 65'535));
  peer.SendsBytes(kClientPreface);
  EXPECT_FALSE(peer.connection().established());
  peer.Sends(SettingsFrame({}));
  EXPECT_TRUE(peer.connection().established());
  peer.Expects(SettingsAck());
  peer.ExpectsNothing();
}

TEST(ConnectionHandshake, AClientSendsThePrefaceAndRefusesPush) {
  Dialogue peer(Role::kClient, {}, Handshake::kOpen);
  peer.Expects(SettingsFrame({{SettingId::kEnablePush, 0},
                              {SettingId::kInitialWindowSize, 1 << 20},
                              {SettingId::kMaxHeaderListSize, 8192},
                              {SettingId::kNoRfc7540Priorities, 1}}));
  peer.Expects(WindowUpdate(0, (16 << 20) - 65'535));
  peer.Sends(SettingsFrame({}));
  peer.Expects(SettingsAck());
  EXPECT_EQ(peer.TakeEvents(), Events{"SETTINGS"});
}

TEST(ConnectionHandshake, AWholeHandshakePassesAtAnySplit) {
  HpackEncoder encoder;
  const std::string wire = std::string(kClientPreface) + Encode(SettingsFrame({}), encoder) +
                           Encode(SettingsAck(), encoder) +
                           Encode(Headers(1).Post("/x").End(), encoder);
  wire::ForEachSplit(wire::AsBytes(wire), [](std::span<const wire::Bytes> pieces) {
    Dialogue peer(Role::kServer, {}, Handshake::kOpen);
    for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
    EXPECT_EQ(peer.TakeEvents(), (Events{"SETTINGS", "HEAD 1 /x END"}));
  });
}

TEST(ConnectionHandshake, AnotherPrefaceEndsTheConnection) {
  for (const std::string_view preface :
       {"GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rx", "\x16\x03\x01", "PRIx"}) {
    SCOPED_TRACE(preface);
    wire::ForEachSplit(wire::AsBytes(preface), [](std::span<const wire::Bytes> pieces) {
      Dialogue peer(Role::kServer, {}, Handshake::kOpen);
      peer.TakeFrames();
      for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
      peer.Expects(GoAway(0, ErrorCode::kProtocolError));
      peer.ExpectsNothing();
    });
  }
}

TEST(ConnectionHandshake, TheFirstFrameIsSettings) {
  const Frame wrong[] = {Ping("12345678"), Headers(1).Post("/x"), SettingsAck(), Data(1, "x"),
                         RawFrame(FrameType{0x77}, 0, 0, "x")};
  for (const Frame& frame : wrong) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      Dialogue peer(role, {}, Handshake::kOpen);
      peer.TakeFrames();
      if (role == Role::kServer) peer.SendsBytes(kClientPreface);
      peer.Sends(frame);
      peer.Expects(GoAway(0, ErrorCode::kProtocolError));
    }
  }
}

TEST(ConnectionHandshake, UnknownSettingsAreAcknowledgedAndIgnored) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId{0x4242}, 7}, {SettingId::kMaxFrameSize, 1 << 20}}));
  peer.Expects(SettingsAck());
  EXPECT_EQ(peer.connection().peer_settings().frame_payload_bytes_max, 1u << 20);
}

TEST(ConnectionHandshake, PingsAreAnswered) {
  Dialogue peer(Role::kServer);
  peer.Sends(Ping("12345678"), RawFrame(FrameType{0x77}, 0xff, 5, "is ignored"));
  peer.Expects(PingAck("12345678"));
  peer.connection().SendPing(0x3132333435363738);
  peer.Expects(Ping("12345678"));
  peer.Sends(PingAck(std::string_view("\0\0\0\0\0\0\0\7", 8)));
  EXPECT_EQ(peer.TakeEvents(), Events{"PING_ACK 7"});
}

TEST(ConnectionHandshake, APeerThatSaysNothingTimesOut) {
  Dialogue peer(Role::kServer, {}, Handshake::kOpen);
  peer.TakeFrames();
  EXPECT_EQ(peer.connection().next_expiry(), 10 * kSecond);
  peer.Expire(10 * kSecond - 1);
  EXPECT_EQ(peer.TakeEvents(), Events{});
  peer.Expire(10 * kSecond);
  EXPECT_EQ(peer.TakeEvents(), Events{"CONNECTION_ERROR SETTINGS_TIMEOUT: preface_timeout"});
  peer.Expects(GoAway(0, ErrorCode::kSettingsTimeout));
  EXPECT_EQ(peer.connection().next_expiry(), kTimeNever);
  peer.Expire(20 * kSecond);
  peer.ExpectsNothing();
}

TEST(ConnectionHandshake, APeerThatNeverAcknowledgesTimesOut) {
  Limits limits;
  limits.settings_ack_timeout_ns = 15 * kSecond;
  Dialogue peer(Role::kClient, limits, Handshake::kOpen);
  peer.TakeFrames();
  peer.Sends(SettingsFrame({}));
  peer.TakeFrames();
  EXPECT_EQ(peer.connection().next_expiry(), 15 * kSecond);
  peer.Expire(15 * kSecond);
  peer.Expects(GoAway(0, ErrorCode::kSettingsTimeout));
}

TEST(ConnectionHandshake, NothingExpiresOnceItIsDone) {
  Dialogue peer(Role::kServer);
  peer.Expire(peer.connection().next_expiry());  // that nothing is open is seen once
  EXPECT_EQ(peer.connection().next_expiry(), kTimeNever);
}

TEST(ConnectionHandshake, ASmallHeaderTableHoldsOnlyWhenThePeerKnowsOfIt) {
  Limits limits;
  limits.decoder_table_bytes = 0;
  Dialogue peer(Role::kServer, limits, Handshake::kOpen);
  HpackEncoder eager;  // begins with the table that the protocol grants
  const auto send = [&](const Frame& frame) { peer.SendsBytes(Encode(frame, eager)); };
  peer.SendsBytes(kClientPreface);
  send(SettingsFrame({}));
  send(Headers(1).Post("/x").Field("x-new", "y").End());
  send(Headers(3).Post("/x").Field("x-new", "y").End());
  eager.SetPeerTableBytesMax(0);
  send(SettingsAck());
  send(Headers(5).Post("/x").Field("x-new", "y").End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"SETTINGS", "HEAD 1 /x END", "HEAD 3 /x END", "HEAD 5 /x END"}));
}

TEST(ConnectionHandshake, ASmallHeaderTableMustBeAgreedToOnceThePeerKnowsOfIt) {
  Limits limits;
  limits.decoder_table_bytes = 0;
  Dialogue peer(Role::kServer, limits, Handshake::kOpen);
  peer.TakeFrames();
  HpackEncoder eager;
  peer.SendsBytes(kClientPreface);
  peer.SendsBytes(Encode(SettingsFrame({}), eager) + Encode(SettingsAck(), eager) +
                  Encode(Headers(1).Post("/x"), eager));
  peer.Expects(SettingsAck());
  peer.Expects(GoAway(0, ErrorCode::kCompressionError));
}

}  // namespace
}  // namespace penstock::http2::testing
