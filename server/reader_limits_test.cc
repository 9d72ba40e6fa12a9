// Handlers that read, and clients that send more than they take, go away, or stand still.
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

constexpr size_t kWindowBytes = 100'000;
constexpr size_t kFramedBytes = 1'000;  // a hundred fill the window

class ReaderLimitsTest : public ReadingTest {
 protected:
  ReaderLimitsTest() { options_.http2.stream_window_bytes = kWindowBytes; }

  // A call whose handler holds, having read one message.
  uint32_t Hold(TestClient& client, const Fields& more = {}) {
    const int before = read_count_;
    const uint32_t id = client.Open(TestClient::Head(kCollect.path, more));
    client.Send(id, FramedText("hold"));
    WaitUntilRead(client, before + 1);
    return id;
  }
  // A call whose handler waits in Next().
  uint32_t Wait(TestClient& client, const Fields& more = {}) {
    const int before = read_count_;
    const uint32_t id = client.Open(TestClient::Head(kCollect.path, more));
    client.Send(id, FramedText("a"));
    WaitUntilRead(client, before + 1);
    client.Ping();
    return id;
  }
  static std::string Messages(int count) {
    const std::string framed = Framed(std::string("\x0a\xe0\x07", 3) + std::string(992, 'x'));
    EXPECT_EQ(framed.size(), kFramedBytes);
    std::string all;
    for (int i = 0; i < count; ++i) all += framed;
    return all;
  }
};
INSTANTIATE_SERVER_TEST(ReaderLimitsTest);

TEST_P(ReaderLimitsTest, AHandlerThatRestsTakesNoMoreThanTheWindow) {
  START_SERVER();
  TestClient client(address());
  client.Ping();
  const uint32_t id = Hold(client);
  const size_t first_bytes = FramedText("hold").size();
  client.Send(id, Messages(300), EndStream::kYes);
  client.Ping();
  client.Ping();
  const http2::Connection& connection = client.connection();
  // The first message's credit was returned, and is told only at half a window.
  EXPECT_EQ(connection.buffered_bytes(), 300 * kFramedBytes - (kWindowBytes - first_bytes));
  EXPECT_EQ(read_count_, 1);
  held_ = false;
  EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_EQ(read_count_, 301);
}

TEST_P(ReaderLimitsTest, SaysWhatIsQueued) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Hold(client);
  client.Send(id, Messages(7));
  client.Ping();
  held_ = false;
  WaitUntilRead(client, 8);
  EXPECT_EQ(queued_bytes_max_, 7 * kFramedBytes);
}

TEST_P(ReaderLimitsTest, AMessageMayBeLargerThanTheWindow) {
  START_SERVER();
  TestClient client(address());
  const std::string large(10 * kWindowBytes, 'x');
  const std::string bytes = FramedText(large) + FramedText("a") + FramedText(large);
  EXPECT_EQ(TextOf(client.Call(kCollect.path, bytes)), "a,");
}

TEST_P(ReaderLimitsTest, ASlowHandlerSlowsNoOther) {
  options_.http2.connection_window_bytes = 300'000;
  options_.http2.connection_unread_bytes_max = 250'000;
  START_SERVER();
  TestClient client(address());
  const uint32_t slow[] = {Hold(client), Hold(client)};
  for (const uint32_t id : slow) client.Send(id, Messages(300), EndStream::kYes);
  for (int i = 0; i < 50; ++i) {
    const std::string text(90'000, 'y');
    ASSERT_EQ(TextOf(client.Call(kSay, FramedText(text))), text);
  }
  held_ = false;
  for (const uint32_t id : slow) EXPECT_EQ(client.Wait(id).status(), 0);
}

TEST_P(ReaderLimitsTest, WhatEndsACallEndsItsWaitForAMessage) {
  START_SERVER();
  const struct {
    const char* name;
    StatusCode want;
  } cases[] = {{"reset", StatusCode::kCancelled},
               {"deadline", StatusCode::kDeadlineExceeded},
               {"lost", StatusCode::kCancelled}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    TestClient client(address());
    const std::string_view name = c.name;
    const Fields more = name == "deadline" ? Fields{{"grpc-timeout", "50m"}} : Fields{};
    const uint32_t id = Wait(client, more);
    if (name == "reset") client.Reset(id, ErrorCode::kCancel);
    if (name == "deadline") {
      EXPECT_EQ(client.Wait(id).status(), static_cast<int>(c.want));
    }
    client.Flush();
    if (name == "lost") client.socket().Close();
    WaitUntilEnded();
    EXPECT_EQ(ended_with_.Get().code(), c.want);
  }
}

TEST_P(ReaderLimitsTest, TheServersEndEndsAWaitForAMessage) {
  START_SERVER();
  TestClient client(address());
  Wait(client);
  EXPECT_EQ(Stop().calls_cancelled, 1u);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kUnavailable);
}

TEST_P(ReaderLimitsTest, WhatEndsACallDropsWhatIsQueued) {
  START_SERVER();
  TestClient client(address());
  for (int i = 0; i < 30; ++i) {  // many times the connection's window
    const uint32_t id = Hold(client);
    client.Send(id, Messages(99));
    client.Ping();
    client.Reset(id, ErrorCode::kCancel);
    client.Ping();
  }
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("x"))), "x");
}

TEST_P(ReaderLimitsTest, HandlersWaitTheirTurnFromTheHeadOn) {
  options_.running_handlers_max = 1;
  options_.waiting_handlers_factor = 2;
  START_SERVER();
  TestClient client(address());
  const uint32_t first = Hold(client);
  const uint32_t second = client.Open(TestClient::Head(kCollect.path));
  client.Send(second, FramedText("b"), EndStream::kYes);
  const uint32_t third = client.Open(TestClient::Head(kCollect.path));
  client.Send(third, FramedText("c"));
  client.Ping();
  EXPECT_EQ(running_count_, 1);
  held_ = false;
  client.Send(first, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(first)), "hold,");
  EXPECT_EQ(TextOf(client.Wait(second)), "b,");
  client.Send(third, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(third)), "c,");
  EXPECT_EQ(running_max_, 1);
}

TEST_P(ReaderLimitsTest, OneWaitingHandlerTooManyEndsTheConnection) {
  options_.running_handlers_max = 1;
  options_.waiting_handlers_factor = 1;
  START_SERVER();
  TestClient client(address());
  Hold(client);
  client.Open(TestClient::Head(kCollect.path));
  client.Ping();
  EXPECT_FALSE(client.goaway().has_value());
  client.Open(TestClient::Head(kCollect.path));
  client.WaitForClose();
  EXPECT_EQ(client.goaway(), ErrorCode::kEnhanceYourCalm);
  WaitUntilEnded();
  EXPECT_EQ(Stop().limit_trips[Limit::kRunningHandlers], 1u);
}

TEST_P(ReaderLimitsTest, AClientMayRestBetweenMessagesAndNotInsideOne) {
  options_.http2.slow_request_timeout_ns = 5 * kNsPerMs;
  START_SERVER();
  TestClient client(address());
  const uint32_t resting = Wait(client);
  const uint32_t slow = client.Open(TestClient::Head(kCollect.path));
  client.Send(slow, FramedText("a") + FramedText("b").substr(0, 6));
  EXPECT_EQ(client.WaitForReset(slow).reset, ErrorCode::kCancel);
  client.Send(resting, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(resting)), "a,");
  EXPECT_EQ(Stop().limit_trips[Limit::kSlowRequest], 1u);
}

// Its window is shut because the handler rests, not because it is slow.
TEST_P(ReaderLimitsTest, AClientThatMayNotSendIsNotSlow) {
  options_.http2.slow_request_timeout_ns = 5 * kNsPerMs;
  START_SERVER();
  TestClient client(address());
  client.Ping();
  const uint32_t id = Hold(client);
  client.Send(id, Messages(150), EndStream::kYes);
  client.Ping();
  TestClient other(address());
  const uint32_t slow = other.Open(TestClient::Head(kCollect.path));
  other.Send(slow, FramedText("b").substr(0, 6));
  EXPECT_EQ(other.WaitForReset(slow).reset, ErrorCode::kCancel) << "so much time has passed";
  held_ = false;
  EXPECT_EQ(client.Wait(id).status(), 0);
}

}  // namespace
}  // namespace penstock::test
