// Handlers that stream on workers, and peers that are behind: no side gets ahead of the other
// further than is said.
#include <gtest/gtest.h>

#include <string>

#include "penstock/http2/limit.h"
#include "penstock/server/testing/blocking_handlers.h"
#include "penstock/server/worker_queue.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;
using http2::Limit;
using server::WorkerQueue;

constexpr size_t kWindowBytes = 100'000;
constexpr size_t kFramedBytes = 10'000;

class WorkerLimitsTest : public BlockingTest {
 protected:
  WorkerLimitsTest() {
    options_.http2.stream_window_bytes = kWindowBytes;
    options_.stream_unsent_bytes_max = kWindowBytes;
  }

  // Frames of kFramedBytes octets each.
  static std::string Messages(int count) {
    const std::string framed = FramedText(std::string(kFramedBytes - 8, 'x'));
    EXPECT_EQ(framed.size(), kFramedBytes);
    std::string all;
    for (int i = 0; i < count; ++i) all += framed;
    return all;
  }
  // As many as a queue takes: at the bound the next one still goes in. Prefixes do not count.
  static int QueueHolds() {
    return static_cast<int>((WorkerQueue::kBytesMax - 1) / (kFramedBytes - 5)) + 1;
  }
};
INSTANTIATE_SERVER_TEST(WorkerLimitsTest);

TEST_P(WorkerLimitsTest, AWorkerThatDoesNotReadTakesNoMoreThanTheWindowAndTheQueue) {
  START_SERVER();
  TestClient client(address());
  client.Ping();
  const uint32_t id = Begin(client, kCollect.path, FramedText("hold"));
  WaitUntil(client, read_count_, 1);
  constexpr int kMessages = 300;
  client.Send(id, Messages(kMessages), EndStream::kYes);
  for (int i = 0; i < 100; ++i) client.Ping();
  const size_t taken_bytes = kMessages * kFramedBytes - client.connection().buffered_bytes();
  const size_t queue_bytes = static_cast<size_t>(QueueHolds()) * kFramedBytes;
  EXPECT_LE(taken_bytes, kWindowBytes + queue_bytes);
  EXPECT_GT(taken_bytes, kWindowBytes - FramedText("hold").size() - 1);
  EXPECT_EQ(read_count_, 1);
  held_ = false;
  EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_EQ(read_count_, 1 + kMessages);
}

// The window shut behind the worker, octet for octet: each message that it takes has to reopen it.
TEST_P(WorkerLimitsTest, AMessageMayFillTheWindow) {
  START_SERVER();
  TestClient client(address());
  client.Ping();
  const std::string large(kWindowBytes - 9, 'x');
  EXPECT_EQ(FramedText(large).size(), kWindowBytes);
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += FramedText(large);
  EXPECT_EQ(TextOf(client.Call(kCollect.path, bytes + FramedText("a"))), "a,");
  const std::string larger(10 * kWindowBytes, 'x');
  EXPECT_EQ(TextOf(client.Call(kCollect.path, FramedText(larger) + FramedText("b"))), "b,");
}

TEST_P(WorkerLimitsTest, AWorkerWritesNoMoreThanTheBoundsToAPeerWithoutAWindow) {
  message_bytes_ = kFramedBytes - 8;
  options_.http2.stalled_stream_timeout_ns = kTimeNever;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  client.Ping();
  const uint32_t id = Begin(client, kGive.path, FramedText("flood"));
  // At the bound of a stream the next is still sent.
  const int want = static_cast<int>(kWindowBytes / kFramedBytes) + 1 + QueueHolds();
  WaitUntil(client, written_count_, want);
  for (int i = 0; i < 100; ++i) client.Ping();
  EXPECT_EQ(written_count_, want);
  client.Reset(id, ErrorCode::kCancel);
  client.Flush();
  WaitUntilEnded();
}

TEST_P(WorkerLimitsTest, AWorkerGoesOnWhenThePeerReadsAgain) {
  messages_count_ = 200;
  message_bytes_ = kFramedBytes - 8;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 20'000;  // given back as it is read
  TestClient client(address(), limits);
  const TestResponse& response = client.Call(kGive.path, FramedText(""));
  EXPECT_EQ(response.data.size(), 200 * kFramedBytes);
  EXPECT_EQ(response.status(), 0);
}

TEST_P(WorkerLimitsTest, AStalledStreamEndsItsHandler) {
  message_bytes_ = kFramedBytes;
  options_.http2.stalled_stream_timeout_ns = 5 * kNsPerMs;
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  client.Ping();
  const uint32_t id = Begin(client, kGive.path, FramedText("flood"));
  EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kCancel);
  WaitUntilEnded();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  EXPECT_EQ(Stop().limit_trips[Limit::kStalledStream], 1u);
}

// Each waits for the other's room: the peer reads all it is sent, and so neither does for ever.
TEST_P(WorkerLimitsTest, FullBothWaysStandsNotStill) {
  START_SERVER();
  TestClient client(address());
  const std::string text(20'000, 'x');
  std::string bytes, want;
  for (int i = 0; i < 200; ++i) {
    bytes += FramedText(text);
    want += FramedText(text + "!");
  }
  const TestResponse& response = client.Call(kChat.path, bytes);
  EXPECT_TRUE(response.data == want) << response.data.size() << " octets";
}

}  // namespace
}  // namespace penstock::test
