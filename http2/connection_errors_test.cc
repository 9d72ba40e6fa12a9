// Every way in which a peer can break the rules, and what it is told; each at any split.
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

constexpr auto kProtocolError = ErrorCode::kProtocolError;
constexpr auto kFlowControlError = ErrorCode::kFlowControlError;
constexpr auto kStreamClosed = ErrorCode::kStreamClosed;
constexpr auto kFrameSizeError = ErrorCode::kFrameSizeError;
constexpr auto kCompressionError = ErrorCode::kCompressionError;
constexpr auto kEnhanceYourCalm = ErrorCode::kEnhanceYourCalm;

struct Case {
  const char* name;
  std::vector<Frame> script;
  Frame want;  // the first RST_STREAM or GOAWAY of the output
};

std::string EncodeAll(const std::vector<Frame>& script) {
  HpackEncoder encoder;
  std::string bytes;
  for (const Frame& frame : script) bytes += Encode(frame, encoder);
  return bytes;
}

std::vector<Frame> Verdicts(const std::vector<Frame>& frames) {
  std::vector<Frame> verdicts;
  for (const Frame& frame : frames) {
    if (frame.type == FrameType::kRstStream || frame.type == FrameType::kGoAway) {
      verdicts.push_back(frame);
    }
  }
  return verdicts;
}

void RunCases(Role role, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    wire::ForEachSplit(
        wire::AsBytes(EncodeAll(c.script)), [&](std::span<const wire::Bytes> pieces) {
          Limits limits;
          limits.stream_window_bytes = 70'000;
          limits.header_block_bytes_max = 1000;
          limits.settings_entries_max = 3;
          Dialogue peer(role, limits);
          if (role == Role::kClient) {
            const OutgoingField get[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
            peer.connection().SendHead(peer.Open(), get, EndStream::kNo);
          }
          for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
          EXPECT_EQ(Verdicts(peer.TakeFrames()), std::vector<Frame>{c.want});
          EXPECT_EQ(peer.connection().failed(), c.want.type == FrameType::kGoAway);
        });
  }
}

const Frame kPost = Headers(1).Post("/x");
const Frame kPostEnd = Headers(1).Post("/x").End();

TEST(ConnectionErrors, HeadersAndContinuation) {
  RunCases(
      Role::kServer,
      {
          {"on stream 0", {Headers(0).Post("/x")}, GoAway(0, kProtocolError)},
          {"even id", {Headers(2).Post("/x")}, GoAway(0, kProtocolError)},
          {"even id that depends on itself",
           {Headers(2).Post("/x").DependsOn(2)},
           GoAway(0, kProtocolError)},
          {"even id below the last",
           {Headers(5).Post("/x"), Headers(4).Post("/x")},
           GoAway(5, kProtocolError)},
          {"padding past the frame",
           {RawFrame(FrameType::kHeaders, flags::kPadded | flags::kEndHeaders, 1,
                     "\x05"
                     "1234")},
           GoAway(0, kProtocolError)},
          {"padded and empty",
           {RawFrame(FrameType::kHeaders, flags::kPadded | flags::kEndHeaders, 1, "")},
           GoAway(0, kProtocolError)},
          {"no room for its priority",
           {RawFrame(FrameType::kHeaders, flags::kPriority | flags::kEndHeaders, 1, "1234")},
           GoAway(0, kFrameSizeError)},
          {"depends on itself", {Headers(1).Post("/x").DependsOn(1)}, RstStream(1, kProtocolError)},
          {"after END_STREAM",
           {kPostEnd, Headers(1).Field("a", "b").End()},
           RstStream(1, kStreamClosed)},
          {"a second head", {kPost, Headers(1).Post("/y")}, RstStream(1, kProtocolError)},
          {"pseudo-header in trailers",
           {kPost, Headers(1).Field(":path", "/").End()},
           RstStream(1, kProtocolError)},
          {"malformed head", {Headers(1).Field(":method", "GET")}, RstStream(1, kProtocolError)},
          {"broken HPACK",
           {RawFrame(FrameType::kHeaders, flags::kEndHeaders, 1, "\x80")},
           GoAway(0, kCompressionError)},
          {"CONTINUATION without HEADERS",
           {kPost, RawFrame(FrameType::kContinuation, 4, 1, "")},
           GoAway(1, kProtocolError)},
          {"CONTINUATION of another stream",
           {RawFrame(FrameType::kHeaders, 0, 1, ""), RawFrame(FrameType::kContinuation, 4, 3, "")},
           GoAway(0, kProtocolError)},
          {"a frame inside a block",
           {RawFrame(FrameType::kHeaders, 0, 1, ""), Ping("12345678")},
           GoAway(0, kProtocolError)},
          {"an unknown frame inside a block",
           {RawFrame(FrameType::kHeaders, 0, 1, ""), RawFrame(FrameType{0x77}, 0, 1, "abc")},
           GoAway(0, kProtocolError)},
          {"one CONTINUATION too many",
           {Headers(1).Post("/x").CutAfter({1, 0, 0, 0, 0, 0, 0, 0, 0})},
           GoAway(0, kEnhanceYourCalm)},
          {"a block above header_block_bytes_max",
           {Headers(1).Post("/x").Field("a", std::string(1500, '~')).CutAfter({100})},
           GoAway(0, kEnhanceYourCalm)},
      });
}

TEST(ConnectionErrors, HeadersOfAnIdleStreamInClientRole) {
  RunCases(
      Role::kClient,
      {
          {"even id", {Headers(2).Status("200")}, GoAway(0, kProtocolError)},
          {"odd id not opened", {Headers(3).Status("200")}, GoAway(0, kProtocolError)},
          {"odd id not opened that depends on itself",
           {Headers(3).Status("200").DependsOn(3)},
           GoAway(0, kProtocolError)},
          {"PUSH_PROMISE",
           {RawFrame(FrameType::kPushPromise, 4, 1, Big32(2))},
           GoAway(0, kProtocolError)},
          {"ENABLE_PUSH of 1",
           {SettingsFrame({{SettingId::kEnablePush, 1}})},
           GoAway(0, kProtocolError)},
          {"DATA before the head", {Data(1, "x")}, RstStream(1, kProtocolError)},
          {"END_STREAM on 1xx", {Headers(1).Status("103").End()}, RstStream(1, kProtocolError)},
          {"status 101", {Headers(1).Status("101")}, RstStream(1, kProtocolError)},
          {"no status", {Headers(1).Field("a", "b")}, RstStream(1, kProtocolError)},
          {"GOAWAY that raises its id",
           {GoAway(1, ErrorCode::kNoError), GoAway(3, ErrorCode::kNoError)},
           GoAway(0, kProtocolError)},
      });
}

TEST(ConnectionErrors, DataFrames) {
  const std::string chunk(10'000, 'x');
  RunCases(
      Role::kServer,
      {
          {"on stream 0", {Data(0, "x")}, GoAway(0, kProtocolError)},
          {"idle", {Data(1, "x")}, GoAway(0, kProtocolError)},
          {"idle, of the other side", {Data(2, "x")}, GoAway(0, kProtocolError)},
          {"after END_STREAM", {kPostEnd, Data(1, "x")}, RstStream(1, kStreamClosed)},
          {"on a closed stream",
           {kPost, RstStream(1, ErrorCode::kCancel), Data(1, "x")},
           RstStream(1, kStreamClosed)},
          {"padding fills the frame and one more",
           {kPost, RawFrame(FrameType::kData, flags::kPadded, 1,
                            "\x04"
                            "123")},
           GoAway(1, kProtocolError)},
          {"padded and empty",
           {kPost, RawFrame(FrameType::kData, flags::kPadded, 1, "")},
           GoAway(1, kFrameSizeError)},
          {"more than content-length",
           {Headers(1).Post("/x").Field("content-length", "3"), Data(1, "ab"), Data(1, "cd")},
           RstStream(1, kProtocolError)},
          {"less than content-length",
           {Headers(1).Post("/x").Field("content-length", "3"), Data(1, "ab").End()},
           RstStream(1, kProtocolError)},
          {"less than content-length before trailers",
           {Headers(1).Post("/x").Field("content-length", "3"), Headers(1).Field("a", "b").End()},
           RstStream(1, kProtocolError)},
          {"content-length and no content",
           {Headers(1).Post("/x").Field("content-length", "3").End()},
           RstStream(1, kProtocolError)},
      });
}

TEST(ConnectionErrors, SmallFrames) {
  RunCases(
      Role::kServer,
      {
          {"PRIORITY on stream 0", {Priority(0, 3)}, GoAway(0, kProtocolError)},
          {"PRIORITY of 4 octets",
           {kPost, RawFrame(FrameType::kPriority, 0, 1, "1234")},
           RstStream(1, kFrameSizeError)},
          {"PRIORITY on itself", {kPost, Priority(1, 1)}, RstStream(1, kProtocolError)},
          {"PRIORITY on itself, idle", {Priority(1, 1)}, GoAway(0, kProtocolError)},
          {"PRIORITY of 6 octets, idle",
           {RawFrame(FrameType::kPriority, 0, 1, "123456")},
           GoAway(0, kFrameSizeError)},
          {"RST_STREAM on stream 0", {RstStream(0, ErrorCode::kCancel)}, GoAway(0, kProtocolError)},
          {"RST_STREAM idle", {RstStream(1, ErrorCode::kCancel)}, GoAway(0, kProtocolError)},
          {"RST_STREAM of 3 octets",
           {kPost, RawFrame(FrameType::kRstStream, 0, 1, "123")},
           GoAway(1, kFrameSizeError)},
          {"SETTINGS on a stream",
           {RawFrame(FrameType::kSettings, 0, 1, "")},
           GoAway(0, kProtocolError)},
          {"SETTINGS of 5 octets",
           {RawFrame(FrameType::kSettings, 0, 0, "12345")},
           GoAway(0, kFrameSizeError)},
          {"SETTINGS ack with entries",
           {RawFrame(FrameType::kSettings, flags::kAck, 0, "123456")},
           GoAway(0, kFrameSizeError)},
          {"SETTINGS with too many entries",
           {RawFrame(FrameType::kSettings, 0, 0, std::string(24, '\x7f'))},
           GoAway(0, kEnhanceYourCalm)},
          {"ENABLE_PUSH of 2",
           {SettingsFrame({{SettingId::kEnablePush, 2}})},
           GoAway(0, kProtocolError)},
          {"MAX_FRAME_SIZE of 0",
           {SettingsFrame({{SettingId::kMaxFrameSize, 0}})},
           GoAway(0, kProtocolError)},
          {"INITIAL_WINDOW_SIZE of 2^31",
           {SettingsFrame({{SettingId::kInitialWindowSize, 0x8000'0000}})},
           GoAway(0, kFlowControlError)},
          {"PUSH_PROMISE",
           {RawFrame(FrameType::kPushPromise, 4, 1, Big32(2))},
           GoAway(0, kProtocolError)},
          {"PING on a stream",
           {RawFrame(FrameType::kPing, 0, 1, "12345678")},
           GoAway(0, kProtocolError)},
          {"PING of 7 octets", {Ping("1234567")}, GoAway(0, kFrameSizeError)},
          {"GOAWAY on a stream",
           {RawFrame(FrameType::kGoAway, 0, 1, "12345678")},
           GoAway(0, kProtocolError)},
          {"GOAWAY of 7 octets",
           {RawFrame(FrameType::kGoAway, 0, 0, "1234567")},
           GoAway(0, kFrameSizeError)},
      });
}

TEST(ConnectionErrors, WindowUpdates) {
  RunCases(
      Role::kServer,
      {
          {"of 3 octets",
           {RawFrame(FrameType::kWindowUpdate, 0, 0, "123")},
           GoAway(0, kFrameSizeError)},
          {"of 0", {WindowUpdate(0, 0)}, GoAway(0, kProtocolError)},
          {"of 0 on a stream", {kPost, WindowUpdate(1, 0)}, RstStream(1, kProtocolError)},
          {"of 0 and the reserved bit", {WindowUpdate(0, 0x8000'0000)}, GoAway(0, kProtocolError)},
          {"idle", {WindowUpdate(1, 1)}, GoAway(0, kProtocolError)},
          {"past 2^31-1", {WindowUpdate(0, 0x7fff'ffff)}, GoAway(0, kFlowControlError)},
          {"past 2^31-1 on a stream",
           {kPost, WindowUpdate(1, 0x7fff'ffff)},
           RstStream(1, kFlowControlError)},
          {"SETTINGS push a stream past 2^31-1",
           {kPost, WindowUpdate(1, 0x7fff'ffff - 65'535),
            SettingsFrame({{SettingId::kInitialWindowSize, 65'536}})},
           GoAway(1, kFlowControlError)},
      });
}

TEST(ConnectionErrors, AFrameAboveMaxFrameSizeFailsAtItsHeader) {
  for (const FrameType type : {FrameType::kData, FrameType::kHeaders, FrameType{0x99}}) {
    Dialogue peer(Role::kServer);
    HpackEncoder encoder;
    const Frame frame = RawFrame(type, 0, 1, std::string(16'385, 'x'));
    peer.SendsBytes(Encode(frame, encoder).substr(0, kFrameHeaderBytes));
    peer.Expects(GoAway(0, kFrameSizeError));
  }
}

TEST(ConnectionErrors, NothingIsHeardAfterTheConnectionFailed) {
  Dialogue peer(Role::kServer);
  peer.Sends(WindowUpdate(0, 0), Headers(1).Post("/x").End());
  EXPECT_EQ(peer.TakeEvents(), Events{"CONNECTION_ERROR PROTOCOL_ERROR: WINDOW_UPDATE of 0"});
  peer.Expects(GoAway(0, kProtocolError));
  peer.Sends(Ping("12345678"));
  peer.ExpectsNothing();
}

TEST(ConnectionErrors, AFaultOnOneStreamLeavesTheOthers) {
  Dialogue peer(Role::kServer);
  peer.Sends(kPost, Headers(3).Post("/y"), WindowUpdate(1, 0), Data(3, "hello").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "HEAD 3 /y", "RESET 1 PROTOCOL_ERROR by fault",
                                       "DATA 3 hello END"}));
}

}  // namespace
}  // namespace penstock::http2::testing
