// Flow control, both ways: what windows let pass, what they hold back, who gives credit when.
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kOk[] = {{":status", "200"}};
const OutgoingField kTrailers[] = {{"grpc-status", "0"}};

std::string Text(size_t bytes) { return std::string(bytes, 'x'); }

// A server's stream 1 whose request is over and whose head is sent.
Stream& Answering(Dialogue& peer, uint32_t id = 1) {
  peer.Sends(Headers(id).Post("/x").End());
  peer.connection().SendHead(peer.stream(id), kOk, EndStream::kNo);
  peer.Expects(Headers(id).Status("200"));
  return peer.stream(id);
}

void SendText(Dialogue& peer, Stream& stream, size_t bytes, EndStream end = EndStream::kNo) {
  peer.connection().SendData(stream, wire::AsBytes(Text(bytes)), end);
}

// --- What we may send

TEST(ConnectionFlow, AStreamStopsAtItsWindowAndGoesOnWithCredit) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 10}}));
  peer.Expects(SettingsAck());
  SendText(peer, Answering(peer), 25, EndStream::kYes);
  peer.Expects(Data(1, Text(10)));
  peer.ExpectsNothing();
  peer.Sends(WindowUpdate(1, 10));
  peer.Expects(Data(1, Text(10)));
  peer.Sends(WindowUpdate(1, 10));
  peer.Expects(Data(1, Text(5)).End());
  EXPECT_EQ(peer.workspace().streams.lent_count(), 0u);
}

TEST(ConnectionFlow, WhatIsStillQueuedAtItsExpiryIsReset) {
  constexpr TimeNs kSecond = kNsPerSecond;
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}));
  peer.Expects(SettingsAck());
  for (const uint32_t id : {1u, 3u}) {
    Stream& stream = Answering(peer, id);
    stream.user = nullptr;
    stream.expires_at = id * kSecond;
    SendText(peer, stream, 25, EndStream::kYes);
  }
  EXPECT_EQ(peer.connection().next_expiry(), 1 * kSecond);
  peer.Expire(1 * kSecond - 1);
  peer.ExpectsNothing();
  peer.Expire(1 * kSecond);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  EXPECT_EQ(peer.connection().next_expiry(), 3 * kSecond);
  peer.Sends(WindowUpdate(3, 25));
  peer.Expects(Data(3, Text(25)).End());
  peer.Expire(3 * kSecond);
  peer.ExpectsNothing();
  EXPECT_EQ(peer.workspace().streams.lent_count(), 0u);
}

TEST(ConnectionFlow, StreamsShareTheConnectionsWindowInTurn) {
  Dialogue peer(Role::kServer);
  Stream& one = Answering(peer, 1);
  Stream& three = Answering(peer, 3);
  SendText(peer, Answering(peer, 5), 65'535);
  peer.TakeFrames();
  SendText(peer, one, 20'000);
  SendText(peer, three, 20'000);
  peer.ExpectsNothing();
  peer.Sends(WindowUpdate(0, 40'000));
  peer.Expects(Data(1, Text(16'384)));
  peer.Expects(Data(3, Text(16'384)));
  peer.Expects(Data(1, Text(3'616)));
  peer.Expects(Data(3, Text(3'616)));
  EXPECT_EQ(peer.connection().send_window_bytes(), 0);
}

TEST(ConnectionFlow, WhoWaitedForTheConnectionsWindowGoesFirst) {
  Dialogue peer(Role::kServer);
  Stream& one = Answering(peer, 1);
  Stream& three = Answering(peer, 3);
  SendText(peer, Answering(peer, 5), 65'535);
  peer.TakeFrames();
  SendText(peer, one, 50);
  peer.Sends(WindowUpdate(0, 60));
  EXPECT_EQ(peer.connection().BeginData(three, 20), nullptr);
  SendText(peer, three, 20);
  peer.Expects(Data(1, Text(50)));
  peer.Expects(Data(3, Text(10)));
}

TEST(ConnectionFlow, ShrinkingSettingsMakeAWindowNegative) {
  Dialogue peer(Role::kServer);
  Stream& stream = Answering(peer);
  SendText(peer, stream, 60'000);
  peer.TakeFrames();
  SendText(peer, stream, 10'000);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 10'000}}));
  EXPECT_EQ(stream.send_window.available(), -55'535);  // 5,535 of 10,000 went before it came
  peer.TakeFrames();
  peer.Sends(WindowUpdate(0, 10'000), WindowUpdate(1, 50'000));
  peer.ExpectsNothing();
  peer.Sends(WindowUpdate(1, 5'545));
  peer.Expects(Data(1, Text(10)));
}

TEST(ConnectionFlow, GrowingSettingsReleaseWhatWaits) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}));
  peer.TakeFrames();
  SendText(peer, Answering(peer), 5);
  peer.ExpectsNothing();
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 3}}));
  peer.Expects(SettingsAck());
  peer.Expects(Data(1, Text(3)));
  peer.ExpectsNothing();
}

TEST(ConnectionFlow, SettingsOfOneFrameApplyInOrder) {
  Dialogue peer(Role::kServer);
  Stream& stream = Answering(peer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 5},
                            {SettingId::kInitialWindowSize, 100},
                            {SettingId::kMaxFrameSize, 20'000}}));
  EXPECT_EQ(stream.send_window.available(), 100);
  EXPECT_EQ(peer.connection().peer_settings().frame_payload_bytes_max, 20'000u);
}

TEST(ConnectionFlow, TrailersWaitBehindQueuedData) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 3}}));
  peer.TakeFrames();
  Stream& stream = Answering(peer);
  SendText(peer, stream, 5);
  peer.connection().SendTrailers(stream, kTrailers);
  SendText(peer, stream, 7);  // after the end: nothing
  peer.Expects(Data(1, Text(3)));
  peer.ExpectsNothing();
  peer.Sends(WindowUpdate(1, 2));
  peer.Expects(Data(1, Text(2)));
  peer.Expects(Headers(1).Field("grpc-status", "0").End());
  EXPECT_EQ(peer.workspace().streams.lent_count(), 0u);
}

TEST(ConnectionFlow, TrailersThatWaitKeepTheirSecrets) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}));
  peer.TakeFrames();
  Stream& stream = Answering(peer);
  SendText(peer, stream, 1);
  const OutgoingField secret[] = {{"x-key", "k", IndexingPolicy::kNever}};
  peer.connection().SendTrailers(stream, secret);
  peer.Sends(WindowUpdate(1, 1));
  wire::OutputChain& output = peer.connection().NextOutput();
  wire::Bytes piece;
  ASSERT_EQ(output.Gather({&piece, 1}), 1u);
  // DATA of one octet, the header of HEADERS, then the first field. Spec: RFC 7541 §6.2.3
  EXPECT_EQ(piece[2 * kFrameHeaderBytes + 1] & 0xf0, 0x10);
}

TEST(ConnectionFlow, EmptyDataAndTrailersNeedNoWindow) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}));
  peer.TakeFrames();
  SendText(peer, Answering(peer, 1), 0, EndStream::kYes);
  peer.Expects(Data(1, "").End());
  peer.connection().SendTrailers(Answering(peer, 3), kTrailers);
  peer.Expects(Headers(3).Field("grpc-status", "0").End());
}

TEST(ConnectionFlow, EndAfterQueuedDataComesWithTheLastOfIt) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 1}}));
  peer.TakeFrames();
  Stream& stream = Answering(peer);
  SendText(peer, stream, 2);
  SendText(peer, stream, 0, EndStream::kYes);
  peer.Expects(Data(1, Text(1)));
  peer.Sends(WindowUpdate(1, 1));
  peer.Expects(Data(1, Text(1)).End());
}

TEST(ConnectionFlow, AFullOutputHoldsDataBackUntilItDrains) {
  Limits limits;
  limits.output_bytes_max = 20'000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 1 << 20}}), WindowUpdate(0, 1 << 20));
  peer.TakeFrames();
  Stream& stream = Answering(peer);
  SendText(peer, stream, 100'000, EndStream::kYes);
  EXPECT_TRUE(peer.connection().output_is_full());
  EXPECT_LT(peer.connection().NextOutput().size(), 40'000u);
  size_t bytes = 0;
  for (const Frame& frame : peer.TakeFrames()) bytes += frame.payload.size();
  EXPECT_EQ(bytes, 100'000u);
  EXPECT_FALSE(peer.connection().has_output());
}

// The answer to a PING is 17 octets.
TEST(ConnectionFlow, OutputIsFloodedFromEightTimesItsLimitOn) {
  Limits limits;
  limits.output_bytes_max = 17;
  limits.ping_strikes_max = 8;
  Dialogue peer(Role::kServer, limits);
  EXPECT_FALSE(peer.connection().output_is_full());
  for (int pings = 1; pings <= 8; ++pings) {
    SCOPED_TRACE(pings);
    EXPECT_FALSE(peer.connection().output_is_flooded());
    peer.Sends(Ping("12345678"));
    EXPECT_TRUE(peer.connection().output_is_full());
  }
  EXPECT_TRUE(peer.connection().output_is_flooded());
  peer.TakeFrames();
  EXPECT_FALSE(peer.connection().output_is_flooded());
}

// --- What the peer may send

TEST(ConnectionFlow, AStreamsCreditIsToldAtHalfItsWindow) {
  Limits limits;
  limits.stream_window_bytes = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x"), Data(1, Text(499)));
  peer.ExpectsNothing();
  peer.Sends(Data(1, Text(1)));
  peer.Expects(WindowUpdate(1, 500));
  EXPECT_EQ(peer.stream(1).receive_window.available(), 1000);
}

TEST(ConnectionFlow, PaddingIsCreditedAtOnce) {
  Limits limits;
  limits.stream_window_bytes = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"), Data(1, "").Padded(249), Data(1, "ab").Padded(249));
  peer.Expects(WindowUpdate(1, 500));
  EXPECT_EQ(peer.stream(1).unread_bytes, 2u);
}

TEST(ConnectionFlow, AReaderThatIsSlowSlowsItsStream) {
  Limits limits;
  limits.stream_window_bytes = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"), Data(1, Text(1000)));
  peer.ExpectsNothing();
  peer.Sends(Data(1, "x"));
  peer.Expects(RstStream(1, ErrorCode::kFlowControlError));
}

TEST(ConnectionFlow, AWindowOfNothingGivesNoCreditOfNothing) {
  Limits limits;
  limits.stream_window_bytes = 0;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x"), Data(1, ""));
  peer.connection().ReturnCredit(peer.stream(1), 0);
  peer.Sends(Data(1, "").End());
  peer.ExpectsNothing();
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 END"}));
}

TEST(ConnectionFlow, AStreamWithoutUserIsCreditedByItself) {
  Limits limits;
  limits.stream_window_bytes = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.set_takes_streams(false);
  peer.Sends(Headers(1).Post("/x"), Data(1, Text(600)));
  peer.Expects(WindowUpdate(1, 600));
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x"});
}

TEST(ConnectionFlow, ASmallWindowHoldsOnlyWhenThePeerKnowsOfIt) {
  Limits limits;
  limits.stream_window_bytes = 100;
  Dialogue peer(Role::kServer, limits, Handshake::kOpen);
  peer.SendsBytes(kClientPreface);
  peer.set_returns_credit(false);
  peer.Sends(SettingsFrame({}), Headers(1).Post("/x"), Data(1, Text(10'000)));
  peer.Sends(SettingsAck(), Data(1, "").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"SETTINGS", "HEAD 1 /x", "DATA 1 10000 octets END"}));
  EXPECT_EQ(peer.stream(1).receive_window.available(), 100 - 10'000);
  peer.Sends(Headers(3).Post("/x"), Data(3, Text(101)));
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 3 /x", "RESET 3 FLOW_CONTROL_ERROR by fault"}));
}

// --- The connection's window

Limits SmallConnectionWindow() {
  Limits limits;
  limits.connection_window_bytes = 100'000;
  limits.connection_unread_bytes_max = 10'000;
  return limits;
}

TEST(ConnectionFlow, TheConnectionsWindowIsNeverBelowTheDefault) {
  Limits limits;
  limits.connection_window_bytes = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"), Data(1, Text(16'384)), Data(1, Text(16'384)));
  peer.Expects(WindowUpdate(0, 32'768));
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 32768 octets"}));
}

TEST(ConnectionFlow, DataBeyondTheConnectionsWindowEndsIt) {
  Dialogue peer(Role::kServer, SmallConnectionWindow());
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"));
  for (int i = 0; i < 6; ++i) peer.Sends(Data(1, Text(16'384)));
  peer.ExpectsNothing();  // 98,304 unread: 88,304 of it withheld
  peer.Sends(Data(1, Text(1'697)));
  peer.Expects(GoAway(1, ErrorCode::kFlowControlError));
}

TEST(ConnectionFlow, WithheldCreditFollowsTheReader) {
  Dialogue peer(Role::kServer, SmallConnectionWindow());
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"));
  for (int i = 0; i < 6; ++i) peer.Sends(Data(1, Text(16'384)));
  peer.connection().ReturnCredit(peer.stream(1), 39'999);
  peer.ExpectsNothing();
  peer.connection().ReturnCredit(peer.stream(1), 1);
  // 58,304 unread, 10,000 of them for free: 48,304 of 98,304 stay withheld.
  peer.Expects(WindowUpdate(0, 50'000));
}

TEST(ConnectionFlow, WithheldCreditComesBackWhenAStreamDies) {
  enum class Death { kOurReset, kTheirReset, kFault };
  for (const Death death : {Death::kOurReset, Death::kTheirReset, Death::kFault}) {
    SCOPED_TRACE(static_cast<int>(death));
    Dialogue peer(Role::kServer, SmallConnectionWindow());
    peer.set_returns_credit(false);
    peer.Sends(Headers(1).Post("/x"));
    for (int i = 0; i < 6; ++i) peer.Sends(Data(1, Text(16'384)));
    peer.ExpectsNothing();
    if (death == Death::kOurReset) {
      peer.connection().SendReset(peer.stream(1), ErrorCode::kCancel);
      peer.Expects(RstStream(1, ErrorCode::kCancel));
    } else if (death == Death::kTheirReset) {
      peer.Sends(RstStream(1, ErrorCode::kCancel));
    } else {
      peer.Sends(WindowUpdate(1, 0));
      peer.Expects(RstStream(1, ErrorCode::kProtocolError));
    }
    peer.Expects(WindowUpdate(0, 6 * 16'384));
  }
}

TEST(ConnectionFlow, DataThatNobodyGetsIsCreditedToTheConnection) {
  Dialogue peer(Role::kServer, SmallConnectionWindow());
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"));
  peer.connection().SendReset(peer.stream(1), ErrorCode::kCancel);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  for (int i = 0; i < 4; ++i) peer.Sends(Data(1, Text(16'000)).Padded(100));
  peer.Expects(WindowUpdate(0, 4 * 16'101));
  peer.ExpectsNothing();
}

// --- What may be asked

TEST(ConnectionFlow, WindowsAndWhatWaitsMayBeAsked) {
  Limits limits;
  limits.stream_window_bytes = 1000;
  limits.connection_window_bytes = 100'000;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 10}}), Headers(1).Post("/x"),
             Data(1, "hello"));
  peer.TakeFrames();
  Connection& connection = peer.connection();
  Stream& stream = peer.stream(1);
  EXPECT_EQ(connection.receive_window_bytes(stream), 995);
  EXPECT_EQ(connection.receive_window_bytes(), 99'995);
  connection.SendData(stream, wire::AsBytes("twelve bytes"), EndStream::kNo);
  EXPECT_EQ(connection.send_window_bytes(stream), 0);
  EXPECT_EQ(connection.send_window_bytes(), 65'525);
  EXPECT_EQ(connection.buffered_bytes(stream), 2u);
  EXPECT_EQ(connection.buffered_bytes(), 2 + kFrameHeaderBytes + 10);
  peer.TakeFrames();
  EXPECT_EQ(connection.buffered_bytes(), 2u);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 7}}));
  EXPECT_EQ(connection.send_window_bytes(stream), -3);
  connection.SendReset(stream, ErrorCode::kCancel);
  peer.TakeFrames();
  EXPECT_EQ(connection.buffered_bytes(), 0u);
}

TEST(ConnectionFlow, AutomaticCreditFollowsWhatIsDelivered) {
  Limits limits;
  limits.stream_window_bytes = 100;
  limits.connection_unread_bytes_max = 0;
  limits.connection_window_bytes = 65'535;
  limits.automatic_credit = true;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"));
  for (int i = 0; i < 1000; ++i) {
    peer.Sends(Data(1, std::string(50, 'x')));
    peer.Expects(WindowUpdate(1, 50));
    if (peer.connection().receive_window_bytes() == 65'535) peer.TakeFrames();
  }
  EXPECT_EQ(peer.connection().receive_window_bytes(peer.stream(1)), 100);
}

TEST(ConnectionFlow, WhatEndsInAFaultIsCreditedToTheConnection) {
  Limits limits;
  limits.connection_window_bytes = kWindowBytesDefault;
  Dialogue peer(Role::kServer, limits);
  for (uint32_t id = 1; id <= 7; id += 2) {
    const size_t bytes = id == 7 ? kFramePayloadBytesDefault - 1 : kFramePayloadBytesDefault;
    peer.Sends(Headers(id).Post("/x").Field("content-length", "1"), Data(id, Text(bytes)));
  }
  EXPECT_GT(peer.connection().receive_window_bytes(), 0);
}

TEST(ConnectionFlow, ForgivenSmallDataMayLieUnread) {
  Dialogue peer(Role::kServer);
  peer.set_returns_credit(false);
  peer.set_on_event([&](const Event& event) {
    if (event.kind == Event::Kind::kData) peer.connection().ForgiveSmallData(*event.stream);
  });
  peer.Sends(Headers(1).Post("/x"));
  for (int i = 0; i < 1'000; ++i) peer.Sends(Data(1, "x"));
  EXPECT_FALSE(peer.connection().failed());
  EXPECT_EQ(peer.stream(1).unread_bytes, 1'000u);
  EXPECT_EQ(peer.stream(1).small_data_debt, 0u);
}

}  // namespace
}  // namespace penstock::http2::testing
