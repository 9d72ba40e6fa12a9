// Handlers on workers that an interceptor answers without: it drops next() while they are at work,
// and what they work with stays until they have ended.
#include <gtest/gtest.h>

#include <atomic>
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

}  // namespace
}  // namespace penstock::test
