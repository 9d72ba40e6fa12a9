#include "penstock/rpc/task_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/testing/test_scope.h"
#include "penstock/rpc/try.h"
#include "penstock/wire/time.h"

namespace penstock {
namespace {

using reactor::Begun;
using test::TestScope;
using test::TestShard;

constexpr TimeNs kLongNs = 3600 * kNsPerSecond;

class TaskGroupTest : public ::testing::Test {
 public:
  // Notes that it lives as long as it does, and what it was answered.
  Task<Status> SleepFor(CallScope& scope, TimeNs duration_ns) {
    ++running_;
    const std::unique_ptr<int, void (*)(int*)> guard(&running_, [](int* count) { --*count; });
    const Status status = co_await Sleep(scope, duration_ns);
    answers_.push_back(status);
    co_return status;
  }
  Task<Status> Ready(Status status) {
    ++begun_;
    co_return status;
  }
  Task<Status> FailLater(CallScope& scope, StatusCode code) {
    co_await Try(co_await Sleep(scope, kNsPerMs));
    co_return MakeStatus(code, "as it was told");
  }
  Task<Status> ThrowLater(CallScope& scope) {
    co_await Try(co_await Sleep(scope, kNsPerMs));
    throw std::runtime_error("as it was told");
  }

  TestShard shard_;
  TestScope scope_{&shard_};
  int running_ = 0;
  int begun_ = 0;
  std::vector<Status> answers_;
};

TEST_F(TaskGroupTest, ReadyTasksDoNotSuspend) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    co_await Try(co_await group.Start(test->Ready(OkStatus())));
    co_await Try(co_await group.Start(test->Ready(OkStatus())));
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  ASSERT_TRUE(begun.done());
  EXPECT_EQ(begun.result(), OkStatus());
  EXPECT_EQ(begun_, 2);
}

TEST_F(TaskGroupTest, JoinAwaitsAll) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    co_await Try(co_await group.Start(test->SleepFor(group, 2 * kNsPerMs)));
    co_await Try(co_await group.Start(test->SleepFor(group, 5 * kNsPerMs)));
    EXPECT_EQ(group.running_count(), 2u);
    const Status joined = co_await group.Join();
    EXPECT_EQ(group.running_count(), 0u);
    co_return joined;
  };
  const Begun<Status> begun(run(this));
  EXPECT_EQ(running_, 2) << "they run at once";
  shard_.Pass(3 * kNsPerMs);
  EXPECT_EQ(running_, 1);
  EXPECT_FALSE(begun.done());
  shard_.Pass(6 * kNsPerMs);
  EXPECT_TRUE(begun.done());
}

TEST_F(TaskGroupTest, TheFirstFailureIsTheAnswerAndTheOthersGoOn) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    co_await Try(co_await group.Start(test->FailLater(group, StatusCode::kNotFound)));
    co_await Try(co_await group.Start(test->SleepFor(group, 5 * kNsPerMs)));
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  shard_.Pass(2 * kNsPerMs);
  EXPECT_EQ(running_, 1);
  shard_.Pass(6 * kNsPerMs);
  ASSERT_TRUE(begun.done());
  EXPECT_EQ(begun.result().code(), StatusCode::kNotFound);
  EXPECT_EQ(answers_.at(0), OkStatus());
}

TEST_F(TaskGroupTest, TheFirstFailureEndsTheOthersIfAsked) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_, WhenOneFails::kOthersEnd);
    co_await Try(co_await group.Start(test->FailLater(group, StatusCode::kNotFound)));
    co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
    const Status joined = co_await group.Join();
    const Status late = co_await group.Start(test->Ready(OkStatus()));
    EXPECT_EQ(late.code(), StatusCode::kNotFound);
    co_return joined;
  };
  const Begun<Status> begun(run(this));
  shard_.Pass(2 * kNsPerMs);
  ASSERT_TRUE(begun.done());
  EXPECT_EQ(begun.result().code(), StatusCode::kNotFound);
  EXPECT_EQ(answers_.at(0).code(), StatusCode::kNotFound) << "what the other one awaited";
  EXPECT_EQ(begun_, 0) << "what is started afterwards is dropped";
  EXPECT_FALSE(scope_.cancelled()) << "the call goes on";
}

TEST_F(TaskGroupTest, TheEndOfTheCallReachesTasksOfNestedGroups) {
  const auto inner = [](TaskGroupTest* test, CallScope& scope) -> Task<Status> {
    TaskGroup group(scope);
    co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
    co_return co_await group.Join();
  };
  const auto run = [](TaskGroupTest* test, auto* nested) -> Task<Status> {
    TaskGroup group(test->scope_);
    co_await Try(co_await group.Start((*nested)(test, group)));
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this, &inner));
  scope_.Cancel(MakeStatus(StatusCode::kDeadlineExceeded, "too late"));
  shard_.Run();
  ASSERT_TRUE(begun.done());
  EXPECT_EQ(begun.result().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(answers_.at(0).code(), StatusCode::kDeadlineExceeded);
}

TEST_F(TaskGroupTest, ATaskThatThrowsFailsAndJoinThrows) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_, WhenOneFails::kOthersEnd);
    co_await Try(co_await group.Start(test->ThrowLater(group)));
    co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  shard_.Pass(2 * kNsPerMs);
  ASSERT_TRUE(begun.done());
  EXPECT_EQ(begun.thrown(), "as it was told");
  EXPECT_EQ(answers_.at(0).code(), StatusCode::kUnknown);
}

TEST_F(TaskGroupTest, StartAwaitsRoom) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_, WhenOneFails::kOthersGoOn, 2);
    for (int i = 1; i <= 4; ++i) {
      co_await Try(co_await group.Start(test->SleepFor(group, i * kNsPerMs)));
    }
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  EXPECT_EQ(running_, 2);
  int at_most = 0;
  for (int i = 1; i <= 10 && !begun.done(); ++i) {
    shard_.Pass(i * kNsPerMs);
    at_most = std::max(at_most, running_);
  }
  EXPECT_TRUE(begun.done());
  EXPECT_EQ(at_most, 2);
  EXPECT_EQ(answers_.size(), 4u);
}

TEST_F(TaskGroupTest, TheEndOfTheCallEndsWhoAwaitsRoom) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_, WhenOneFails::kOthersGoOn, 1);
    co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
    const Status started = co_await group.Start(test->Ready(OkStatus()));
    EXPECT_EQ(started.code(), StatusCode::kCancelled);
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  EXPECT_FALSE(begun.done());
  scope_.Cancel();
  shard_.Run();
  EXPECT_TRUE(begun.done());
  EXPECT_EQ(begun_, 0);
}

TEST_F(TaskGroupTest, NoTaskOutlivesAGroupThatIsNotJoined) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
    co_await Try(MakeStatus(StatusCode::kAborted, "out of here"));
    co_return co_await group.Join();
  };
  {
    Begun<Status> begun(run(this));
    ASSERT_TRUE(begun.done());
    EXPECT_EQ(begun.result().code(), StatusCode::kAborted);
    EXPECT_EQ(running_, 0) << "its guards ran";
    EXPECT_TRUE(answers_.empty());
  }
  shard_.Run();
  EXPECT_EQ(shard_.shard().frames().lent_count(), 0u);
}

TEST_F(TaskGroupTest, AFrameThatDiesInJoinOrStartTakesTheTasksAlong) {
  for (const size_t tasks_max : {1u, 2u}) {
    SCOPED_TRACE(tasks_max);
    const auto run = [](TaskGroupTest* test, size_t most) -> Task<Status> {
      TaskGroup group(test->scope_, WhenOneFails::kOthersGoOn, most);
      co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
      co_await Try(co_await group.Start(test->SleepFor(group, kLongNs)));
      co_return co_await group.Join();
    };
    Begun<Status> begun(run(this, tasks_max));
    EXPECT_EQ(running_, static_cast<int>(tasks_max));
    begun.Destroy();
    EXPECT_EQ(running_, 0);
    EXPECT_EQ(shard_.shard().frames().lent_count(), 0u);
  }
  scope_.Cancel();
  shard_.Run();
}

TEST_F(TaskGroupTest, MayGoOnAfterItWasJoined) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    for (int round = 0; round < 3; ++round) {
      co_await Try(co_await group.Start(test->Ready(OkStatus())));
      co_await Try(co_await group.Join());
    }
    co_return OkStatus();
  };
  const Begun<Status> begun(run(this));
  EXPECT_EQ(begun.result(), OkStatus());
  EXPECT_EQ(begun_, 3);
}

// What is begun from the frame that ends does not lie on top of it.
TEST_F(TaskGroupTest, LongLoopsTakeNoStack) {
  const auto run = [](TaskGroupTest* test) -> Task<Status> {
    TaskGroup group(test->scope_, WhenOneFails::kOthersGoOn, 1);
    for (int i = 0; i < 1'000; ++i) {
      co_await Try(co_await group.Start(test->Ready(OkStatus())));
    }
    co_return co_await group.Join();
  };
  const Begun<Status> begun(run(this));
  EXPECT_TRUE(begun.done());
}

}  // namespace
}  // namespace penstock
