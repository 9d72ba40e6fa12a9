// What compilers get wrong around co_await. GCC 12 destroys some temporaries of an await twice:
// aggregates whose members have destructors, lambdas that capture, and lists in braces. What our
// operations are given and give is none of these, so that they are safe with every compiler; the
// forms that are not are tested where they are first named, as docs/concurrency.md says, and as
// they stand with Clang alone.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/task_group.h"
#include "penstock/rpc/testing/test_scope.h"
#include "penstock/rpc/try.h"

namespace penstock {
namespace {

using reactor::Begun;
using test::TestScope;
using test::TestShard;

// Knows how many of it live, and whether one died twice.
class Counted {
 public:
  explicit Counted(int* live) : live_(live) { ++*live_; }
  Counted(const Counted& other) : live_(other.live_) { ++*live_; }
  Counted(Counted&& other) noexcept : live_(other.live_) { ++*live_; }
  Counted& operator=(const Counted&) = default;
  ~Counted() {
    EXPECT_NE(live_, nullptr) << "destroyed twice";
    --*live_;
    live_ = nullptr;
  }

 private:
  int* live_;
};

struct Aggregate {
  Counted first;
  Counted second;
};

class HazardsTest : public ::testing::Test {
 public:
  Task<Status> Take(Counted, std::string text) {
    co_return text.empty() ? MakeStatus(StatusCode::kNotFound, "empty") : OkStatus();
  }
  Task<StatusOr<Counted>> Give(Counted value) { co_return value; }
  Task<Status> TakeAggregate(Aggregate) { co_return OkStatus(); }
  Task<Status> TakeList(std::vector<Counted>) { co_return OkStatus(); }
  template <typename Function>
  Task<Status> TakeFunction(Function function) {
    co_return function();
  }

  void ExpectAllGone(Task<Status> task) {
    {
      const Begun<Status> run(std::move(task));
      ASSERT_TRUE(run.done());
      EXPECT_TRUE(run.result().ok()) << run.result();
    }
    EXPECT_EQ(live_, 0);
    EXPECT_EQ(shard_.shard().frames().lent_count(), 0u);
  }

  int live_ = 0;
  TestShard shard_;
  TestScope scope_{&shard_};
};

TEST_F(HazardsTest, TemporariesOfATask) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    co_await Try(co_await test->Take(Counted(&test->live_), "a text too long to lie in place"));
    co_return co_await test->Take(Counted(&test->live_), std::string(100, 'x'));
  };
  ExpectAllGone(run(this));
}

TEST_F(HazardsTest, TemporariesOfTry) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    const Counted given = co_await Try(co_await test->Give(Counted(&test->live_)));
    co_await Try(StatusOr<Counted>(Counted(&test->live_)));
    co_return OkStatus();
  };
  ExpectAllGone(run(this));
}

TEST_F(HazardsTest, TemporariesWhereTryEndsTheTask) {
  const auto failing = [](HazardsTest* test) -> Task<Status> {
    const Counted local(&test->live_);
    co_await Try(co_await test->Take(Counted(&test->live_), ""));
    co_return OkStatus();
  };
  const auto run = [](HazardsTest* test, auto* inner) -> Task<Status> {
    const Status status = co_await (*inner)(test);
    EXPECT_EQ(status.code(), StatusCode::kNotFound);
    co_return OkStatus();
  };
  ExpectAllGone(run(this, &failing));
}

TEST_F(HazardsTest, ATaskThatTryEndsHasEndedForWhoBeganIt) {
  const auto failing = [](HazardsTest* test) -> Task<Status> {
    const Counted local(&test->live_);
    co_await Try(MakeStatus(StatusCode::kNotFound, "there is none"));
    co_return OkStatus();
  };
  {
    Task<Status> task = failing(this);
    ASSERT_TRUE(task.Begin());
    EXPECT_EQ(task.ShowResult().code(), StatusCode::kNotFound);
  }
  EXPECT_EQ(live_, 0);
  EXPECT_EQ(shard_.shard().frames().lent_count(), 0u);
}

TEST_F(HazardsTest, TemporariesOfWhenAll) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    const auto both = co_await WhenAll(test->Give(Counted(&test->live_)),
                                       test->Take(Counted(&test->live_), std::string(100, 'x')));
    co_return std::get<1>(both);
  };
  ExpectAllGone(run(this));
}

TEST_F(HazardsTest, TemporariesOfAGroup) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    TaskGroup group(test->scope_);
    for (int i = 0; i < 3; ++i) {
      co_await Try(co_await group.Start(test->Take(Counted(&test->live_), std::string(100, 'x'))));
    }
    co_return co_await group.Join();
  };
  ExpectAllGone(run(this));
}

TEST_F(HazardsTest, TemporariesOfAChannel) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    Channel<Counted> channel(3);
    for (int i = 0; i < 3; ++i) {
      co_await Try(co_await channel.Send(test->scope_, Counted(&test->live_)));
    }
    channel.Close();
    int received_count = 0;
    while (std::optional<Counted> value =
               co_await Try(co_await channel.Receive(test->scope_))) {
      ++received_count;
    }
    EXPECT_EQ(received_count, 3);
    co_return OkStatus();
  };
  ExpectAllGone(run(this));
}

TEST_F(HazardsTest, WhatIsNamedFirst) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    Aggregate aggregate{Counted(&test->live_), Counted(&test->live_)};
    co_await Try(co_await test->TakeAggregate(std::move(aggregate)));
    const std::vector<Counted> list = {Counted(&test->live_), Counted(&test->live_)};
    co_await Try(co_await test->TakeList(list));
    const Counted captured(&test->live_);
    const auto function = [captured] { return OkStatus(); };
    co_return co_await test->TakeFunction(function);
  };
  ExpectAllGone(run(this));
}

#if defined(__clang__)
TEST_F(HazardsTest, WhatIsNotNamedIsSafeWithClang) {
  const auto run = [](HazardsTest* test) -> Task<Status> {
    co_await Try(
        co_await test->TakeAggregate(Aggregate{Counted(&test->live_), Counted(&test->live_)}));
    co_await Try(co_await test->TakeList({Counted(&test->live_), Counted(&test->live_)}));
    const Counted captured(&test->live_);
    co_return co_await test->TakeFunction([captured] { return OkStatus(); });
  };
  ExpectAllGone(run(this));
}
#endif

}  // namespace
}  // namespace penstock
