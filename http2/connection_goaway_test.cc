// GOAWAY: the graceful end of a connection, from both sides.
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kGet[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};

Frame PostOn(uint32_t id) { return Headers(id).Post("/x"); }

// --- Ours

TEST(ConnectionGoAway, AfterOurGoAwayOpenStreamsAreServedAndNewOnesIgnored) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendGoAway(ErrorCode::kNoError, "bye");
  peer.Expects(GoAway(1, ErrorCode::kNoError));
  peer.Sends(PostOn(3), Data(3, "x"), Headers(3).Field("a", "b").End(), Data(1, "y").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 y END"}));
  peer.ExpectsNothing();
}

TEST(ConnectionGoAway, OurGoAwayNeverRaisesItsId) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendGoAway(ErrorCode::kNoError, "");
  peer.Sends(PostOn(3));
  peer.connection().SendGoAway(ErrorCode::kNoError, "");
  peer.Expects(GoAway(1, ErrorCode::kNoError));
  peer.Expects(GoAway(1, ErrorCode::kNoError));
}

TEST(ConnectionGoAway, DebugDataIsCutAtOneKibibyte) {
  Dialogue peer(Role::kServer);
  peer.connection().SendGoAway(ErrorCode::kEnhanceYourCalm, std::string(5000, 'z'));
  const std::vector<Frame> frames = peer.TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].debug, std::string(1024, 'z'));
}

TEST(ConnectionGoAway, ANoticeRefusesNothing) {
  Dialogue peer(Role::kServer);
  peer.Sends(PostOn(1));
  peer.connection().SendShutdownNotice("soon");
  const std::vector<Frame> frames = peer.TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], GoAway(kStreamIdMax, ErrorCode::kNoError));
  EXPECT_EQ(frames[0].debug, "soon");
  peer.Sends(PostOn(3).End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "HEAD 3 /x END"}));
  peer.connection().SendGoAway(ErrorCode::kNoError, "bye");
  peer.Expects(GoAway(3, ErrorCode::kNoError));
}

TEST(ConnectionGoAway, ANoticeAfterTheFinalWordIsNotSent) {
  Dialogue peer(Role::kServer);
  peer.connection().SendGoAway(ErrorCode::kNoError, "bye");
  peer.connection().SendShutdownNotice("");
  peer.Expects(GoAway(0, ErrorCode::kNoError));
  peer.ExpectsNothing();
}

TEST(ConnectionGoAway, WhatIsIgnoredKeepsTheTablesInStepAndGivesItsCreditBack) {
  Limits limits;
  limits.connection_window_bytes = 65'535;
  Dialogue peer(Role::kServer, limits);
  peer.connection().SendShutdownNotice("");
  peer.Sends(PostOn(1));
  peer.connection().SendGoAway(ErrorCode::kNoError, "");
  peer.TakeFrames();
  peer.Sends(PostOn(3).Field("x-new", "y").CutAfter({2, 3}), WindowUpdate(3, 0),
             WindowUpdate(3, 9));
  const std::string data(16'384, 'd');
  peer.Sends(Data(3, data), Data(3, data));
  peer.Expects(WindowUpdate(0, 32'768));
  peer.Sends(RstStream(3, ErrorCode::kCancel), Headers(1).Field("x-new", "y").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "TRAILERS 1 x-new=y END"}));
  peer.ExpectsNothing();
}

// --- The peer's

TEST(ConnectionGoAway, APeersGoAwayIsToldWithItsLastStream) {
  Dialogue peer(Role::kClient);
  peer.Open();
  peer.Sends(GoAway(kStreamIdMax, ErrorCode::kNoError), GoAway(1, ErrorCode::kNoError));
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 2147483647 NO_ERROR", "GOAWAY 1 NO_ERROR"}));
}

TEST(ConnectionGoAway, NoStreamIsOpenedAfterAnyGoAwayOfThePeer) {
  Dialogue peer(Role::kClient);
  peer.Sends(GoAway(kStreamIdMax, ErrorCode::kNoError));
  EXPECT_FALSE(peer.connection().can_open_stream());
  EXPECT_EQ(peer.connection().OpenStream(), nullptr);
}

// Spec: RFC 9113 §8.7
TEST(ConnectionGoAway, WhatThePeerLeavesOutIsToldAsSafeToRetry) {
  Dialogue peer(Role::kClient);
  for (int i = 0; i < 4; ++i) peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  std::vector<bool> unprocessed;
  peer.set_on_event([&](const Event& event) {
    if (event.kind == Event::Kind::kStreamReset) unprocessed.push_back(IsUnprocessed(event.error));
  });
  peer.Sends(GoAway(5, ErrorCode::kNoError), RstStream(5, ErrorCode::kCancel),
             Headers(1).Status("200").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 5 NO_ERROR", "RESET 7 REFUSED_STREAM by peer",
                                       "RESET 5 CANCEL by peer", "HEAD 1 200 END"}));
  EXPECT_EQ(unprocessed, (std::vector<bool>{true, false}));
  peer.Sends(GoAway(1, ErrorCode::kNoError));
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 1 NO_ERROR", "RESET 3 REFUSED_STREAM by peer"}));
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionGoAway, StreamsThatNobodyUsesAreReleasedUnheard) {
  Dialogue peer(Role::kClient);
  for (int i = 0; i < 3; ++i) peer.connection().SendHead(peer.Open(), kGet, EndStream::kNo);
  for (const uint32_t id : {1u, 5u}) peer.stream(id).user = nullptr;
  peer.Sends(GoAway(0, ErrorCode::kNoError));
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 0 NO_ERROR", "RESET 3 REFUSED_STREAM by peer"}));
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

// A time that grew with the square of the streams would be a minute here, not an instant.
TEST(ConnectionGoAway, ManyStreamsAreLeftOutOneByOneAndInOrder) {
  Dialogue peer(Role::kClient);
  peer.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 100'000}}));
  peer.TakeFrames();
  for (int i = 0; i < 100'000; ++i) (void)peer.Open();
  uint32_t next_id = 1;
  peer.set_on_event([&](const Event& event) {
    if (event.kind != Event::Kind::kStreamReset) return;
    EXPECT_EQ(event.stream->id, next_id);
    next_id += 2;
  });
  peer.Sends(GoAway(0, ErrorCode::kNoError));
  EXPECT_EQ(next_id, 200'001u);
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionGoAway, NothingIsLeftOutOfANotice) {
  Dialogue peer(Role::kClient);
  peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  peer.Sends(GoAway(kStreamIdMax, ErrorCode::kNoError), Headers(1).Status("200").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"GOAWAY 2147483647 NO_ERROR", "HEAD 1 200 END"}));
}

}  // namespace
}  // namespace penstock::http2::testing
