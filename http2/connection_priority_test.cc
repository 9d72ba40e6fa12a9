// What clients say of priorities, and the order of DATA that follows from it.
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

constexpr size_t kFrameBytes = kFramePayloadBytesDefault;
const OutgoingField kOk[] = {{":status", "200"}};
const OutgoingField kGet[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};

Frame Ask(uint32_t id) { return Headers(id).Get("/"); }

// A server whose answers wait for the connection's window, so that the scheduler decides.
class ConnectionPriority : public ::testing::Test {
 protected:
  ConnectionPriority() {
    peer_.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 1 << 20}}), Ask(1).End());
    peer_.connection().SendHead(peer_.stream(1), kOk, EndStream::kNo);
    const std::string window(kWindowBytesDefault, 'w');
    peer_.connection().SendData(peer_.stream(1), wire::AsBytes(window), EndStream::kYes);
    peer_.TakeFrames();
  }

  // Answers with so many frames.
  void Answer(uint32_t id, size_t frames) {
    peer_.connection().SendHead(peer_.stream(id), kOk, EndStream::kNo);
    const std::string data(frames * kFrameBytes, 'd');
    peer_.connection().SendData(peer_.stream(id), wire::AsBytes(data), EndStream::kYes);
  }

  // On which streams the next frames of DATA go.
  std::string Order(size_t frames) {
    peer_.Sends(WindowUpdate(0, static_cast<uint32_t>(frames * kFrameBytes)));
    std::string ids;
    for (const Frame& frame : peer_.TakeFrames()) {
      if (frame.type == FrameType::kData) ids += std::to_string(frame.stream_id);
    }
    return ids;
  }

  Dialogue peer_{Role::kServer};
};

TEST_F(ConnectionPriority, WithoutAWordStreamsShare) {
  peer_.Sends(Ask(3).End(), Ask(5).End());
  Answer(3, 3);
  Answer(5, 3);
  EXPECT_EQ(Order(6), "353535");
}

TEST_F(ConnectionPriority, TheFieldOfARequestDecides) {
  peer_.Sends(Ask(3).Field("priority", "u=4").End(), Ask(5).Field("priority", "u=1").End(),
              Ask(7).Field("priority", "u=1").End(), Ask(9).Field("priority", "u=2, i").End());
  for (const uint32_t id : {3u, 5u, 7u, 9u}) Answer(id, 2);
  EXPECT_EQ(Order(8), "55779933");
}

TEST_F(ConnectionPriority, RepeatedFieldsAreOne) {
  peer_.Sends(Ask(3).End(), Ask(5).Field("priority", "u=1").Field("priority", "i").End());
  EXPECT_EQ(peer_.stream(5).urgency, 1);
  EXPECT_TRUE(peer_.stream(5).is_incremental);
  Answer(3, 2);
  Answer(5, 2);
  EXPECT_EQ(Order(4), "5533");
}

TEST_F(ConnectionPriority, AFieldThatIsNoDictionaryIsIgnored) {
  peer_.Sends(Ask(3).End(), Ask(5).Field("priority", "u=1,").End());
  Answer(3, 2);
  Answer(5, 2);
  EXPECT_EQ(Order(4), "3535");
}

TEST_F(ConnectionPriority, LowerOnesStillGetOneFrameInSixteen) {
  peer_.Sends(Ask(3).Field("priority", "u=0").End(), Ask(5).Field("priority", "u=7").End());
  Answer(3, 40);
  Answer(5, 40);
  EXPECT_EQ(Order(32), "33333333333333353333333333333335");
}

TEST_F(ConnectionPriority, AnUpdateReordersWhatWaits) {
  peer_.Sends(Ask(3).End(), Ask(5).End());
  Answer(3, 4);
  Answer(5, 4);
  peer_.Sends(PriorityUpdate(5, "u=2"));
  EXPECT_EQ(Order(2), "55");
  peer_.Sends(PriorityUpdate(5, ""));
  EXPECT_EQ(Order(4), "5353");
}

TEST_F(ConnectionPriority, AnUpdateMayComeBeforeItsRequestAndCountsForMore) {
  peer_.Sends(PriorityUpdate(5, "u=1"), PriorityUpdate(3, "u=6"), PriorityUpdate(3, "u=5"),
              Ask(3).Field("priority", "u=0").End(), Ask(5).Field("priority", "u=7").End());
  EXPECT_EQ(peer_.stream(3).urgency, 5);
  EXPECT_EQ(peer_.stream(5).urgency, 1);
}

TEST_F(ConnectionPriority, AnUpdateOfAnIdThatIsSkippedIsForgotten) {
  peer_.Sends(PriorityUpdate(3, "u=1"), Ask(5).End(), PriorityUpdate(3, "u=2"), Ask(7).End());
  EXPECT_EQ(peer_.stream(7).urgency, kUrgencyDefault);
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPriority, UpdatesOfClosedStreamsAndWithoutSenseAreIgnored) {
  peer_.Sends(Ask(3).End());
  peer_.connection().SendHead(peer_.stream(3), kOk, EndStream::kYes);
  peer_.TakeFrames();
  peer_.Sends(PriorityUpdate(3, "u=1"), PriorityUpdate(9, "u=1,"), Ask(9).End());
  EXPECT_EQ(peer_.stream(9).urgency, kUrgencyDefault);
  EXPECT_TRUE(peer_.stream(9).is_incremental);
  peer_.ExpectsNothing();
}

TEST_F(ConnectionPriority, AnUpdatePassesAtAnySplit) {
  HpackEncoder encoder;
  const std::string wire = Encode(PriorityUpdate(3, "u=1, i"), encoder) + Encode(Ask(3), encoder);
  wire::ForEachSplit(wire::AsBytes(wire), [](std::span<const wire::Bytes> pieces) {
    Dialogue peer(Role::kServer);
    for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
    EXPECT_EQ(peer.stream(3).urgency, 1);
  });
}

TEST_F(ConnectionPriority, PromisedStreamsHavePrioritiesToo) {
  const OutgoingField pushed[] = {
      {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
  peer_.Sends(Ask(3).End());
  Stream* stream = peer_.connection().SendPushPromise(peer_.stream(3), pushed);
  peer_.Sends(PriorityUpdate(2, "u=6"));
  EXPECT_EQ(stream->urgency, 6);
  peer_.connection().SetPriority(*stream, {5, false});
  EXPECT_EQ(stream->urgency, 5);
}

struct FatalCase {
  const char* name;
  Frame frame;
  ErrorCode want;
};

// Spec: RFC 9218 §7.1
TEST_F(ConnectionPriority, FramesThatBreakTheRulesEndTheConnection) {
  const FatalCase cases[] = {
      {"on a stream", RawFrame(FrameType::kPriorityUpdate, 0, 1, Big32(3)),
       ErrorCode::kProtocolError},
      {"of stream 0", PriorityUpdate(0, "u=1"), ErrorCode::kProtocolError},
      {"of a stream not promised", PriorityUpdate(2, "u=1"), ErrorCode::kProtocolError},
      {"without an id", RawFrame(FrameType::kPriorityUpdate, 0, 0, "abc"),
       ErrorCode::kFrameSizeError},
  };
  for (const FatalCase& c : cases) {
    SCOPED_TRACE(c.name);
    Dialogue peer(Role::kServer);
    peer.Sends(Ask(1), c.frame);
    peer.Expects(GoAway(1, c.want));
  }
}

TEST_F(ConnectionPriority, IdleAndOpenStreamsTogetherKeepToTheLimit) {
  Limits limits;
  limits.concurrent_streams_max = 3;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Ask(1), PriorityUpdate(5, "u=1"), PriorityUpdate(7, "u=1"), PriorityUpdate(7, "u=2"));
  peer.ExpectsNothing();
  peer.Sends(PriorityUpdate(9, "u=1"));
  peer.Expects(GoAway(1, ErrorCode::kProtocolError));
}

TEST_F(ConnectionPriority, AClientSendsUpdatesAndTakesNone) {
  Dialogue peer(Role::kClient);
  Stream& stream = peer.Open();
  peer.connection().SendHead(stream, kGet, EndStream::kYes);
  peer.connection().SendPriorityUpdate(stream, {1, true});
  peer.Expects(Headers(1).Get("/").End());
  peer.Expects(PriorityUpdate(1, "u=1, i"));
  peer.Sends(PriorityUpdate(1, "u=1"));
  peer.Expects(GoAway(0, ErrorCode::kProtocolError));
}

}  // namespace
}  // namespace penstock::http2::testing
