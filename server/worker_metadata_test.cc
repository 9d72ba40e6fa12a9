// Metadata that a handler on a worker and the interceptors around it both add and remove.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/task_group.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

constexpr UnaryMethod<Text, Text> kWork{"/penstock.test.Metadata/Work"};
constexpr ServerStreamingMethod<Text, Text> kGive{"/penstock.test.Metadata/Give"};

void Add(Metadata& metadata, std::string_view key) { EXPECT_TRUE(metadata.Add(key, "1")); }

class WorkerMetadataTest : public ServerTest {
 protected:
  WorkerMetadataTest() {
    options_.shards = 1;
    options_.workers = 1;
    register_more_ = [this](Registry& registry) {
      registry.Intercept([this](Call& call, Next next) { return Around(call, next); });
      registry.Handle(
          kWork,
          [this](Call& call, const Text&, Text&) {
            Answer(call);
            at_its_end_ = true;
            return OkStatus();
          },
          RunOn::kWorkers);
      registry.Handle(kGive, [this](Call& call, const Text& request, BlockingWriter<Text>& out) {
        Answer(call);
        const Status status = out.Write(request);
        EXPECT_EQ(call.initial_metadata().Remove("first-before"), 1u);
        at_its_end_ = true;
        return status;
      });
    };
  }

  // Of two that stand there already one goes, and another comes.
  void Answer(Call& call) {
    while (!shard_rests_) std::this_thread::yield();
    EXPECT_EQ(call.initial_metadata().Remove("first-removed"), 1u);
    EXPECT_EQ(call.trailing_metadata().Remove("last-removed"), 1u);
    Add(call.initial_metadata(), "first-of-handler");
    Add(call.trailing_metadata(), "last-of-handler");
  }
  // Adds some before, and some while the handler is at work, which does nothing until the shard is
  // here, and is at its end when the shard goes on.
  Task<Status> Around(Call& call, Next next) {
    for (const char* key : {"first-removed", "first-before"}) Add(call.initial_metadata(), key);
    for (const char* key : {"last-removed", "last-before"}) Add(call.trailing_metadata(), key);
    TaskGroup group(call);
    static_cast<void>(co_await group.Start(Proceed(next)));
    Add(call.initial_metadata(), "first-beside");
    Add(call.trailing_metadata(), "last-beside");
    shard_rests_ = true;
    while (!at_its_end_) std::this_thread::yield();
    Status status = co_await group.Join();
    co_return status;
  }
  static Task<Status> Proceed(Next next) {
    Status status = co_await next();
    co_return status;
  }

  std::atomic<bool> shard_rests_{false};
  std::atomic<bool> at_its_end_{false};
};
INSTANTIATE_SERVER_TEST(WorkerMetadataTest);

TEST_P(WorkerMetadataTest, TheCallerHearsWhatIsLeftOfBoth) {
  START_SERVER();
  TestClient client(address());
  for (const auto path : {kWork.path, kGive.path}) {
    SCOPED_TRACE(path);
    shard_rests_ = at_its_end_ = false;
    const TestResponse& response = client.Call(path, FramedText("x"));
    EXPECT_EQ(response.status(), 0);
    for (const std::string when : {"first-", "last-"}) {
      EXPECT_EQ(response.Values(when + "removed").size(), 0u) << when;
      // Of a stream's head it is removed too late.
      for (const char* key : {"before", "of-handler", "beside"}) {
        EXPECT_EQ(response.Values(when + key).size(), 1u) << when << key;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::test
