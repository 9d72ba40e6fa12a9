// Handlers that read streams of requests: messages however they were cut, both ends, and faults.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/server/testing/reading_handlers.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;
using http2::Limit;

class ServerReaderTest : public ReadingTest {};
INSTANTIATE_SERVER_TEST(ServerReaderTest);

std::string Framed3() { return FramedText("a") + FramedText("bb") + FramedText("ccc"); }

TEST_P(ServerReaderTest, ReadsAllMessagesThenTheEnd) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kCollect.path, Framed3())), "a,bb,ccc,");
  EXPECT_EQ(TextOf(client.Call(kCollect.path, "")), "") << "an empty DATA frame is the end";
  EXPECT_EQ(TextOf(client.Call(kCollect.path, Framed(""))), ",") << "an empty message is none";
  EXPECT_EQ(Stop().calls_ok, 3u);
}

TEST_P(ServerReaderTest, TheEndMayComeWithTheHeadOrInTrailers) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Wait(client.Open(TestClient::Head(kCollect.path), EndStream::kYes))), "");
  const uint32_t id = client.Open(TestClient::Head(kCollect.path));
  client.Send(id, FramedText("a"));
  client.SendTrailers(id, {{"x", "y"}});
  EXPECT_EQ(TextOf(client.Wait(id)), "a,");
}

TEST_P(ServerReaderTest, MessagesMayBeCutAnywhere) {
  START_SERVER();
  TestClient client(address());
  const std::string bytes = Framed3();
  for (size_t at = 0; at <= bytes.size(); ++at) {
    SCOPED_TRACE(at);
    const uint32_t id = client.Open(TestClient::Head(kCollect.path));
    client.Send(id, bytes.substr(0, at));
    client.Ping();
    client.Send(id, bytes.substr(at), EndStream::kYes);
    EXPECT_EQ(TextOf(client.Wait(id)), "a,bb,ccc,");
  }
}

TEST_P(ServerReaderTest, MessagesMayComeOctetByOctet) {
  START_SERVER();
  TestClient client(address());
  client.Ping();
  const uint32_t id = client.Open(TestClient::Head(kCollect.path));
  client.Send(id, Framed3(), EndStream::kYes);
  client.FlushOctets();
  EXPECT_EQ(TextOf(client.Wait(id)), "a,bb,ccc,");
}

// The handler begins at the head, and each answer is there before the next question.
TEST_P(ServerReaderTest, ReadsAndWritesInTurns) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kChat.path));
  std::string want = FramedText("hello");
  client.Ping();
  EXPECT_EQ(client.response(id).data, want);
  for (const char* text : {"a", "", "c"}) {
    client.Send(id, FramedText(text));
    client.Ping();
    client.Ping();
    want += FramedText(std::string(text) + "!");
    EXPECT_EQ(client.response(id).data, want);
  }
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_FALSE(client.response(id).reset.has_value());
}

TEST_P(ServerReaderTest, LargeMessagesArriveWhole) {
  START_SERVER();
  TestClient client(address());
  const std::string large(300'000, 'x');
  std::string bytes, want = FramedText("hello");
  for (int i = 0; i < 20; ++i) {
    bytes += FramedText(large);
    want += FramedText(large + "!");
  }
  const TestResponse& response = client.Call(kChat.path, bytes);
  EXPECT_TRUE(response.data == want) << response.data.size() << " octets";
  EXPECT_EQ(response.status(), 0);
}

TEST_P(ServerReaderTest, TinyMessagesWithoutNumberArriveAll) {
  START_SERVER();
  TestClient client(address());
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += Framed("");
  EXPECT_EQ(client.Call(kCollect.path, bytes + FramedText("stop")).status(), 0);
  EXPECT_EQ(read_count_, 300'000);
}

TEST_P(ServerReaderTest, EachInAFrameOfItsOwnIsNoFlood) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kCollect.path));
  client.Send(id, FramedText("hold"));
  for (int i = 0; i < 1'000; ++i) client.Send(id, Framed(""));
  client.Ping();
  held_ = false;
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_EQ(read_count_, 1'001);
}

TEST_P(ServerReaderTest, WhatIsNoMessageFailsTheCall) {
  options_.message_bytes_max = 1'000;
  START_SERVER();
  const std::string good = FramedText("a");
  const struct {
    const char* name;
    std::string data;
    StatusCode want;
    const char* says;
  } cases[] = {
      {"flag", Framed("x", 2), StatusCode::kInternal, "flag"},
      {"compressed", Framed("x", 1), StatusCode::kInternal, "compressed"},
      {"too large", Framed(std::string(1'001, 'x')), StatusCode::kResourceExhausted, "1001"},
      {"cut in the prefix", good.substr(0, 3), StatusCode::kInternal, "inside a message"},
      {"cut in the message", good.substr(0, 6), StatusCode::kInternal, "inside a message"},
      {"does not parse", Framed("\x0a\x7f"), StatusCode::kInternal, ""},
  };
  TestClient client(address());
  for (const auto& c : cases) {
    for (const std::string& before : {std::string(), good}) {
      SCOPED_TRACE(c.name + std::string(before.empty() ? "" : " behind a good one"));
      const TestResponse& response = client.Call(kCollect.path, before + c.data);
      EXPECT_EQ(response.status(), static_cast<int>(c.want));
      EXPECT_NE(response.status_message().find(c.says), std::string::npos);
      WaitUntilEnded();
      EXPECT_EQ(ended_with_.Get().code(), c.want) << "the handler hears of it";
    }
  }
  const server::ServerCounters& counters = Stop();
  EXPECT_EQ(counters.calls_failed, 12u);
  EXPECT_EQ(counters.limit_trips[Limit::kMessageBytes], 2u);
}

TEST_P(ServerReaderTest, AFaultEndsAHandlerThatIsNotReading) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kChat.path));
  client.Send(id, FramedText("hold") + FramedText("b"));
  WaitUntilRead(client, 1);
  client.Send(id, Framed("x", 2));
  EXPECT_EQ(client.Wait(id).status(), static_cast<int>(StatusCode::kInternal));
  EXPECT_EQ(client.response(id).data, FramedText("hello"));
  WaitUntilEnded();
}

TEST_P(ServerReaderTest, MayEndBeforeItsClient) {
  START_SERVER();
  TestClient client(address());
  for (const char* what : {"stop", "fail", "throw"}) {
    SCOPED_TRACE(what);
    const uint32_t id = client.Open(TestClient::Head(kChat.path));
    client.Send(id, FramedText(what) + FramedText("unread"));
    client.Wait(id);
    EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kNoError) << "behind the trailers";
    const int want = what[0] == 's' ? 0 : what[0] == 'f' ? 5 : 2;
    EXPECT_EQ(client.response(id).status(), want);
  }
  const TestResponse& response = client.Call(kCollect.path, FramedText("a") + FramedText("stop"));
  EXPECT_EQ(TextOf(response), "a,");
}

// What was on its way is dropped, and the connection's window does not shrink by it.
TEST_P(ServerReaderTest, WhatComesAfterTheEndIsDroppedAndCredited) {
  options_.http2.connection_window_bytes = 200'000;
  options_.http2.stream_window_bytes = 100'000;
  START_SERVER();
  TestClient client(address());
  client.Ping();
  for (int i = 0; i < 20; ++i) {
    const uint32_t id = client.Open(TestClient::Head(kChat.path));
    client.Send(id, FramedText("stop") + FramedText(std::string(90'000, 'x')));
    EXPECT_EQ(client.WaitForReset(id).status(), 0);
  }
  const std::string large(150'000, 'y');
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText(large))), large);
}

}  // namespace
}  // namespace penstock::test
