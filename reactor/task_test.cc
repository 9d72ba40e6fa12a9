#include "penstock/reactor/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/wait.h"

namespace penstock::reactor {
namespace {

// GCC hands over without taking stack only where it optimises sibling calls: not in this build.
#if defined(__clang__)
constexpr int kLongLoop = 300'000;
constexpr int kLongChain = 20'000;
#else
constexpr int kLongLoop = 1'000;
constexpr int kLongChain = 1'000;
#endif

// Begins at once, for a test to await from.
struct Beginning {
  struct promise_type : PooledFrame {
    Beginning get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

// Owns the frame of a coroutine that begins at once.
class Begun {
 public:
  explicit Begun(Beginning beginning) : handle_(beginning.handle) {}
  ~Begun() { handle_.destroy(); }
  Begun(const Begun&) = delete;
  Begun& operator=(const Begun&) = delete;
  bool done() const { return handle_.done(); }

 private:
  std::coroutine_handle<Beginning::promise_type> handle_;
};

// The reference lives as long as the test's Begun.
template <typename T>
Beginning StoreResult(Task<T> task, T* result) {
  *result = co_await std::move(task);
}

Beginning AwaitIt(Task<> task) { co_await std::move(task); }

template <typename T>
T ResultOf(Task<T> task) {
  T result{};
  const Begun run(StoreResult(std::move(task), &result));
  EXPECT_TRUE(run.done());
  return result;
}

// Suspends until the test wakes it.
class Signal final : public Wait {
 public:
  Signal(RunQueue* queue, Cancellation* cancellation, Signal** it)
      : Wait(queue, cancellation), it_(it) {}
  bool await_ready() const { return cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    *it_ = this;
  }
  bool await_resume() const { return !cancelled(); }

 private:
  Signal** it_;
};

// Counts how many of it live.
class Counted {
 public:
  explicit Counted(int* count) : count_(count) { ++*count_; }
  Counted(const Counted& other) : count_(other.count_) { ++*count_; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --*count_; }

 private:
  int* count_;
};

Task<int> Answer() { co_return 42; }
Task<std::string> Text() { co_return "text"; }
Task<std::unique_ptr<int>> Moved() { co_return std::make_unique<int>(7); }
Task<int> Throws() {
  throw std::runtime_error("no answer");
  co_return 0;
}

TEST(Task, BeginsWhenItIsAwaited) {
  bool begun = false;
  const auto begin = [](bool* it) -> Task<> {
    *it = true;
    co_return;
  };
  Task<> task = begin(&begun);
  EXPECT_FALSE(begun);
  const Begun run(AwaitIt(std::move(task)));
  EXPECT_TRUE(begun);
}

TEST(Task, GivesItsResult) {
  EXPECT_EQ(ResultOf(Answer()), 42);
  EXPECT_EQ(ResultOf(Text()), "text");
  EXPECT_EQ(*ResultOf(Moved()), 7);
}

TEST(Task, ThatIsNamedShowsItsResultWhereItLies) {
  const auto shown = []() -> Task<int> {
    Task<std::unique_ptr<int>> task = Moved();
    std::unique_ptr<int>& result = co_await task;
    *result += 1;
    co_return *result;
  };
  EXPECT_EQ(ResultOf(shown()), 8);
}

TEST(Task, ThrowsWhereItIsAwaited) {
  const auto caught = []() -> Task<std::string> {
    try {
      co_await Throws();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(ResultOf(caught()), "no answer");
}

TEST(Task, ThatIsNeverAwaitedFreesItsFrame) {
  FramePool pool;
  const FramePool::Turn turn(&pool);
  {
    Task<int> task = Answer();
    EXPECT_EQ(pool.lent_count(), 1u);
    Task<int> moved = std::move(task);
    EXPECT_EQ(pool.lent_count(), 1u);
  }
  EXPECT_EQ(pool.lent_count(), 0u);
}

TEST(Task, ThatNeedNotWaitIsBegunWithoutACoroutine) {
  FramePool pool;
  const FramePool::Turn turn(&pool);
  Task<std::unique_ptr<int>> task = Moved();
  ASSERT_TRUE(task.Begin());
  EXPECT_EQ(*task.ShowResult(), 7);
  EXPECT_EQ(pool.lent_count(), 1u) << "its own frame";
  Task<int> thrower = Throws();
  ASSERT_TRUE(thrower.Begin());
  EXPECT_THROW(thrower.ShowResult(), std::runtime_error);
}

TEST(Task, LongLoopsOfAwaitsTakeNoStack) {
  const auto loop = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < kLongLoop; ++i) {
      const int answer = co_await Answer();
      sum += answer - 41;
    }
    co_return sum;
  };
  EXPECT_EQ(ResultOf(loop()), kLongLoop);
}

// NOLINTNEXTLINE(misc-no-recursion)
Task<int> Chain(int length) {
  if (length == 0) co_return 0;
  const int rest = co_await Chain(length - 1);
  co_return rest + 1;
}

TEST(Task, LongChainsTakeNoStack) { EXPECT_EQ(ResultOf(Chain(kLongChain)), kLongChain); }

// What GCC 12 gets wrong elsewhere: temporaries of an await, destroyed once each.
TEST(Task, TemporariesOfAnAwaitAreDestroyedOnce) {
  int count = 0;
  const auto take = [](Counted, std::vector<Counted>) -> Task<int> { co_return 1; };
  const auto outer = [](int* live, auto call) -> Task<int> {
    const std::vector<Counted> list(3, Counted(live));
    const int one = co_await call(Counted(live), list);
    co_return one + *live;
  };
  EXPECT_EQ(ResultOf(outer(&count, take)), 1 + 3) << "of the list, by name";
  EXPECT_EQ(count, 0);
}

class WaitTest : public ::testing::Test {
 protected:
  Task<int> WaitOnce() {
    const Counted guard(&guards_);
    const bool woken = co_await Signal(&queue_, &cancellation_, &signal_);
    co_return woken ? 1 : -1;
  }
  Task<int> WaitInside() {
    const Counted guard(&guards_);
    const int inner = co_await WaitOnce();
    co_return 10 * inner;
  }

  RunQueue queue_;
  Cancellation cancellation_;
  Signal* signal_ = nullptr;
  int guards_ = 0;
  int result_ = 0;
};

TEST_F(WaitTest, IsWokenFromTheRunQueueAlone) {
  const Begun run(StoreResult(WaitInside(), &result_));
  EXPECT_FALSE(run.done());
  signal_->Wake();
  signal_->Wake();
  EXPECT_FALSE(run.done());
  EXPECT_EQ(queue_.RunQueued(), 1u);
  EXPECT_TRUE(run.done());
  EXPECT_EQ(result_, 10);
  EXPECT_EQ(queue_.RunQueued(), 0u);
}

TEST_F(WaitTest, OfATaskThatWasBegunIsAwaitedLater) {
  const auto rest = [](Task<int> begun) -> Task<int> {
    const Task<int> task = std::move(begun);
    co_return co_await task.Rest() + 1;
  };
  Task<int> task = WaitInside();
  ASSERT_FALSE(task.Begin());
  const Begun run(StoreResult(rest(std::move(task)), &result_));
  signal_->Wake();
  queue_.RunQueued();
  EXPECT_TRUE(run.done());
  EXPECT_EQ(result_, 11);
  EXPECT_EQ(guards_, 0);
}

TEST_F(WaitTest, IsWokenByItsCancellation) {
  const Begun run(StoreResult(WaitInside(), &result_));
  cancellation_.Request();
  EXPECT_FALSE(run.done());
  queue_.RunQueued();
  EXPECT_EQ(result_, -10);
}

TEST_F(WaitTest, DoesNotSuspendOnceCancelled) {
  cancellation_.Request();
  const Begun run(StoreResult(WaitInside(), &result_));
  EXPECT_TRUE(run.done());
  EXPECT_EQ(result_, -10);
}

TEST_F(WaitTest, BothWakersMakeItGoOnOnce) {
  const Begun run(StoreResult(WaitInside(), &result_));
  signal_->Wake();
  cancellation_.Request();
  EXPECT_EQ(queue_.RunQueued(), 1u);
  EXPECT_TRUE(run.done());
}

TEST_F(WaitTest, AFrameThatDiesWhileItWaitsLeavesEveryList) {
  {
    const Begun run(StoreResult(WaitInside(), &result_));
    EXPECT_EQ(guards_, 2);
    signal_->Wake();
  }
  EXPECT_EQ(guards_, 0) << "its locals were destroyed";
  EXPECT_EQ(queue_.RunQueued(), 0u);
  cancellation_.Request();
}

}  // namespace
}  // namespace penstock::reactor
