// Handlers on workers that an interceptor answers without: it drops next() while they are at work,
// and what they work with stays until they have ended.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/task_group.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

constexpr UnaryMethod<Text, Text> kWork{"/penstock.test.Dropped/Work"};
constexpr ServerStreamingMethod<Text, Text> kStream{"/penstock.test.Dropped/Stream"};

class WorkerDroppedTest : public ServerTest {
 protected:
  WorkerDroppedTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.shards = 1;
    options_.workers = 1;
    register_more_ = [this](Registry& registry) {
      registry.Intercept([this](Call& call, Next next) { return Drop(call, next); });
      registry.Handle(
          kWork,
          [this](Call& call, const Text& request, Text& reply) {
            WorkUntilOver(call);
            reply.set_text(request.text());
            return OkStatus();
          },
          RunOn::kWorkers);
      registry.Handle(kStream, [this](Call& call, const Text& request, BlockingWriter<Text>& out) {
        WorkUntilOver(call);
        return out.Write(request);
      });
    };
  }

  void WorkUntilOver(Call& call) {
    at_work_ = true;
    while (!call.cancelled()) std::this_thread::yield();
    ended_with_.Set(call.cancel_status());
    at_work_ = false;
    ++ended_count_;
  }
  // Answers as soon as the handler is at work.
  Task<Status> Drop(Call& call, Next next) {
    TaskGroup group(call);
    static_cast<void>(co_await group.Start(Proceed(next)));
    while (!at_work_) static_cast<void>(co_await Sleep(call, kNsPerMs));
    co_return MakeStatus(StatusCode::kAborted, "enough");
  }
  static Task<Status> Proceed(Next next) {
    Status status = co_await next();
    co_return status;
  }

  std::atomic<bool> at_work_{false};
  std::atomic<int> ended_count_{0};
  Shared<Status> ended_with_;
};
INSTANTIATE_SERVER_TEST(WorkerDroppedTest);

TEST_P(WorkerDroppedTest, TheCallerHearsOfTheInterceptorAndTheHandlerThatItIsOver) {
  START_SERVER();
  TestClient client(address());
  int calls_count = 0;
  for (const auto path : {kWork.path, kStream.path}) {
    SCOPED_TRACE(path);
    const TestResponse& response = client.Call(path, FramedText("x"));
    EXPECT_EQ(response.status(), 10);
    EXPECT_EQ(response.status_message(), "enough");
    ++calls_count;
    while (ended_count_ < calls_count) client.Ping();
    EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  }
  EXPECT_EQ(Stop().calls_failed, 2u);
}

// Handlers that have something to say when they hear of nothing: the interceptor has dropped them,
// and has not answered yet.
class WorkerUnheardTest : public ServerTest {
 protected:
  WorkerUnheardTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.shards = 1;
    options_.workers = 1;
    register_more_ = [this](Registry& registry) {
      registry.Intercept(
          "penstock.test.Dropped", [this](Call& call, Next next) { return Drop(call, next); });
      registry.Handle(
          kWork,
          [this](Call& call, const Text& request, Text& reply) {
            AwaitDrop(call);
            reply.set_text(request.text());
            return OkStatus();
          },
          RunOn::kWorkers);
      registry.Handle(kStream, [this](Call& call, const Text& request, BlockingWriter<Text>& out) {
        Status status = out.Write(request);
        if (!status.ok()) return status;
        AwaitDrop(call);
        // More than lies between a worker and its shard.
        for (int i = 0; status.ok() && i < 100; ++i) status = out.Write(request);
        ended_with_.Set(MakeStatus(status.code(), MessageOf(status)));
        return MakeStatus(StatusCode::kDataLoss, "unheard");
      });
      registry.Handle(
          kOther, [](Call&, const Text&, Text&) { return OkStatus(); }, RunOn::kWorkers);
    };
  }

  void AwaitDrop(Call& call) {
    at_work_ = true;
    while (!dropped_) std::this_thread::yield();
    static_cast<void>(call.trailing_metadata().Add("x-handler", "unheard"));
  }
  // Drops the handler at work, and answers OK when the test says so.
  Task<Status> Drop(Call& call, Next next) {
    {
      TaskGroup group(call);
      static_cast<void>(co_await group.Start(Proceed(next)));
      const uint64_t sent_before_count = call.method() == kStream.path ? 1 : 0;
      while (!at_work_ || call.messages_sent_count() < sent_before_count) {
        static_cast<void>(co_await Sleep(call, kNsPerMs));
      }
    }
    static_cast<void>(call.trailing_metadata().Add("x-interceptor", "heard"));
    dropped_ = true;
    while (!answers_) static_cast<void>(co_await Sleep(call, kNsPerMs));
    co_return OkStatus();
  }
  static Task<Status> Proceed(Next next) {
    Status status = co_await next();
    co_return status;
  }

  // The interceptor answers behind whatever the handler has said.
  const TestResponse& CallAndDrop(TestClient& client, std::string_view path) {
    const uint32_t id = client.Open(TestClient::Head(path));
    client.Send(id, FramedText("x"), http2::EndStream::kYes);
    client.Flush();
    while (!dropped_) client.Ping();
    // The same worker runs this one next: its letters come behind the handler's.
    EXPECT_EQ(client.Call(kOther.path, FramedText("")).status(), 0);
    answers_ = true;
    return client.Wait(id);
  }

  static constexpr UnaryMethod<Text, Text> kOther{"/penstock.test.Other/Work"};

  std::atomic<bool> at_work_{false};
  std::atomic<bool> dropped_{false};
  std::atomic<bool> answers_{false};
  Shared<Status> ended_with_;
};
INSTANTIATE_SERVER_TEST(WorkerUnheardTest);

TEST_P(WorkerUnheardTest, AReplyIsNotSent) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = CallAndDrop(client, kWork.path);
  EXPECT_EQ(response.status(), 13);
  EXPECT_EQ(response.status_message(), "an interceptor answered OK where the handler has not");
  EXPECT_EQ(response.data, "");
  EXPECT_EQ(response.Field("x-handler"), "");
  EXPECT_EQ(response.Field("x-interceptor"), "heard");
}

TEST_P(WorkerUnheardTest, OfAStreamNothingMoreIsSent) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = CallAndDrop(client, kStream.path);
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled) << "its writer says so";
  EXPECT_EQ(response.data, FramedText("x")) << "what was sent before";
  EXPECT_EQ(response.Field("x-handler"), "");
  EXPECT_EQ(response.Field("x-interceptor"), "heard");
}

}  // namespace
}  // namespace penstock::test
