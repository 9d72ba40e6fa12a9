// How many coroutine handlers of one connection are at work, whatever its peer does with the
// streams.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/task.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;
using http2::Limit;

constexpr UnaryMethod<Text, Text> kHold{"/penstock.test.Coroutines/Hold"};
constexpr uint32_t kRunning = 3;
constexpr uint32_t kWaiting = 4 * kRunning;

class HandlerLimitsTest : public ServerTest {
 protected:
  HandlerLimitsTest() {
    options_.running_handlers_max = kRunning;
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    register_more_ = [this](Registry& registry) {
      registry.Handle(kHold,
                      [this](Call& call, const Text& request) { return Hold(call, request); });
    };
  }

  // At work until the test releases it. Cancelled or not: as one that does not look.
  Task<StatusOr<Text>> Hold(Call&, const Text& request) {
    ++begun_count_;
    running_max_ = std::max<int>(running_max_, ++running_count_);
    // Its own cancellation, which is never requested.
    reactor::Cancellation never;
    while (!released_) co_await Tick(&never);
    --running_count_;
    Text reply;
    reply.set_text(request.text());
    co_return reply;
  }

  // A turn of the shard.
  class Tick final : public reactor::Wait {
   public:
    explicit Tick(reactor::Cancellation* never)
        : Wait(&reactor::Shard::Current()->run_queue(), never) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      Wake();
    }
    void await_resume() const {}
  };

  std::vector<uint32_t> Begin(TestClient& client, uint32_t count, const Fields& more = {}) {
    std::vector<uint32_t> ids;
    for (uint32_t i = 0; i < count; ++i) {
      ids.push_back(client.Open(TestClient::Head(kHold.path, more)));
      client.Send(ids.back(), FramedText("held"), EndStream::kYes);
    }
    client.Ping();
    return ids;
  }
  void Reset(TestClient& client, const std::vector<uint32_t>& ids) {
    for (const uint32_t id : ids) client.Reset(id, ErrorCode::kCancel);
    client.Ping();
  }
  void TearDown() override {
    released_ = true;
    ServerTest::TearDown();
    EXPECT_EQ(running_count_, 0);
    EXPECT_LE(running_max_, static_cast<int>(kRunning));
  }

  std::atomic<bool> released_{false};
  std::atomic<int> begun_count_{0};
  std::atomic<int> running_count_{0};
  std::atomic<int> running_max_{0};
};
INSTANTIATE_SERVER_TEST(HandlerLimitsTest);

TEST_P(HandlerLimitsTest, TheNextWaitAndRunLater) {
  START_SERVER();
  TestClient client(address());
  const std::vector<uint32_t> ids = Begin(client, kRunning + kWaiting);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning));
  released_ = true;
  for (const uint32_t id : ids) EXPECT_EQ(TextOf(client.Wait(id)), "held");
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning + kWaiting));
  EXPECT_EQ(Stop().limit_trips[Limit::kRunningHandlers], 0u);
}

TEST_P(HandlerLimitsTest, OneMoreClosesTheConnection) {
  START_SERVER();
  TestClient client(address());
  for (uint32_t i = 0; i < kRunning + kWaiting + 1; ++i) {
    client.Send(client.Open(TestClient::Head(kHold.path)), FramedText("held"), EndStream::kYes);
  }
  client.WaitForClose();
  EXPECT_EQ(client.goaway(), ErrorCode::kEnhanceYourCalm);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning));
  ExpectServes(address());
  released_ = true;
  EXPECT_EQ(Stop().limit_trips[Limit::kRunningHandlers], 1u);
}

TEST_P(HandlerLimitsTest, HandlersWhoseStreamIsGoneAreAtWork) {
  START_SERVER();
  TestClient client(address());
  Reset(client, Begin(client, kRunning));
  const std::vector<uint32_t> waiting = Begin(client, kWaiting);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning));
  released_ = true;
  for (const uint32_t id : waiting) EXPECT_EQ(client.Wait(id).status(), 0);
}

TEST_P(HandlerLimitsTest, WhoIsResetWhileItWaitsCountsAndNeverRuns) {
  START_SERVER();
  TestClient client(address());
  const std::vector<uint32_t> running = Begin(client, kRunning);
  Reset(client, Begin(client, kWaiting - 1));
  const std::vector<uint32_t> last = Begin(client, 1);
  EXPECT_FALSE(client.goaway());
  released_ = true;
  EXPECT_EQ(client.Wait(last[0]).status(), 0);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning + 1));
  // Handlers have ended: it counts from the beginning.
  released_ = false;
  Begin(client, kRunning);
  Reset(client, Begin(client, kWaiting));
  EXPECT_FALSE(client.goaway());
  client.Send(client.Open(TestClient::Head(kHold.path)), FramedText("held"), EndStream::kYes);
  client.WaitForClose();
  EXPECT_EQ(client.goaway(), ErrorCode::kEnhanceYourCalm);
}

TEST_P(HandlerLimitsTest, ADeadlineHoldsForThoseThatWait) {
  START_SERVER();
  TestClient client(address());
  const std::vector<uint32_t> running = Begin(client, kRunning);
  const std::vector<uint32_t> waiting = Begin(client, 1, {{"grpc-timeout", "5m"}});
  EXPECT_EQ(client.Wait(waiting[0]).status(), 4);
  released_ = true;
  for (const uint32_t id : running) EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning));
}

TEST_P(HandlerLimitsTest, PlainFunctionsWaitForNobody) {
  START_SERVER();
  TestClient client(address());
  Begin(client, kRunning + 1);
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("at once"))), "at once");
}

TEST_P(HandlerLimitsTest, EachConnectionHasItsOwn) {
  START_SERVER();
  TestClient first(address());
  Begin(first, kRunning + kWaiting);
  TestClient second(address());
  Begin(second, 1);
  EXPECT_EQ(begun_count_, static_cast<int>(kRunning + 1));
  running_max_ = 0;
}

}  // namespace
}  // namespace penstock::test
