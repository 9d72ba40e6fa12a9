// Messages of unary calls, whole and in pieces, right and wrong.
#include <gtest/gtest.h>

#include <string>

#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;

constexpr size_t kMiB = 1024 * 1024;

class ServerMessageTest : public ServerTest {};
INSTANTIATE_SERVER_TEST(ServerMessageTest);

TEST_P(ServerMessageTest, AnswersWithHeadMessageAndTrailers) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kSay, FramedText("hello"));
  EXPECT_EQ(response.head, (Fields{{":status", "200"},
                                   {"content-type", "application/grpc"},
                                   {"server", "penstock/0.1.0"}}));
  EXPECT_EQ(TextOf(response), "hello");
  EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}}));
  EXPECT_EQ(response.reset, std::nullopt);
  client.socket().Close();
  EXPECT_EQ(Stop().calls_ok, 1u);
}

TEST_P(ServerMessageTest, AnEmptyMessageIsAMessage) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kSay, Framed(""));
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(response.data, Framed(""));
}

TEST_P(ServerMessageTest, AnOctetAWriteIsTheSame) {
  START_SERVER();
  TestClient client(address());
  for (const char* text : {"slow", "slower"}) {
    const uint32_t id = client.Open(TestClient::Head(kSay));
    client.Send(id, FramedText(text), EndStream::kYes);
    client.FlushOctets();
    EXPECT_EQ(TextOf(client.Wait(id)), text);
  }
}

TEST_P(ServerMessageTest, AnOctetADataFrameIsTheSame) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  const std::string framed = FramedText("in many frames");
  for (const char& octet : framed) client.Send(id, {&octet, 1});
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(id)), "in many frames");
}

TEST_P(ServerMessageTest, EmptyDataFramesChangeNothing) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  const std::string empty_data("\0\0\0\0\0\0\0\0\1", 9);
  client.Flush();
  client.socket().Write(empty_data + empty_data);
  client.Send(id, FramedText("x").substr(0, 3));
  client.Flush();
  client.socket().Write(empty_data);
  client.Send(id, FramedText("x").substr(3), EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(id)), "x");
}

TEST_P(ServerMessageTest, TrailersMayEndTheRequest) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("x"));
  client.SendTrailers(id, {{"x-trailer", "1"}});
  EXPECT_EQ(TextOf(client.Wait(id)), "x");
}

TEST_P(ServerMessageTest, LargeMessagesGoBothWays) {
  START_SERVER();
  TestClient client(address());
  for (const size_t bytes : {size_t{16'384}, size_t{100 * 1024}, kMiB, 3 * kMiB}) {
    SCOPED_TRACE(bytes);
    std::string text(bytes, '\0');
    for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i * 7919 % 26);
    const TestResponse& response = client.Call(kSay, FramedText(text));
    EXPECT_EQ(response.status(), 0);
    EXPECT_TRUE(TextOf(response) == text);
  }
}

TEST_P(ServerMessageTest, TheLargestMessageIsExactlyTheLimit) {
  START_SERVER();
  TestClient client(address());
  const std::string largest = FramedTextOfSize(4 * kMiB);
  EXPECT_TRUE(client.Call(kSay, largest).data == largest);
}

TEST_P(ServerMessageTest, AMessagePastTheLimitFailsAloneAndTheConnectionGoesOn) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedTextOfSize(4 * kMiB + 1));
  const TestResponse& response = client.WaitForReset(id);
  EXPECT_EQ(response.status(), 8);
  EXPECT_NE(response.status_message().find("4194305"), std::string::npos);
  EXPECT_EQ(response.reset, ErrorCode::kNoError);
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("next"))), "next");
  EXPECT_EQ(handled_count_, 1);
}

TEST_P(ServerMessageTest, TheLimitIsAnOption) {
  options_.message_bytes_max = 10;
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kSay, FramedText("12345678")).status(), 0);
  EXPECT_EQ(client.Call(kSay, FramedText("123456789")).status(), 8);
}

TEST_P(ServerMessageTest, WrongRequestsFailWithTheRightCode) {
  START_SERVER();
  TestClient client(address());
  const std::string good = FramedText("x");
  const struct {
    const char* name;
    std::string data;
    int status;
  } cases[] = {
      {"no message", "", 12},
      {"two messages", good + good, 12},
      {"two empty messages", Framed("") + Framed(""), 12},
      {"half a message after one", good + good.substr(0, 6), 13},
      {"a flag of 2", Framed("x", 2), 13},
      {"a flag of 255", Framed("x", 255), 13},
      {"compressed without an encoding", Framed("x", 1), 13},
      {"the end inside the prefix", good.substr(0, 4), 13},
      {"the end after the prefix", good.substr(0, 5), 13},
      {"the end inside the message", good.substr(0, good.size() - 1), 13},
      {"no protobuf", Framed("\xff\xff\xff"), 13},
      {"text that is not UTF-8", Framed("\x0a\x01\xff"), 13},
      {"a length of 2^32-1", std::string("\0\xff\xff\xff\xff", 5), 8},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TestResponse& response = client.Call(kSay, c.data);
    EXPECT_EQ(response.status(), c.status) << response.status_message();
    EXPECT_TRUE(response.trailers_only());
    EXPECT_NE(response.status_message(), "");
    EXPECT_EQ(response.http_status(), "200");
  }
  EXPECT_EQ(handled_count_, 0);
  EXPECT_EQ(client.Call(kSay, good).status(), 0);
  client.socket().Close();
  EXPECT_EQ(Stop().calls_failed, std::size(cases));
}

TEST_P(ServerMessageTest, AHeadThatEndsTheStreamHasNoMessage) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Wait(client.Open(TestClient::Head(kSay), EndStream::kYes));
  EXPECT_EQ(response.status(), 12);
  EXPECT_EQ(response.reset, std::nullopt);
}

TEST_P(ServerMessageTest, AMessageWaitsForTheEndOfItsStream) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("kept"));
  client.Ping();
  EXPECT_EQ(handled_count_, 0);
  // Other calls use the receive buffers meanwhile.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.Call(kSay, FramedText(std::string(1000, 'o'))).status(), 0);
  }
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(id)), "kept");
}

TEST_P(ServerMessageTest, AnEarlyFailureStopsTheSenderAndIgnoresWhatIsOnItsWay) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head("/no.Such/Method"));
  client.Send(id, Framed(std::string(1000, 'x')).substr(0, 500));
  const TestResponse& response = client.WaitForReset(id);
  EXPECT_EQ(response.status(), 12);
  EXPECT_TRUE(response.ended);
  EXPECT_EQ(response.reset, ErrorCode::kNoError);
  // DATA that the server's RST_STREAM crossed.
  std::string data("\0\0\5\0\0\0\0\0\0......", 14);
  data[8] = static_cast<char>(id);
  for (int i = 0; i < 100; ++i) client.socket().Write(data);
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("on"))), "on");
  EXPECT_EQ(client.goaway(), std::nullopt);
}

// DATA of refused calls counts against the connection's window, which must come back.
TEST_P(ServerMessageTest, RefusedCallsDoNotUseUpTheConnectionsWindow) {
  START_SERVER();
  TestClient client(address());
  const std::string megabyte(kMiB - 10, 'x');
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(client.Call("/no.Such/Method", Framed(megabyte)).status(), 12) << i;
  }
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("on"))), "on");
}

TEST_P(ServerMessageTest, ManyCallsShareAConnection) {
  START_SERVER();
  TestClient client(address());
  client.Ping();  // the server's limit of streams is known
  for (int round = 0; round < 20; ++round) {
    std::vector<uint32_t> ids;
    for (int i = 0; i < 100; ++i) {
      ids.push_back(client.Open(TestClient::Head(kSay)));
      client.Send(ids.back(), FramedText(std::to_string(round * 1000 + i)), EndStream::kYes);
    }
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(TextOf(client.Wait(ids[static_cast<size_t>(i)])), std::to_string(round * 1000 + i));
    }
  }
  client.socket().Close();
  EXPECT_EQ(Stop().calls_ok, 2000u);
}

}  // namespace
}  // namespace penstock::test
