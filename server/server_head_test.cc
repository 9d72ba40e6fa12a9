// Heads of requests that are refused, and deadlines.
#include <gtest/gtest.h>

#include <string>

#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;

class ServerHeadTest : public ServerTest {};
INSTANTIATE_SERVER_TEST(ServerHeadTest);

TEST_P(ServerHeadTest, PathsThatNobodyHandlesAreUnimplemented) {
  START_SERVER();
  TestClient client(address());
  for (const char* path :
       {"/penstock.test.Echo/Nothing", "/penstock.test.Nothing/Say", "/penstock.test.Echo/say",
        "/Echo/Say", "penstock.test.Echo/Say", "/penstock.test.Echo", "/", "*", "//", "/a/b/c",
        "/penstock.test.Echo/Say/", "/penstock.test.Echo/Say?x"}) {
    SCOPED_TRACE(path);
    const TestResponse& response = client.Call(path, FramedText("x"));
    EXPECT_EQ(response.status(), 12);
    EXPECT_EQ(response.http_status(), "200");
    EXPECT_TRUE(response.trailers_only());
    EXPECT_EQ(response.status_message(), std::string("no handler for ") + path);
  }
  EXPECT_EQ(handled_count_, 0);
}

// A few octets of HPACK may stand for many: they do not all come back.
TEST_P(ServerHeadTest, WhatAPeerSentIsQuotedUpTo128Octets) {
  START_SERVER();
  TestClient client(address());
  const std::string whole = "/" + std::string(127, 'x');
  EXPECT_EQ(client.Call(whole, "").status_message(), "no handler for " + whole);
  EXPECT_EQ(client.Call(whole + "y", "").status_message(), "no handler for " + whole + "...");
  EXPECT_EQ(client.Call(whole + std::string(5000, 'y'), "").status_message(),
            "no handler for " + whole + "...");

  const auto message_for = [&client](const std::string& encoding) {
    return client.Call(kSay, FramedText("x"), {{"grpc-encoding", encoding}}).status_message();
  };
  const std::string name(128, 'z');
  EXPECT_EQ(message_for(name), "grpc-encoding " + name + " is not supported");
  EXPECT_EQ(message_for(name + "y"), "grpc-encoding " + name + "... is not supported");
  EXPECT_EQ(message_for(name + std::string(5000, 'y')),
            "grpc-encoding " + name + "... is not supported");
}

TEST_P(ServerHeadTest, OtherMethodsThanPostAre405) {
  START_SERVER();
  TestClient client(address());
  for (const char* method : {"GET", "PUT", "HEAD", "post"}) {
    SCOPED_TRACE(method);
    const TestResponse& response =
        client.CallWithHead(TestClient::HeadWith(kSay, ":method", method), FramedText("x"));
    EXPECT_EQ(response.http_status(), "405");
    EXPECT_EQ(response.status(), 13);
  }
  const uint32_t id = client.Open({{":method", "CONNECT"}, {":authority", "x:1"}});
  EXPECT_EQ(client.Wait(id).http_status(), "405");
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerHeadTest, ForeignContentTypesAre415) {
  START_SERVER();
  TestClient client(address());
  for (const char* type : {"application/grpcx", "application/grpc-web", "application/json", ""}) {
    SCOPED_TRACE(type);
    const TestResponse& response =
        client.CallWithHead(TestClient::HeadWith(kSay, "content-type", type), FramedText("x"));
    EXPECT_EQ(response.http_status(), "415");
    EXPECT_EQ(response.status(), 2);
  }
  Fields without = TestClient::Head(kSay);
  without.pop_back();
  EXPECT_EQ(client.CallWithHead(without, FramedText("x")).http_status(), "415");
}

TEST_P(ServerHeadTest, TheContentTypeComesBack) {
  START_SERVER();
  TestClient client(address());
  const struct {
    const char* asked;
    const char* answered;
  } cases[] = {
      {"application/grpc", "application/grpc"},
      {"application/grpc+proto", "application/grpc+proto"},
      {"application/GRPC+proto;charset=utf-8", "application/grpc+proto"},
      {"application/grpc;charset=utf-8", "application/grpc"},
  };
  for (const auto& c : cases) {
    const Fields head = TestClient::HeadWith(kSay, "content-type", c.asked);
    const TestResponse& response = client.CallWithHead(head, FramedText("x"));
    EXPECT_EQ(response.status(), 0) << c.asked;
    EXPECT_EQ(response.Field("content-type"), c.answered);
    // Of a status alone, too.
    EXPECT_EQ(client.CallWithHead(head, "").Field("content-type"), c.answered);
  }
}

TEST_P(ServerHeadTest, UnknownCodecsAreUnimplemented) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.CallWithHead(
      TestClient::HeadWith(kSay, "content-type", "application/grpc+thrift"), FramedText("x"));
  EXPECT_EQ(response.http_status(), "200");
  EXPECT_EQ(response.status(), 12);
}

TEST_P(ServerHeadTest, UnknownEncodingsAreUnimplementedAndTheKnownOnesListed) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kSay, Framed("x", 1), {{"grpc-encoding", "br"}});
  EXPECT_EQ(response.status(), 12);
  EXPECT_EQ(response.Field("grpc-accept-encoding"), "identity,gzip,deflate,zstd");
  EXPECT_NE(response.status_message().find("br is not"), std::string::npos);
}

TEST_P(ServerHeadTest, IdentityIsNoEncoding) {
  START_SERVER();
  TestClient client(address());
  const Fields identity = {{"grpc-encoding", "identity"}, {"grpc-accept-encoding", "gzip"}};
  EXPECT_EQ(client.Call(kSay, FramedText("x"), identity).status(), 0);
  EXPECT_EQ(client.Call(kSay, Framed("x", 1), identity).status(), 13);
}

TEST_P(ServerHeadTest, TeMayBeMissing) {
  START_SERVER();
  TestClient client(address());
  Fields head = TestClient::Head(kSay);
  std::erase_if(head, [](const auto& field) { return field.first == "te"; });
  EXPECT_EQ(client.CallWithHead(head, FramedText("x")).status(), 0);
}

TEST_P(ServerHeadTest, MalformedHeadsResetTheirStreamAlone) {
  START_SERVER();
  TestClient client(address());
  const Fields cases[] = {
      TestClient::HeadWith(kSay, "te", "gzip"),
      TestClient::Head(kSay, {{"connection", "close"}}),
      TestClient::Head(kSay, {{"upgrade", "h2c"}}),
      TestClient::Head(kSay, {{":late", "x"}}),
      TestClient::Head(kSay, {{"Upper", "x"}}),
      TestClient::Head(kSay, {{"x", "a\nb"}}),
      TestClient::Head(kSay, {{"content-length", "ten"}}),
      TestClient::HeadWith(kSay, ":path", ""),
  };
  for (const Fields& head : cases) {
    const TestResponse& response = client.CallWithHead(head, FramedText("x"));
    EXPECT_EQ(response.reset, ErrorCode::kProtocolError) << head.back().first;
    EXPECT_FALSE(response.ended);
  }
  EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_EQ(client.goaway(), std::nullopt);
}

TEST_P(ServerHeadTest, AHeaderListTooLargeIsResourceExhausted) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& large =
      client.Call(kSay, FramedText("x"), {{"x-large", std::string(17'000, 'a')}});
  EXPECT_EQ(large.status(), 8);
  EXPECT_NE(large.status_message().find("16384"), std::string::npos);
  Fields many;
  for (int i = 0; i < 200; ++i) many.emplace_back("x" + std::to_string(i), "");
  EXPECT_EQ(client.Call(kSay, FramedText("x"), many).status(), 8);
  // HPACK's tables are still in step.
  const TestResponse& next = client.Call(kSay, FramedText("x"), {{"x5", ""}, {"x199", ""}});
  EXPECT_EQ(next.status(), 0);
  EXPECT_EQ(handled_count_, 1);
}

TEST_P(ServerHeadTest, AHeaderListUpToTheLimitIsTaken) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kSay, FramedText("x"), {{"x-large", std::string(15'900, 'a')}}).status(),
            0);
}

TEST_P(ServerHeadTest, MalformedTimeoutsAre400) {
  START_SERVER();
  TestClient client(address());
  for (const char* text : {"10", "S", "123456789S", "1s", "-1S", "1.5S"}) {
    SCOPED_TRACE(text);
    const TestResponse& response = client.Call(kSay, FramedText("x"), {{"grpc-timeout", text}});
    EXPECT_EQ(response.http_status(), "400");
    EXPECT_EQ(response.status(), 13);
  }
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerHeadTest, ATimeoutOfZeroHasPassed) {
  START_SERVER();
  TestClient client(address());
  for (const char* text : {"0n", "0S", "00000000H"}) {
    EXPECT_EQ(client.Call(kSay, FramedText("x"), {{"grpc-timeout", text}}).status(), 4) << text;
  }
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerHeadTest, HandlersSeeTheirDeadline) {
  Shared<TimeNs> left_ns;
  act_ = [&left_ns](Call& call, const Text&, Text&) {
    left_ns.Set(call.time_left_ns());
    return OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kAct, Framed(""), {{"grpc-timeout", "100S"}}).status(), 0);
  EXPECT_GT(left_ns.Get(), 50 * kNsPerSecond);
  EXPECT_LE(left_ns.Get(), 100 * kNsPerSecond);
  EXPECT_EQ(client.Call(kAct, Framed(""), {{"grpc-timeout", "99999999H"}}).status(), 0);
  EXPECT_EQ(left_ns.Get(), kTimeNever);
  EXPECT_EQ(client.Call(kAct, Framed("")).status(), 0);
  EXPECT_EQ(left_ns.Get(), kTimeNever);
}

TEST_P(ServerHeadTest, AnIncompleteRequestIsAnsweredAtItsDeadline) {
  START_SERVER();
  TestClient client(address());
  const uint32_t empty = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "5m"}}));
  const uint32_t half = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "20m"}}));
  client.Send(half, FramedText("half").substr(0, 7));
  const uint32_t whole = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "100S"}}));
  client.Send(whole, FramedText("whole"));
  for (const uint32_t id : {empty, half}) {
    const TestResponse& response = client.WaitForReset(id);
    EXPECT_EQ(response.status(), 4);
    EXPECT_EQ(response.reset, ErrorCode::kNoError);
  }
  client.Send(whole, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(whole)), "whole");
  client.socket().Close();
  EXPECT_EQ(Stop().calls_failed, 2u);
}

// The stream ends while a DATA frame of it is under way; the rest of the frame is nobody's.
TEST_P(ServerHeadTest, ADeadlineInsideADataFrameLeavesTheConnectionWell) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "100m"}}));
  client.Ping();
  client.Flush();  // nothing else of ours gets into the frame
  client.socket().Write(std::string("\0\0\x14\0\0\0\0\0", 8) + static_cast<char>(id) +
                        Framed("0123456789").substr(0, 8));
  EXPECT_EQ(client.WaitForReset(id).status(), 4);
  client.socket().Write("the other 12");
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("next"))), "next");
}

TEST_P(ServerHeadTest, StreamsPastTheLimitAreRefused) {
  options_.http2.concurrent_streams_max = 2;
  START_SERVER();
  TestClient client(address());
  // Before the client has seen the limit.
  uint32_t ids[3];
  for (uint32_t& id : ids) id = client.Open(TestClient::Head(kSay));
  EXPECT_EQ(client.WaitForReset(ids[2]).reset, ErrorCode::kRefusedStream);
  for (const uint32_t id : {ids[0], ids[1]}) {
    client.Send(id, FramedText("x"), EndStream::kYes);
    EXPECT_EQ(client.Wait(id).status(), 0);
  }
}

}  // namespace
}  // namespace penstock::test
