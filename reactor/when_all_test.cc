#include "penstock/reactor/when_all.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/testing/begun.h"
#include "penstock/reactor/wait.h"

namespace penstock::reactor {
namespace {

// Suspends until the test wakes it, by its place in `signals`.
class Signal final : public Wait {
 public:
  Signal(RunQueue* queue, Cancellation* cancellation, std::vector<Signal*>* signals)
      : Wait(queue, cancellation), signals_(*signals) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    signals_.push_back(this);
  }
  void await_resume() const {}

 private:
  std::vector<Signal*>& signals_;
};

class WhenAllTest : public ::testing::Test {
 public:
  Task<int> Now(int value) { co_return value; }
  Task<int> Later(int value) {
    ++running_;
    const std::unique_ptr<int, void (*)(int*)> guard(&running_, [](int* count) { --*count; });
    co_await Signal(&queue_, &cancellation_, &signals_);
    co_return value;
  }
  Task<std::string> TextLater(std::string text) {
    co_await Signal(&queue_, &cancellation_, &signals_);
    co_return text;
  }
  Task<> NothingLater() { co_await Signal(&queue_, &cancellation_, &signals_); }
  Task<int> Fails(const char* what) {
    throw std::runtime_error(what);
    co_return 0;
  }
  // The tasks live in this one's frame.
  Task<int> Sum(Task<int> a, Task<int> b) {
    const auto both = co_await WhenAll(std::move(a), std::move(b));
    co_return std::get<0>(both) + std::get<1>(both);
  }
  void Wake(size_t index) {
    signals_[index]->Wake();
    queue_.RunQueued();
  }

  FramePool pool_;
  const FramePool::Turn turn_{&pool_};
  RunQueue queue_;
  Cancellation cancellation_;
  std::vector<Signal*> signals_;
  int running_ = 0;
};

TEST_F(WhenAllTest, ReadyTasksDoNotSuspend) {
  const Begun<int> run(Sum(Now(1), Now(2)));
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), 3);
}

TEST_F(WhenAllTest, GoesOnBehindTheLastInEitherOrder) {
  for (const size_t first : {0u, 1u}) {
    SCOPED_TRACE(first);
    signals_.clear();
    const Begun<int> run(Sum(Later(10), Later(3)));
    EXPECT_EQ(running_, 2) << "both have begun";
    Wake(first);
    EXPECT_FALSE(run.done());
    Wake(1 - first);
    ASSERT_TRUE(run.done());
    EXPECT_EQ(run.result(), 13);
  }
}

TEST_F(WhenAllTest, OneMayBeReady) {
  const Begun<int> run(Sum(Now(1), Later(2)));
  EXPECT_FALSE(run.done());
  Wake(0);
  EXPECT_EQ(run.result(), 3);
}

TEST_F(WhenAllTest, ResultsKeepTheirTypes) {
  const auto together = [](WhenAllTest* test) -> Task<std::string> {
    const auto all =
        co_await WhenAll(test->TextLater("text"), test->NothingLater(), test->Now(7));
    static_assert(std::is_same_v<decltype(all),
                                 const std::tuple<std::string, std::monostate, int>>);
    co_return std::get<0>(all) + std::to_string(std::get<2>(all));
  };
  const Begun<std::string> run(together(this));
  Wake(0);
  Wake(1);
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "text7");
}

TEST_F(WhenAllTest, ThrowsTheFirstInOrderOnceAllHaveEnded) {
  const Begun<int> run(Sum(Later(1), Fails("second")));
  EXPECT_FALSE(run.done());
  Wake(0);
  EXPECT_EQ(run.thrown(), "second");
  const Begun<int> both(Sum(Fails("first"), Fails("second")));
  EXPECT_EQ(both.thrown(), "first");
}

TEST_F(WhenAllTest, AFrameThatDiesTakesItsTasksAlong) {
  {
    Begun<int> run(Sum(Later(1), Later(2)));
    Wake(0);
    EXPECT_EQ(running_, 1);
    run.Destroy();
    EXPECT_EQ(running_, 0) << "their guards ran";
  }
  EXPECT_EQ(pool_.lent_count(), 0u);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(WhenAllTest, NotAwaitedRunsNothing) {
  { const auto unused = WhenAll(Later(1), Later(2)); }
  EXPECT_EQ(running_, 0);
  EXPECT_EQ(pool_.lent_count(), 0u);
}

TEST_F(WhenAllTest, MayBeNested) {
  const Begun<int> run(Sum(Sum(Later(1), Later(2)), Sum(Later(3), Now(4))));
  for (const size_t index : {2u, 0u, 1u}) {
    EXPECT_FALSE(run.done());
    Wake(index);
  }
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), 10);
}

TEST_F(WhenAllTest, LongLoopsTakeNoStack) {
#if defined(__clang__)
  constexpr int kRounds = 100'000;
#else  // hands over without taking stack only where it optimises sibling calls
  constexpr int kRounds = 500;
#endif
  const auto loop = [](WhenAllTest* test) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < kRounds; ++i) {
      const int both = co_await test->Sum(test->Now(1), test->Now(-1));
      sum += both + 1;
    }
    co_return sum;
  };
  const Begun<int> run(loop(this));
  EXPECT_EQ(run.result(), kRounds);
}

}  // namespace
}  // namespace penstock::reactor
