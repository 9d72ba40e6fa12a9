// Handlers that stream out: messages, statuses, and a peer that does not read.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "penstock/http2/limit.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;
using http2::Limit;

constexpr ServerStreamingMethod<Text, Text> kStream{"/penstock.test.Streams/Stream"};
constexpr int kEndless = INT32_MAX;

class ServerStreamTest : public ServerTest {
 protected:
  ServerStreamTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambda.
      registry.Handle(kStream, [this](Call& call, const Text& request, Writer<Text>& out) {
        return Stream(call, request, out);
      });
    };
  }

  // `messages_count_` messages of `message_bytes_` each, then `ends_with_`.
  Task<Status> Stream(Call& call, const Text& request, Writer<Text>& out) {
    ++running_count_;
    (void)call.initial_metadata().Add("x-first", "1");
    Text message;
    message.set_text(std::string(message_bytes_, 'm'));
    Status status;
    if (request.text() == "head") {
      out.SendHead();
      out.SendHead();  // once
      status = co_await Sleep(call, 3600 * kNsPerSecond);
    }
    for (int i = 0; i < messages_count_ && status.ok(); ++i) {
      status = co_await out.Write(message);
      written_count_ += status.ok();
      if (request.text() == "slow" && status.ok()) status = co_await Sleep(call, 1);
    }
    if (!status.ok()) ended_with_.Set(status);
    (void)call.trailing_metadata().Add("x-last", "1");
    --running_count_;
    co_return status.ok() ? ends_with_ : status;
  }

  uint32_t Begin(TestClient& client, const Fields& more = {}) {
    const uint32_t id = client.Open(TestClient::Head(kStream.path, more));
    client.Send(id, FramedText(""), EndStream::kYes);
    return id;
  }
  // Until the handler has written what it may. A client that keeps its window shut reads PINGs.
  void WaitUntilBlocked(TestClient& client) {
    int before = -1;
    for (int same = 0; same < 20; same = written_count_ == before ? same + 1 : 0) {
      before = written_count_;
      client.Ping();
    }
  }
  void WaitUntilBegun() {
    TestClient other(address());
    while (running_count_ == 0) other.Ping();
  }
  void WaitUntilEnded() {
    TestClient other(address());
    while (running_count_ != 0) other.Ping();
  }

  int messages_count_ = 3;
  size_t message_bytes_ = 10;
  Status ends_with_;
  std::atomic<int> running_count_{0};
  std::atomic<int> written_count_{0};
  Shared<Status> ended_with_;
};
INSTANTIATE_SERVER_TEST(ServerStreamTest);

std::string Messages(int count, size_t bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += FramedText(std::string(bytes, 'm'));
  return all;
}

TEST_P(ServerStreamTest, SendsItsMessagesThenItsStatus) {
  START_SERVER();
  TestClient client(address());
  for (const char* pace : {"fast", "slow"}) {
    SCOPED_TRACE(pace);
    const TestResponse& response = client.Call(kStream.path, FramedText(pace));
    EXPECT_EQ(response.data, Messages(3, 10));
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.Field("x-first"), "1");
    EXPECT_EQ(response.Field("x-last"), "1");
  }
  EXPECT_EQ(Stop().calls_ok, 2u);
}

TEST_P(ServerStreamTest, MaySendItsHeadBeforeItsFirstMessage) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kStream.path));
  client.Send(id, FramedText("head"), EndStream::kYes);
  while (client.response(id).head.empty()) client.Ping();
  EXPECT_EQ(client.response(id).Field("x-first"), "1");
  EXPECT_EQ(client.response(id).data, "");
  client.Reset(id, http2::ErrorCode::kCancel);
  client.Flush();
  WaitUntilEnded();
}

TEST_P(ServerStreamTest, MaySendNothing) {
  messages_count_ = 0;
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kStream.path, FramedText(""));
  EXPECT_EQ(response.data, "");
  EXPECT_EQ(response.status(), 0);
}

TEST_P(ServerStreamTest, FailsBehindItsMessages) {
  ends_with_ = MakeStatus(StatusCode::kDataLoss, "half of it");
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kStream.path, FramedText(""));
  EXPECT_EQ(response.data, Messages(3, 10));
  EXPECT_EQ(response.status(), 15);
  EXPECT_EQ(response.status_message(), "half of it");
  EXPECT_EQ(response.Field("x-last"), "1");
}

TEST_P(ServerStreamTest, FailsWithoutMessagesByTrailersAlone) {
  messages_count_ = 0;
  ends_with_ = MakeStatus(StatusCode::kNotFound, "");
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kStream.path, FramedText(""));
  EXPECT_TRUE(response.trailers_only());
  EXPECT_EQ(response.status(), 5);
}

TEST_P(ServerStreamTest, LargeMessagesArriveWhole) {
  message_bytes_ = 300'000;
  messages_count_ = 20;
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kStream.path, FramedText("")).data, Messages(20, 300'000));
}

TEST_P(ServerStreamTest, WritesNoMoreThanTheBoundToAPeerWithoutAWindow) {
  messages_count_ = kEndless;
  message_bytes_ = 10'000;
  options_.stream_unsent_bytes_max = 100'000;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  client.Ping();
  const uint32_t id = Begin(client);
  WaitUntilBlocked(client);
  // At the bound the next is still written; beyond it the handler rests. A message has ten octets
  // more than its text: prefix, tag, length.
  EXPECT_EQ(written_count_ + 1, 100'000 / 10'008 + 1);
  client.Reset(id, ErrorCode::kCancel);
  client.Flush();
  WaitUntilEnded();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
}

TEST_P(ServerStreamTest, GoesOnWhenThePeerReadsAgain) {
  messages_count_ = 100;
  message_bytes_ = 10'000;
  options_.stream_unsent_bytes_max = 100'000;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 20'000;  // given back as it is read
  TestClient client(address(), limits);
  const uint32_t id = Begin(client);
  EXPECT_EQ(client.Wait(id).data, Messages(100, 10'000));
  EXPECT_EQ(client.response(id).status(), 0);
}

// Not even the socket.
TEST_P(ServerStreamTest, WritesNoMoreThanTheConnectionsBoundToAPeerThatReadsNothing) {
  messages_count_ = kEndless;
  message_bytes_ = 10'000;
  options_.http2.output_bytes_max = 100'000;
  options_.http2.stalled_connection_timeout_ns = 50 * kNsPerMs;
  options_.http2.control_frames_stuck_timeout_ns = kNsPerSecond;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = http2::kWindowBytesLimit;
  limits.connection_window_bytes = http2::kWindowBytesLimit;
  TestClient client(address(), limits);
  client.Ping();
  const uint32_t id = Begin(client);
  wire::OutputChain& output = client.connection().NextOutput();
  std::string bytes;
  while (!output.empty()) {
    wire::Bytes piece;
    output.Gather({&piece, 1});
    bytes += wire::AsString(piece);
    output.Consume(piece.size());
  }
  client.socket().Write(bytes);
  WaitUntilBegun();
  WaitUntilEnded();  // the stalled connection's limit
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  // What the kernel's buffers took, and the bound.
  EXPECT_LT(int64_t{written_count_} * 10'000, int64_t{32} * 1024 * 1024);
  EXPECT_FALSE(client.response(id).ended);
  EXPECT_EQ(Stop().limit_trips[Limit::kStalledConnection], 1u);
}

TEST_P(ServerStreamTest, AStalledStreamEndsItsHandler) {
  messages_count_ = kEndless;
  message_bytes_ = 10'000;
  options_.http2.stalled_stream_timeout_ns = 5 * kNsPerMs;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  EXPECT_EQ(client.WaitForReset(Begin(client)).reset, ErrorCode::kCancel);
  WaitUntilEnded();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  EXPECT_EQ(Stop().limit_trips[Limit::kStalledStream], 1u);
}

TEST_P(ServerStreamTest, ADeadlineEndsAStreamThatNobodyReads) {
  messages_count_ = kEndless;
  message_bytes_ = 10'000;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  client.Ping();
  const uint32_t id = Begin(client, {{"grpc-timeout", "10m"}});
  EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kCancel);
  WaitUntilEnded();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Stop().calls_failed, 1u);
}

TEST_P(ServerStreamTest, ADeadlineEndsAStreamThatIsReadWithItsStatus) {
  messages_count_ = kEndless;
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kStream.path, {{"grpc-timeout", "20m"}}));
  client.Send(id, FramedText("slow"), EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 4);
  EXPECT_FALSE(client.response(id).data.empty());
}

}  // namespace
}  // namespace penstock::test
