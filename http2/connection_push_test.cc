// Pushed streams: what a server promises, and what a client makes of promises.
#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kOk[] = {{":status", "200"}};
const OutgoingField kGet[] = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
const OutgoingField kPushed[] = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/style.css"}};

Frame GetOn(uint32_t id) { return Headers(id).Get("/").Field(":authority", "a"); }

Frame Promise(uint32_t id, uint32_t promised_id) {
  return PushPromise(id, promised_id)
      .Field(":method", "GET")
      .Field(":scheme", "http")
      .Field(":authority", "a")
      .Field(":path", "/style.css");
}

Limits WithPush() {
  Limits limits;
  limits.push_enabled = true;
  return limits;
}

// --- A server

TEST(ConnectionPush, AServerPromisesAndAnswers) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End());
  Stream* pushed = peer.connection().SendPushPromise(peer.stream(1), kPushed);
  ASSERT_NE(pushed, nullptr);
  peer.connection().SendHead(*pushed, kOk, EndStream::kNo);
  peer.connection().SendData(*pushed, wire::AsBytes("body"), EndStream::kYes);
  peer.Expects(Promise(1, 2));
  peer.Expects(Headers(2).Status("200"));
  peer.Expects(Data(2, "body").End());
  EXPECT_EQ(peer.connection().streams_open_count(), 1u);
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed)->id, 4u);
}

TEST(ConnectionPush, NothingButAHeadIsSentOnAReservedStream) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End());
  Stream* pushed = peer.connection().SendPushPromise(peer.stream(1), kPushed);
  peer.TakeFrames();
  peer.connection().SendData(*pushed, wire::AsBytes("x"), EndStream::kYes);
  EXPECT_EQ(peer.connection().BeginData(*pushed, 1), nullptr);
  peer.connection().SendTrailers(*pushed, kOk);
  peer.ExpectsNothing();
  peer.connection().SendReset(*pushed, ErrorCode::kCancel);
  peer.Expects(RstStream(2, ErrorCode::kCancel));
}

TEST(ConnectionPush, AServerKeepsToWhatTheClientAllows) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End(), SettingsFrame({{SettingId::kEnablePush, 0}}));
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
  peer.Sends(SettingsFrame({{SettingId::kEnablePush, 1}, {SettingId::kMaxConcurrentStreams, 1}}));
  Stream* pushed = peer.connection().SendPushPromise(peer.stream(1), kPushed);
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
  peer.connection().SendHead(*pushed, kOk, EndStream::kYes);
  EXPECT_NE(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
}

TEST(ConnectionPush, AServerPromisesNothingOnAStreamThatItHasAnswered) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1));
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
}

TEST(ConnectionPush, AServerPromisesNothingOnAPromisedStream) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1));
  Stream* pushed = peer.connection().SendPushPromise(peer.stream(1), kPushed);
  EXPECT_EQ(peer.connection().SendPushPromise(*pushed, kPushed), nullptr);
  peer.connection().SendHead(*pushed, kOk, EndStream::kNo);
  EXPECT_EQ(peer.connection().SendPushPromise(*pushed, kPushed), nullptr);
}

TEST(ConnectionPush, AServerPromisesNothingAfterTheClientsGoAway) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1), GoAway(0, ErrorCode::kNoError));
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
}

TEST(ConnectionPush, AServerHearsWhichPromisesTheClientsGoAwayLeavesOut) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End());
  for (int i = 0; i < 2; ++i) {
    peer.connection().SendPushPromise(peer.stream(1), kPushed)->user = &peer;
  }
  peer.TakeEvents();
  peer.Sends(GoAway(2, ErrorCode::kNoError));
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 2 NO_ERROR", "RESET 4 REFUSED_STREAM by peer"}));
}

TEST(ConnectionPush, APromiseAboveTheClientsHeaderListIsNotMade) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, 100}}), GetOn(1).End());
  peer.TakeFrames();
  EXPECT_EQ(peer.connection().SendPushPromise(peer.stream(1), kPushed), nullptr);
  peer.ExpectsNothing();
}

TEST(ConnectionPush, ALongPromiseIsContinued) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End());
  std::vector<OutgoingField> request(std::begin(kPushed), std::end(kPushed));
  const std::string value(40'000, '\x7e');
  request.push_back({"x", value});
  ASSERT_NE(peer.connection().SendPushPromise(peer.stream(1), request), nullptr);
  const std::vector<Frame> frames = peer.TakeFrames();
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back(), Promise(1, 2).Field("x", value));
  EXPECT_GE(frames.back().continuations_count, 2u);
}

TEST(ConnectionPush, AClientMayRefuseAPromise) {
  Dialogue peer(Role::kServer);
  peer.Sends(GetOn(1).End());
  peer.connection().SendPushPromise(peer.stream(1), kPushed)->user = &peer;
  peer.TakeEvents();
  peer.Sends(WindowUpdate(2, 5), Priority(2, 0), RstStream(2, ErrorCode::kCancel));
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 2 CANCEL by peer"});
  EXPECT_EQ(peer.connection().streams_open_count(), 1u);
}

TEST(ConnectionPush, PromisedStreamsDoNotCountAgainstTheClientsOwn) {
  Limits limits;
  limits.concurrent_streams_max = 1;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(GetOn(1).End());
  Stream* pushed = peer.connection().SendPushPromise(peer.stream(1), kPushed);
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.TakeEvents();
  peer.Sends(GetOn(3).End());
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 3 / END"});
  peer.connection().SendReset(*pushed, ErrorCode::kCancel);
}

TEST(ConnectionPush, AServerTakesNoPromise) {
  Dialogue peer(Role::kServer, WithPush());
  peer.Sends(GetOn(1), Promise(1, 2));
  peer.Expects(GoAway(1, ErrorCode::kProtocolError));
}

// --- A client

class ConnectionPushClient : public ::testing::Test {
 protected:
  ConnectionPushClient() { Ask(); }

  void Ask() {
    peer_.connection().SendHead(peer_.Open(), kGet, EndStream::kYes);
    peer_.TakeFrames();
  }

  Dialogue peer_{Role::kClient, WithPush()};
};

TEST(ConnectionPush, AClientThatAllowsItSaysHowMany) {
  Dialogue peer(Role::kClient, WithPush(), Handshake::kOpen);
  peer.Expects(SettingsFrame({{SettingId::kMaxConcurrentStreams, 100},
                              {SettingId::kInitialWindowSize, 1 << 20},
                              {SettingId::kMaxHeaderListSize, 8192},
                              {SettingId::kNoRfc7540Priorities, 1}}));
}

TEST(ConnectionPush, AClientRefusesByDefault) {
  Dialogue peer(Role::kClient);
  peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  peer.TakeFrames();
  peer.Sends(Promise(1, 2));
  peer.Expects(GoAway(0, ErrorCode::kProtocolError));
}

TEST_F(ConnectionPushClient, HearsThePromiseAndTheResponse) {
  peer_.Sends(Promise(1, 2), Headers(2).Status("200"), Data(2, "body"),
              Headers(2).Field("a", "b").End(), Headers(1).Status("200").End());
  EXPECT_EQ(peer_.TakeEvents(), (Events{"PROMISE 2 /style.css on 1", "HEAD 2 200", "DATA 2 body",
                                        "TRAILERS 2 a=b END", "HEAD 1 200 END"}));
  EXPECT_EQ(peer_.connection().streams_open_count(), 0u);
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPushClient, HearsTheSameAtAnySplit) {
  HpackEncoder encoder;
  std::string wire;
  wire += Encode(Promise(1, 2).Padded(9).CutAfter({3, 0, 7}), encoder);
  wire += Encode(Headers(2).Status("200"), encoder);
  wire += Encode(Data(2, "body").End(), encoder);
  wire::ForEachSplit(wire::AsBytes(wire), [](std::span<const wire::Bytes> pieces) {
    Dialogue peer(Role::kClient, WithPush());
    peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
    for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
    EXPECT_EQ(peer.TakeEvents(),
              (Events{"PROMISE 2 /style.css on 1", "HEAD 2 200", "DATA 2 body END"}));
  });
}

TEST_F(ConnectionPushClient, MayResetWhatItDoesNotWant) {
  peer_.Sends(Promise(1, 2));
  peer_.connection().SendReset(peer_.stream(2), ErrorCode::kCancel);
  peer_.Expects(RstStream(2, ErrorCode::kCancel));
  peer_.Sends(Headers(2).Status("200"), Data(2, "x").End());
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPushClient, SendsNothingOnAPromisedStream) {
  peer_.Sends(Promise(1, 2));
  peer_.connection().SendHead(peer_.stream(2), kGet, EndStream::kYes);
  peer_.connection().SendData(peer_.stream(2), wire::AsBytes("x"), EndStream::kYes);
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPushClient, HearsNothingOfAStreamWithoutUser) {
  peer_.set_takes_streams(false);
  peer_.Sends(Promise(1, 2), Headers(2).Status("200"), Data(2, "x").End());
  EXPECT_EQ(peer_.TakeEvents(), Events{"PROMISE 2 /style.css on 1"});
  EXPECT_EQ(peer_.connection().streams_open_count(), 1u);
}

TEST_F(ConnectionPushClient, AResponseToHeadHasNoContent) {
  peer_.Sends(PushPromise(1, 2)
                  .Field(":method", "HEAD")
                  .Field(":scheme", "http")
                  .Field(":authority", "a")
                  .Field(":path", "/x"),
              Headers(2).Status("200").Field("content-length", "5").End());
  EXPECT_EQ(peer_.TakeEvents(), (Events{"PROMISE 2 /x on 1", "HEAD 2 200 END"}));
}

TEST_F(ConnectionPushClient, TakesAPromiseOnAStreamThatItHasReset) {
  peer_.connection().SendReset(peer_.stream(1), ErrorCode::kCancel);
  peer_.TakeFrames();
  peer_.Sends(Promise(1, 2).Field("x-new", "y"));
  peer_.Expects(RstStream(2, ErrorCode::kCancel));
  peer_.Sends(Headers(2).Status("200").Field("x-new", "y").End());
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPushClient, RefusesMoreThanItAllows) {
  Limits limits = WithPush();
  limits.concurrent_streams_max = 1;
  Dialogue peer(Role::kClient, limits);
  peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  peer.TakeFrames();
  peer.Sends(Promise(1, 2), Promise(1, 4).Field("x-new", "y"), Headers(2).Status("200").End(),
             Promise(1, 6).Field("x-new", "y"));
  peer.Expects(RstStream(4, ErrorCode::kRefusedStream));
  peer.ExpectsNothing();
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"PROMISE 2 /style.css on 1", "HEAD 2 200 END", "PROMISE 6 /style.css on 1"}));
}

TEST_F(ConnectionPushClient, IgnoresPromisesAboveItsGoAway) {
  peer_.Sends(Promise(1, 2));
  peer_.connection().SendGoAway(ErrorCode::kNoError, "");
  peer_.Expects(GoAway(2, ErrorCode::kNoError));
  peer_.TakeEvents();
  peer_.Sends(Promise(1, 4).Field("x-new", "y"), Headers(4).Status("200"), Data(4, "x").End(),
              Headers(2).Status("200").Field("x-new", "y").End());
  EXPECT_EQ(peer_.TakeEvents(), Events{"HEAD 2 200 END"});
  peer_.ExpectsNothing();
}

struct MalformedCase {
  const char* name;
  Frame promise;
  ErrorCode want;
};

// The connection lives on: the block was decoded.
TEST_F(ConnectionPushClient, AMalformedPromiseResetsThePromisedStream) {
  const auto with_method = [](std::string_view method) {
    return PushPromise(1, 2)
        .Field(":method", method)
        .Field(":scheme", "http")
        .Field(":authority", "a")
        .Field(":path", "/x");
  };
  const MalformedCase cases[] = {
      {"unsafe", with_method("POST"), ErrorCode::kProtocolError},
      {"not cacheable", with_method("OPTIONS"), ErrorCode::kProtocolError},
      {"no authority", PushPromise(1, 2).Get("/x"), ErrorCode::kProtocolError},
      {"content", Promise(1, 2).Field("content-length", "1"), ErrorCode::kProtocolError},
      {"upper case", Promise(1, 2).Field("X", "y"), ErrorCode::kProtocolError},
      {"a response", PushPromise(1, 2).Status("200"), ErrorCode::kProtocolError},
      {"too large", Promise(1, 2).Field("x", std::string(20'000, 'z')).CutAfter({9'000}),
       ErrorCode::kRefusedStream},
  };
  for (const MalformedCase& c : cases) {
    SCOPED_TRACE(c.name);
    Dialogue peer(Role::kClient, WithPush());
    peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
    peer.TakeFrames();
    peer.Sends(c.promise);
    peer.Expects(RstStream(2, c.want));
    EXPECT_EQ(peer.TakeEvents(), Events{});
    peer.Sends(Headers(1).Status("200").End());
    EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 200 END"});
  }
}

struct FatalCase {
  const char* name;
  std::vector<Frame> frames;
  ErrorCode want;
};

TEST_F(ConnectionPushClient, WhatMayNotBePromisedEndsTheConnection) {
  const ErrorCode protocol = ErrorCode::kProtocolError;
  const FatalCase cases[] = {
      {"on stream 0", {Promise(0, 2)}, protocol},
      {"on an idle stream", {Promise(3, 2)}, protocol},
      {"on a promised stream", {Promise(1, 2), Promise(2, 4)}, protocol},
      {"on a stream that ended", {Headers(1).Status("200").End(), Promise(1, 2)}, protocol},
      {"an odd id", {Promise(1, 3)}, protocol},
      {"id 0", {Promise(1, 0)}, protocol},
      {"the same id", {Promise(1, 2), Promise(1, 2)}, protocol},
      {"a lower id", {Promise(1, 6), Promise(1, 4)}, protocol},
      {"no id", {RawFrame(FrameType::kPushPromise, 4, 1, "abc")}, ErrorCode::kFrameSizeError},
      {"padding",
       {RawFrame(FrameType::kPushPromise, 12, 1,
                 "\x09"
                 "abcde")},
       protocol},
      {"a broken block",
       {RawFrame(FrameType::kPushPromise, 4, 1, Big32(2) + "\x80")},
       ErrorCode::kCompressionError},
      {"an interrupted block",
       {RawFrame(FrameType::kPushPromise, 0, 1, Big32(2)), Ping("12345678")},
       protocol},
      {"continued on the promised stream",
       {RawFrame(FrameType::kPushPromise, 0, 1, Big32(2)),
        RawFrame(FrameType::kContinuation, 4, 2, "")},
       protocol},
      {"DATA before the head", {Promise(1, 2), Data(2, "x")}, protocol},
      {"credit on a reserved stream", {Promise(1, 2), WindowUpdate(2, 1)}, protocol},
      {"a head without promise", {Headers(2).Status("200")}, protocol},
  };
  for (const FatalCase& c : cases) {
    SCOPED_TRACE(c.name);
    Dialogue peer(Role::kClient, WithPush());
    peer.connection().SendHead(peer.Open(), kGet, EndStream::kNo);
    for (const Frame& frame : c.frames) peer.Sends(frame);
    const std::vector<Frame> told = peer.TakeFrames();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().type, FrameType::kGoAway);
    EXPECT_EQ(told.back().payload.substr(4), Big32(static_cast<uint32_t>(c.want)));
  }
}

TEST_F(ConnectionPushClient, APromiseFourTimesTooLargeEndsTheConnection) {
  Limits limits = WithPush();
  limits.header_list_bytes_max = 1000;
  Dialogue peer(Role::kClient, limits);
  peer.connection().SendHead(peer.Open(), kGet, EndStream::kNo);
  peer.TakeFrames();
  peer.Sends(Promise(1, 2).Field("x", std::string(2000, 'z')));
  peer.Expects(RstStream(2, ErrorCode::kRefusedStream));
  peer.Sends(Promise(1, 4).Field("x", std::string(4000, 'z')));
  EXPECT_TRUE(peer.connection().failed());
  EXPECT_EQ(peer.TakeFrames().back().debug, NameOf(Limit::kHeaderListClose));
}

}  // namespace
}  // namespace penstock::http2::testing
