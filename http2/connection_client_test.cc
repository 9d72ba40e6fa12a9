// What only a client does: it opens streams, and judges responses.
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kGet[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
const OutgoingField kHead[] = {{":method", "HEAD"}, {":scheme", "http"}, {":path", "/"}};

Stream& Ask(Dialogue& peer, std::span<const OutgoingField> fields = kGet) {
  Stream& stream = peer.Open();
  peer.connection().SendHead(stream, fields, EndStream::kYes);
  peer.TakeFrames();
  return stream;
}

TEST(ConnectionClient, AsksAndIsAnswered) {
  Dialogue peer(Role::kClient);
  Ask(peer);
  peer.Sends(Headers(1).Status("200"), Data(1, "hello"),
             Headers(1).Field("grpc-status", "0").End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"HEAD 1 200", "DATA 1 hello", "TRAILERS 1 grpc-status=0 END"}));
  peer.SendsBytes("");
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionClient, InformationalHeadsComeBeforeTheHead) {
  Dialogue peer(Role::kClient);
  Ask(peer);
  peer.Sends(Headers(1).Status("100"), Headers(1).Status("103"), Headers(1).Status("204").End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"INFORMATIONAL 1 100", "INFORMATIONAL 1 103", "HEAD 1 204 END"}));
}

TEST(ConnectionClient, AResponseMayComeBeforeTheRequestsEnd) {
  Dialogue peer(Role::kClient);
  Stream& stream = peer.Open();
  peer.connection().SendHead(stream, kGet, EndStream::kNo);
  peer.Sends(Headers(1).Status("200").End());
  EXPECT_EQ(peer.connection().streams_open_count(), 1u);
  peer.connection().SendData(stream, {}, EndStream::kYes);
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

struct LengthCase {
  const char* name;
  std::span<const OutgoingField> request;
  std::vector<Frame> response;
  Events want;
};

// Spec: RFC 9113 §8.1.1
TEST(ConnectionClient, ContentLengthMustMatchUnlessThereIsNoContent) {
  const auto head = [](const char* status) {
    return Headers(1).Status(status).Field("content-length", "5");
  };
  const LengthCase cases[] = {
      {"matches", kGet, {head("200"), Data(1, "hello").End()}, {"HEAD 1 200", "DATA 1 hello END"}},
      {"less",
       kGet,
       {head("200"), Data(1, "hell").End()},
       {"HEAD 1 200", "RESET 1 PROTOCOL_ERROR by fault"}},
      {"more",
       kGet,
       {head("200"), Data(1, "hello!")},
       {"HEAD 1 200", "RESET 1 PROTOCOL_ERROR by fault"}},
      {"nothing at all", kGet, {head("200").End()}, {"RESET 1 PROTOCOL_ERROR by fault"}},
      {"nothing but trailers",
       kGet,
       {head("200"), Headers(1).Field("a", "b").End()},
       {"HEAD 1 200", "RESET 1 PROTOCOL_ERROR by fault"}},
      {"HEAD", kHead, {head("200").End()}, {"HEAD 1 200 END"}},
      {"HEAD with an empty frame",
       kHead,
       {head("200"), Data(1, "").End()},
       {"HEAD 1 200", "DATA 1 END"}},
      {"HEAD with content",
       kHead,
       {head("200"), Data(1, "hello").End()},
       {"HEAD 1 200", "RESET 1 PROTOCOL_ERROR by fault"}},
      {"304", kGet, {head("304"), Data(1, "").End()}, {"HEAD 1 304", "DATA 1 END"}},
      {"304 at once", kGet, {head("304").End()}, {"HEAD 1 304 END"}},
      {"of a 1xx",
       kGet,
       {head("103"), Headers(1).Status("200").End()},
       {"INFORMATIONAL 1 103", "HEAD 1 200 END"}},
  };
  for (const LengthCase& c : cases) {
    SCOPED_TRACE(c.name);
    Dialogue peer(Role::kClient);
    Ask(peer, c.request);
    for (const Frame& frame : c.response) peer.Sends(frame);
    EXPECT_EQ(peer.TakeEvents(), c.want);
  }
}

TEST(ConnectionClient, AHeadPastTheLimitsIsTold) {
  Limits limits;
  limits.header_list_bytes_max = 200;
  Dialogue peer(Role::kClient, limits);
  Ask(peer);
  Ask(peer);
  peer.Sends(Headers(1).Status("200").Field("x", std::string(200, 'a')), Data(1, "x").End(),
             Headers(3).Status("200").Field("x", std::string(200, 'a')).End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"HEAD_TOO_LARGE 1", "DATA 1 x END", "HEAD_TOO_LARGE 3 END"}));
}

TEST(ConnectionClient, AStreamWithoutUserIsAnsweredUnheard) {
  Dialogue peer(Role::kClient);
  Ask(peer).user = nullptr;
  peer.Sends(Headers(1).Status("103"), Headers(1).Status("200"), Data(1, "x"),
             Headers(1).Field("a", "b").End());
  EXPECT_EQ(peer.TakeEvents(), Events{});
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionClient, KeepsToThePeersLimit) {
  Dialogue peer(Role::kClient);
  peer.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 2}}));
  Ask(peer);
  Ask(peer);
  EXPECT_FALSE(peer.connection().can_open_stream());
  EXPECT_EQ(peer.connection().OpenStream(), nullptr);
  peer.Sends(Headers(1).Status("200").End());
  EXPECT_TRUE(peer.connection().can_open_stream());
  EXPECT_EQ(peer.Open().id, 5u);
}

TEST(ConnectionClient, BeforeTheFirstSettingsItOpensAHundredStreams) {
  Dialogue peer(Role::kClient, {}, Handshake::kOpen);
  for (int i = 0; i < 100; ++i) Ask(peer);
  EXPECT_EQ(peer.connection().OpenStream(), nullptr);
  peer.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 50}}));
  EXPECT_FALSE(peer.connection().can_open_stream());
  peer.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 101}}));
  EXPECT_TRUE(peer.connection().can_open_stream());
}

TEST(ConnectionClient, SettingsThatSayNothingOfStreamsAllowAnyNumber) {
  Dialogue peer(Role::kClient, {}, Handshake::kOpen);
  peer.Sends(SettingsFrame({}));
  for (int i = 0; i < 101; ++i) Ask(peer);
  EXPECT_TRUE(peer.connection().can_open_stream());
}

TEST(ConnectionClient, ARequestAboveThePeersHeaderListIsNotSent) {
  Dialogue peer(Role::kClient);
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, 120}}));
  peer.TakeFrames();
  peer.TakeEvents();
  Stream& stream = peer.Open();
  peer.connection().SendHead(stream, kGet, EndStream::kNo);
  EXPECT_TRUE(peer.connection().has_events());
  peer.connection().SendData(stream, wire::AsBytes("x"), EndStream::kYes);
  peer.ExpectsNothing();
  peer.SendsBytes("");
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 1 INTERNAL_ERROR by us"});
  peer.SendsBytes("");
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, 1000}}));
  peer.Expects(SettingsAck());
  peer.connection().SendHead(peer.Open(), kGet, EndStream::kYes);
  peer.Expects(Headers(3).Get("/").End());
}

// Spec: RFC 9113 §8.5
TEST(ConnectionClient, ATunnelHasDataAlone) {
  const OutgoingField connect[] = {{":method", "CONNECT"}, {":authority", "a:1"}};
  Dialogue peer(Role::kClient);
  for (int i = 0; i < 2; ++i) peer.connection().SendHead(peer.Open(), connect, EndStream::kNo);
  peer.TakeFrames();
  peer.Sends(Headers(1).Status("200").Field("content-length", "1"), Data(1, "tunnel"),
             Headers(1).Field("a", "b").End());
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"HEAD 1 200", "DATA 1 tunnel", "RESET 1 PROTOCOL_ERROR by fault"}));
  peer.Sends(Headers(3).Status("403"), Headers(3).Field("a", "b").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 3 403", "TRAILERS 3 a=b END"}));
}

TEST(ConnectionClient, AStreamIsKeptFromAPeerThatNeverHeardOfIt) {
  Dialogue peer(Role::kClient);
  peer.connection().SendReset(peer.Open(), ErrorCode::kCancel);
  peer.ExpectsNothing();
  Ask(peer);
  peer.Sends(Headers(3).Status("200").End());
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 3 200 END"});
}

TEST(ConnectionClient, ARefusedStreamIsToldAsThePeersReset) {
  Dialogue peer(Role::kClient);
  Ask(peer);
  peer.Sends(RstStream(1, ErrorCode::kRefusedStream));
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 1 REFUSED_STREAM by peer"});
}

TEST(ConnectionClient, AServerOpensNoStreams) {
  Dialogue peer(Role::kServer);
  EXPECT_FALSE(peer.connection().can_open_stream());
  EXPECT_EQ(peer.connection().OpenStream(), nullptr);
}

TEST(ConnectionClient, AResponseBeforeTheRequestEndsTheConnection) {
  Dialogue peer(Role::kClient);
  peer.Open();
  peer.Sends(Headers(1).Status("200"));
  EXPECT_TRUE(peer.connection().failed());
}

}  // namespace
}  // namespace penstock::http2::testing
