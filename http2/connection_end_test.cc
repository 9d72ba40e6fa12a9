// How streams and connections end, and what becomes of what was in flight.
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kOk[] = {{":status", "200"}};
const OutgoingField kGet[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};

Frame PostOn(uint32_t id) { return Headers(id).Post("/x"); }

TEST(ConnectionEnd, AStreamIsReleasedWhenBothHalvesEnded) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1).End());
  EXPECT_EQ(peer.connection().streams_open_count(), 1u);
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionEnd, OurEndFirstKeepsTheStreamUntilThePeersEnd) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  EXPECT_EQ(peer.connection().streams_open_count(), 1u);
  peer.Sends(Data(1, "late").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 late END"}));
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionEnd, AnEarlyResponseStopsTheRequest) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().ResetAfterEnd(peer.stream(1));
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.Expects(Headers(1).Status("200").End());
  peer.Expects(RstStream(1, ErrorCode::kNoError));
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionEnd, AnEarlyResponseInsideADataFrameDropsTheRestOfIt) {
  Dialogue peer(Role::kServer);
  peer.set_on_event([&](const Event& event) {
    if (event.kind != Event::Kind::kData) return;
    peer.connection().ResetAfterEnd(*event.stream);
    peer.connection().SendHead(*event.stream, kOk, EndStream::kYes);
  });
  HpackEncoder scratch;
  const std::string data = Encode(Data(1, "hello").End(), scratch);
  peer.Sends(PostOn(1));
  peer.SendsBytes(data.substr(0, 11));
  peer.SendsBytes(data.substr(11));
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 he"}));
  peer.Sends(PostOn(3).End());
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 3 /x END"});
}

TEST(ConnectionEnd, ACompleteRequestIsNotReset) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1).End());
  peer.connection().ResetAfterEnd(peer.stream(1));
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.Expects(Headers(1).Status("200").End());
  peer.ExpectsNothing();
}

TEST(ConnectionEnd, APeersResetIsToldOnceAndDropsWhatWaits) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}), PostOn(1));
  peer.connection().SendData(peer.stream(1), wire::AsBytes("waits"), EndStream::kYes);
  peer.TakeFrames();
  peer.Sends(RstStream(1, ErrorCode::kCancel), WindowUpdate(1, 100),
             RstStream(1, ErrorCode::kCancel));
  EXPECT_EQ(peer.TakeEvents(), (Events{"SETTINGS", "HEAD 1 /x", "RESET 1 CANCEL by peer"}));
  peer.ExpectsNothing();
}

TEST(ConnectionEnd, NothingIsSentOnAStreamThePeerHasReset) {
  Dialogue peer(Role::kServer);
  peer.set_on_event([&](const Event& event) {
    if (event.kind != Event::Kind::kStreamReset) return;
    peer.connection().SendHead(*event.stream, kOk, EndStream::kNo);
    peer.connection().SendData(*event.stream, wire::AsBytes("x"), EndStream::kYes);
    peer.connection().SendTrailers(*event.stream, kOk);
    peer.connection().SendReset(*event.stream, ErrorCode::kCancel);
    EXPECT_EQ(peer.connection().BeginData(*event.stream, 1), nullptr);
  });
  peer.Sends(PostOn(1), RstStream(1, ErrorCode::kCancel));
  peer.ExpectsNothing();
}

TEST(ConnectionEnd, WhatWasInFlightWhenWeResetIsDecodedAndIgnored) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendReset(peer.stream(1), ErrorCode::kCancel);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  peer.Sends(Data(1, "x"), WindowUpdate(1, 1), WindowUpdate(1, 0),
             Headers(1).Field("x-new", "enters the table").End(), RstStream(1, ErrorCode::kCancel));
  peer.ExpectsNothing();
  peer.TakeEvents();
  // The encoder uses the entry of the ignored block.
  peer.Sends(PostOn(3), Headers(3).Field("x-new", "enters the table").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 3 /x", "TRAILERS 3 x-new=enters the table END"}));
}

TEST(ConnectionEnd, ManyResetsInFlightAreNoFaultOfThePeer) {
  Limits limits;
  Dialogue peer(Role::kClient, limits);
  for (int i = 0; i < 100; ++i) peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  for (uint32_t id = 1; id < 200; id += 2) {
    peer.connection().SendReset(peer.stream(id), ErrorCode::kCancel);
  }
  peer.TakeFrames();
  for (uint32_t id = 1; id < 200; id += 2) {
    peer.Sends(Headers(id).Status("200"), Data(id, "x"), Headers(id).Field("a", "b").End());
  }
  peer.ExpectsNothing();
  EXPECT_EQ(peer.TakeEvents(), Events{});
}

TEST(ConnectionEnd, APeerThatResetTooHasNothingInFlight) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendReset(peer.stream(1), ErrorCode::kCancel);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  peer.Sends(RstStream(1, ErrorCode::kCancel), Data(1, "x"));
  peer.Expects(RstStream(1, ErrorCode::kStreamClosed));
}

TEST(ConnectionEnd, HeadersOnAClosedStreamEndTheConnection) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1).End());
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.TakeFrames();
  peer.Sends(Headers(1).Field("a", "b").End());
  peer.Expects(GoAway(1, ErrorCode::kStreamClosed));
}

TEST(ConnectionEnd, AClosedStreamsIdIsNeverOpenedAgain) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(5).End(), PostOn(3).End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"HEAD 5 /x END", "CONNECTION_ERROR STREAM_CLOSED: HEADERS"}));
}

TEST(ConnectionEnd, AStreamAboveTheLimitIsRefusedAndDecoded) {
  Limits limits;
  limits.concurrent_streams_max = 1;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(PostOn(1), PostOn(3).Field("x-new", "y"), Data(3, "x").End());
  peer.Expects(RstStream(3, ErrorCode::kRefusedStream));
  peer.Sends(RstStream(1, ErrorCode::kCancel), PostOn(5).Field("x-new", "y").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "RESET 1 CANCEL by peer", "HEAD 5 /x END"}));
}

TEST(ConnectionEnd, AStreamWithoutUserEndsUnheard) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1), PostOn(3), PostOn(5));
  for (const uint32_t id : {1u, 3u, 5u}) peer.stream(id).user = nullptr;
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.TakeEvents();
  peer.Sends(Data(1, "x"), Headers(1).Field("a", "b").End(), RstStream(3, ErrorCode::kCancel),
             WindowUpdate(5, 0));
  EXPECT_EQ(peer.TakeEvents(), Events{});
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionEnd, ADyingConnectionGivesBackWhatItsStreamsHold) {
  Dialogue peer(Role::kServer);
  peer.set_returns_credit(false);
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}));
  for (uint32_t id = 1; id < 100; id += 2) {
    peer.Sends(PostOn(id), Data(id, "unread"));
    peer.connection().SendData(peer.stream(id), wire::AsBytes("waits"), EndStream::kYes);
  }
  peer.SendsBytes(std::string("\x00\x00\x08\x06\x00\x00\x00\x00\x00half", 13));
}

}  // namespace
}  // namespace penstock::http2::testing
