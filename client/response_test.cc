// What a client makes of responses: each ends its call with exactly one status.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/testing/dialogue.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::Headers;
using http2::testing::RstStream;

// What the server sends on stream 1, and how the call ends.
struct Case {
  std::string_view name;
  std::vector<Frame> frames;
  StatusCode code;
  std::string_view message;  // a part of it; of an OK the reply
};

Frame Foreign(std::string_view http_status, std::string_view content_type) {
  return Headers(1).Status(http_status).Field("content-type", content_type);
}
Frame TrailersOnly(std::string_view grpc_status) {
  return ResponseHead(1).Field("grpc-status", grpc_status).End();
}
std::vector<Frame> HttpOnly(std::string_view http_status) {
  return {Headers(1).Status(http_status).End()};
}

// Each on a connection of its own. What the client says behind its request is returned.
void Check(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Dialogue net;
    PendingCall call;
    net.Begin(&call);
    net.Accepts();
    for (const Frame& frame : test.frames) {
      EXPECT_FALSE(call.ended()) << "before the last frame";
      net.Sends(frame);
    }
    ASSERT_TRUE(call.ended());
    EXPECT_EQ(call.code(), test.code) << call.text();
    EXPECT_NE(call.text().find(test.message), std::string::npos) << call.text();
    EXPECT_EQ(net.channel().state(), ChannelState::kReady);
  }
}

TEST(Response, IsHeadMessageAndTrailers) {
  Check({
      {"usual", {ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0")}, StatusCode::kOk, "hi"},
      {"empty message", {ResponseHead(1), Data(1, Framed("")), Trailers(1, "0")}, StatusCode::kOk,
       ""},
      {"in pieces",
       {ResponseHead(1), Data(1, Framed("hi").substr(0, 3)), Data(1, Framed("hi").substr(3)),
        Trailers(1, "0")},
       StatusCode::kOk,
       "hi"},
      {"after 103",
       {Headers(1).Status("103"), ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0")},
       StatusCode::kOk,
       "hi"},
      {"a status behind the message",
       {ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "9").Field("grpc-message", "a%20b%")},
       StatusCode::kFailedPrecondition,
       "(a b%)"},
      {"trailers only", {TrailersOnly("5").Field("grpc-message", "gone")}, StatusCode::kNotFound,
       "(gone)"},
  });
}

// Spec: gRPC statuscodes.md: one response, neither none nor two
TEST(Response, HasExactlyOneMessageWhereItIsOk) {
  Check({
      {"none", {ResponseHead(1), Trailers(1, "0")}, StatusCode::kUnimplemented,
       "without a message"},
      {"none, trailers only", {TrailersOnly("0")}, StatusCode::kUnimplemented,
       "without a message"},
      {"two", {ResponseHead(1), Data(1, Framed("a") + Framed("b")), Trailers(1, "0")},
       StatusCode::kUnimplemented, "several messages"},
      {"two, but failed", {ResponseHead(1), Data(1, Framed("a") + Framed("b")), Trailers(1, "8")},
       StatusCode::kResourceExhausted, ""},
  });
}

TEST(Response, MessagesThatAreNone) {
  Check({
      {"cut by the end",
       {ResponseHead(1), Data(1, Framed("hi").substr(0, 6)), Trailers(1, "0")},
       StatusCode::kInternal,
       "ended inside a message"},
      {"another flag", {ResponseHead(1), Data(1, Framed("hi", 2))}, StatusCode::kInternal,
       "flag other than 0 and 1"},
      {"compressed for no reason", {ResponseHead(1), Data(1, Framed("hi", 1))},
       StatusCode::kInternal, "without a grpc-encoding"},
      {"compressed by something else",
       {ResponseHead(1).Field("grpc-encoding", "lzma"), Data(1, Framed("hi", 1))},
       StatusCode::kInternal,
       "compressed by 'lzma'"},
      {"too large", {ResponseHead(1), Data(1, std::string("\0\0\x40\0\x01", 5))},
       StatusCode::kResourceExhausted, "a message of 4194305 octets exceeds message_bytes_max"},
      {"bad base64 in the head", {ResponseHead(1).Field("x-bin", "?")}, StatusCode::kInternal,
       "base64"},
      {"bad base64 in the trailers",
       {ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0").Field("x-bin", "?")},
       StatusCode::kInternal,
       "base64"},
  });
}

// Spec: gRPC http-grpc-status-mapping.md
TEST(Response, WithoutAGrpcStatusTheHttpStatusIsMapped) {
  Check({
      {"400", HttpOnly("400"), StatusCode::kInternal, "HTTP status 400"},
      {"401", HttpOnly("401"), StatusCode::kUnauthenticated, "HTTP status 401"},
      {"403", HttpOnly("403"), StatusCode::kPermissionDenied, "HTTP status 403"},
      {"404", HttpOnly("404"), StatusCode::kUnimplemented, "HTTP status 404"},
      {"429", HttpOnly("429"), StatusCode::kUnavailable, "HTTP status 429"},
      {"431", HttpOnly("431"), StatusCode::kInternal, "HTTP status 431"},
      {"502", HttpOnly("502"), StatusCode::kUnavailable, "HTTP status 502"},
      {"503", HttpOnly("503"), StatusCode::kUnavailable, "HTTP status 503"},
      {"504", HttpOnly("504"), StatusCode::kUnavailable, "HTTP status 504"},
      {"500", HttpOnly("500"), StatusCode::kUnknown, "HTTP status 500"},
      {"200", HttpOnly("200"), StatusCode::kUnknown, "HTTP status 200, without a content-type"},
      {"a page",
       {Foreign("503", "text/html"), Data(1, "<h1>busy"), Data(1, "</h1>").End()},
       StatusCode::kUnavailable,
       "127.0.0.1:50051: HTTP status 503, content-type 'text/html', is no response of gRPC: "
       "<h1>busy</h1>)"},
      {"grpc-web", {Foreign("200", "application/grpc-web"), Data(1, Framed("x")).End()},
       StatusCode::kUnknown, "content-type 'application/grpc-web'"},
      {"another codec", {Foreign("200", "application/grpc+json"), Data(1, Framed("x")).End()},
       StatusCode::kInternal, "content-type 'application/grpc+json'"},
      {"DATA ends it", {ResponseHead(1), Data(1, Framed("hi")).End()}, StatusCode::kUnknown,
       "without a grpc-status"},
      {"trailers without it", {ResponseHead(1), Headers(1).Field("x", "y").End()},
       StatusCode::kUnknown, "without a grpc-status"},
  });
}

TEST(Response, AGrpcStatusWinsOverTheHttpStatus) {
  Check({
      {"trailers only", {Headers(1).Status("503").Field("grpc-status", "5").End()},
       StatusCode::kNotFound, ""},
      {"trailers", {Foreign("500", "text/plain"), Data(1, "x"), Trailers(1, "7")},
       StatusCode::kPermissionDenied, ""},
      {"but not 0", {Foreign("503", "text/plain"), Data(1, "x"), Trailers(1, "0")},
       StatusCode::kUnavailable, "HTTP status 503"},
      {"but not in a head that goes on",
       {ResponseHead(1).Field("grpc-status", "5"), Data(1, Framed("hi")), Trailers(1, "0")},
       StatusCode::kOk,
       "hi"},
  });
}

TEST(Response, AGrpcStatusThatIsNoneIsUnknown) {
  Check({
      {"17", {TrailersOnly("17").Field("grpc-message", "m")}, StatusCode::kUnknown,
       "grpc-status '17' is no number from 0 to 16; its grpc-message is 'm'"},
      {"a word", {TrailersOnly("OK")}, StatusCode::kUnknown, "'OK' is no number"},
  });
}

// The body of a foreign response is shown, but not without end.
TEST(Response, AForeignBodyIsCutAt1KiB) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.Sends(Foreign("502", "text/plain"), Data(1, std::string(1000, 'a')),
            Data(1, std::string(1000, 'b')), Data(1, std::string(1000, 'c')).End());
  EXPECT_EQ(call.message().find(std::string(1000, 'a') + std::string(24, 'b')),
            call.message().size() - 1024);
}

// Spec: gRPC PROTOCOL-HTTP2, "Errors"
TEST(Response, AResetIsMapped) {
  Check({
      {"NO_ERROR", {RstStream(1, ErrorCode::kNoError)}, StatusCode::kInternal, "NO_ERROR"},
      {"PROTOCOL_ERROR", {RstStream(1, ErrorCode::kProtocolError)}, StatusCode::kInternal,
       "127.0.0.1:50051 says RST_STREAM(PROTOCOL_ERROR)"},
      {"INTERNAL_ERROR", {RstStream(1, ErrorCode::kInternalError)}, StatusCode::kInternal, ""},
      {"FLOW_CONTROL", {RstStream(1, ErrorCode::kFlowControlError)}, StatusCode::kInternal, ""},
      {"SETTINGS_TIMEOUT", {RstStream(1, ErrorCode::kSettingsTimeout)}, StatusCode::kInternal, ""},
      {"FRAME_SIZE", {RstStream(1, ErrorCode::kFrameSizeError)}, StatusCode::kInternal, ""},
      {"COMPRESSION", {RstStream(1, ErrorCode::kCompressionError)}, StatusCode::kInternal, ""},
      {"CONNECT", {RstStream(1, ErrorCode::kConnectError)}, StatusCode::kInternal, ""},
      {"CANCEL", {RstStream(1, ErrorCode::kCancel)}, StatusCode::kCancelled, ""},
      {"CALM", {RstStream(1, ErrorCode::kEnhanceYourCalm)}, StatusCode::kResourceExhausted, ""},
      {"SECURITY", {RstStream(1, ErrorCode::kInadequateSecurity)}, StatusCode::kPermissionDenied,
       ""},
      {"STREAM_CLOSED", {RstStream(1, ErrorCode::kStreamClosed)}, StatusCode::kUnknown, ""},
      {"after the head", {ResponseHead(1), RstStream(1, ErrorCode::kRefusedStream)},
       StatusCode::kUnavailable, "REFUSED_STREAM"},
      {"a broken head", {Headers(1).Field("content-type", "application/grpc")},
       StatusCode::kInternal, "the response breaks HTTP/2"},
  });
}

// A status that has been received stays, whatever comes behind it.
TEST(Response, AResetBehindTheTrailersChangesNothing) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"),
            RstStream(1, ErrorCode::kNoError));
  EXPECT_EQ(call.text(), "hi");
}

TEST(Request, IsOneHeadAndOneMessage) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.Expects(Dialogue::RequestHead(1));
  net.Expects(Data(1, Framed("hello")).End());
  net.ExpectsNothing();
}

TEST(Request, SaysTheTimeThatIsLeft) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call, "", CallOptions().SetTimeout(5 * kNsPerSecond));
  net.Advance(kNsPerSecond);  // connecting takes that
  net.Accepts();
  const std::optional<Frame> head = net.TakeFrame();
  ASSERT_TRUE(head.has_value());
  // "te", then call headers, then what follows: PROTOCOL-HTTP2's order
  EXPECT_EQ(head->fields[5], (std::pair<std::string, std::string>("grpc-timeout", "4000000u")));
}

TEST(Request, ThatTheServerRefusesToReadFailsHere) {
  Dialogue net;
  PendingCall call;
  CallOptions options;
  EXPECT_TRUE(options.AddMetadata("x-large", std::string(2000, 'x')));
  net.Begin(&call, "", options);
  net.Accepts({{http2::SettingId::kMaxHeaderListSize, 1000}});
  EXPECT_EQ(call.code(), StatusCode::kResourceExhausted);
  EXPECT_NE(call.message().find("the request cannot be sent"), std::string::npos)
      << call.message();
  net.ExpectsNothing();
}

}  // namespace
}  // namespace penstock::client::testing
