// Unary handlers that are coroutines: what they answer, and what ends them.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;

// Of a library that knows nothing of cancellation.
class Never {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  void await_resume() const {}
};

constexpr UnaryMethod<Text, Text> kAwait{"/penstock.test.Coroutines/Await"};
constexpr TimeNs kLongNs = 3600 * kNsPerSecond;

class ServerCoroutineTest : public ServerTest {
 protected:
  // What the request says is done: "ready", "sleep", "fail", "try", "throw", "throw later", "wait".
  ServerCoroutineTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambda.
      registry.Handle(kAwait, [this](Call& call, const Text& request) {
        ++handled_count_;
        return Handle(call, request);
      });
    };
  }

  Task<StatusOr<Text>> Handle(Call& call, const Text& request) {
    const std::string_view what = request.text();
    if (what == "throw") throw std::runtime_error("a secret");
    if (what == "fail") co_return MakeStatus(StatusCode::kNotFound, "there is none");
    if (what == "try") co_await Try(MakeStatus(StatusCode::kNotFound, "there is none"));
    if (what == "sleep" || what == "throw later") co_await Try(co_await Sleep(call, 2 * kNsPerMs));
    if (what == "throw later") throw std::runtime_error("a secret");
    if (what == "wait") co_await Try(co_await Wait(call));
    Text reply(&call.arena());
    reply.set_text(request.text());
    (void)call.trailing_metadata().Add("x-slept", "1");
    co_return reply;
  }

  // Until the call is over.
  Task<Status> Wait(Call& call) {
    ++waiting_count_;
    const Status status = co_await Sleep(call, kLongNs);
    ended_with_.Set(status);
    --waiting_count_;
    co_return status;
  }

  Task<StatusOr<Text>> Hang(Call& call) {
    const auto leave = [this](Call*) { --waiting_count_; };
    const std::unique_ptr<Call, decltype(leave)> guard(&call, leave);
    ++waiting_count_;
    co_await Never();
    co_return Text();
  }

  // A call whose handler waits; returns when it does.
  uint32_t Begin(TestClient& client, const Fields& more = {}) {
    const int before = waiting_count_;
    const uint32_t id = client.Open(TestClient::Head(kAwait.path, more));
    client.Send(id, FramedText("wait"), EndStream::kYes);
    client.Flush();
    while (waiting_count_ == before) client.Ping();
    return id;
  }
  void ExpectAllEnd() {
    TestClient other(address());
    while (waiting_count_ != 0) other.Ping();
  }

  std::atomic<int> waiting_count_{0};
  Shared<Status> ended_with_;
};
INSTANTIATE_SERVER_TEST(ServerCoroutineTest);

TEST_P(ServerCoroutineTest, AnswersWithoutWaiting) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kAwait.path, FramedText("ready"))), "ready");
  EXPECT_EQ(Stop().calls_ok, 1u);
}

TEST_P(ServerCoroutineTest, AnswersAfterWaiting) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kAwait.path, FramedText("sleep"));
  EXPECT_EQ(TextOf(response), "sleep") << "the request lives as long as the handler";
  EXPECT_EQ(response.Field("x-slept"), "1");
}

TEST_P(ServerCoroutineTest, ManyWaitAtOnce) {
  START_SERVER();
  TestClient client(address());
  std::vector<uint32_t> ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back(client.Open(TestClient::Head(kAwait.path)));
    client.Send(ids.back(), FramedText("sleep"), EndStream::kYes);
  }
  for (const uint32_t id : ids) EXPECT_EQ(TextOf(client.Wait(id)), "sleep");
  EXPECT_EQ(Stop().calls_ok, 100u);
}

TEST_P(ServerCoroutineTest, ARequestInTwoPiecesIsWholeForIt) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kAwait.path));
  client.Send(id, FramedText("sleep"));
  client.Ping();
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(id)), "sleep");
}

TEST_P(ServerCoroutineTest, FailsWithItsStatus) {
  START_SERVER();
  TestClient client(address());
  for (const char* what : {"fail", "try"}) {
    SCOPED_TRACE(what);
    const TestResponse& response = client.Call(kAwait.path, FramedText(what));
    EXPECT_EQ(response.status(), 5);
    EXPECT_EQ(response.status_message(), "there is none");
    EXPECT_TRUE(response.trailers_only());
  }
}

TEST_P(ServerCoroutineTest, WhatItThrowsIsAStatusOfTheCall) {
  START_SERVER();
  TestClient client(address());
  for (const char* what : {"throw", "throw later"}) {
    SCOPED_TRACE(what);
    const TestResponse& response = client.Call(kAwait.path, FramedText(what));
    EXPECT_EQ(response.status(), 2);
    EXPECT_EQ(response.status_message().find("secret"), std::string::npos);
  }
  ExpectServes(address());
}

TEST_P(ServerCoroutineTest, ARequestThatDoesNotParseNeverReachesIt) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kAwait.path, Framed("\x0a\x7f")).status(), 13);
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerCoroutineTest, ItsDeadlineEndsIt) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client, {{"grpc-timeout", "20m"}});
  EXPECT_EQ(client.Wait(id).status(), 4);
  ExpectAllEnd();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Stop().calls_failed, 1u);
}

TEST_P(ServerCoroutineTest, AResetEndsIt) {
  START_SERVER();
  TestClient client(address());
  client.Reset(Begin(client), ErrorCode::kCancel);
  client.Flush();
  ExpectAllEnd();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("x"))), "x");
  EXPECT_EQ(Stop().calls_cancelled, 1u);
}

TEST_P(ServerCoroutineTest, AFaultOfThePeerEndsIt) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client);
  const std::string window_update_of_0("\0\0\4\x8\0\0\0\0\0\0\0\0\0", 13);
  std::string bytes = window_update_of_0;
  bytes[8] = static_cast<char>(id);
  client.socket().Write(bytes);
  EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kProtocolError);
  ExpectAllEnd();
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
}

TEST_P(ServerCoroutineTest, ALostConnectionEndsIt) {
  START_SERVER();
  for (const bool reset : {false, true}) {
    SCOPED_TRACE(reset);
    TestClient client(address());
    Begin(client);
    Begin(client, {{"grpc-timeout", "1H"}});
    client.socket().Close(reset);
    ExpectAllEnd();
    EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  }
  EXPECT_EQ(Stop().calls_cancelled, 4u);
}

TEST_P(ServerCoroutineTest, TheServersEndEndsIt) {
  START_SERVER();
  TestClient client(address());
  Begin(client);
  EXPECT_EQ(Stop().calls_cancelled, 1u);
  EXPECT_EQ(waiting_count_, 0);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kUnavailable);
}

TEST_P(ServerCoroutineTest, WhatNeverGoesOnIsDestroyedWithTheServer) {
  constexpr UnaryMethod<Text, Text> kHangs{"/penstock.test.Coroutines/Hangs"};
  const auto register_await = register_more_;
  register_more_ = [&](Registry& registry) {
    register_await(registry);
    // The test outlives the server, and so the lambda.
    registry.Handle(kHangs, [this](Call& call, const Text&) { return Hang(call); });
  };
  START_SERVER();
  TestClient client(address());
  client.Send(client.Open(TestClient::Head(kHangs.path)), FramedText(""), EndStream::kYes);
  client.Ping();
  EXPECT_EQ(waiting_count_, 1);
  client.socket().Close();
  EXPECT_EQ(Stop().calls_cancelled, 1u);
  EXPECT_EQ(waiting_count_, 0) << "its guards ran";
}

}  // namespace
}  // namespace penstock::test
