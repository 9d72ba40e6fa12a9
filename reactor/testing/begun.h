// Begun: a task that a test has begun, where nothing awaits it.
//
//     Begun<int> run(Answer());
//     ASSERT_TRUE(run.done());
//     EXPECT_EQ(run.result(), 42);
//
// Ownership: owns the task, wherever it stands: Destroy(), or dying, destroys it there.
#ifndef PENSTOCK_REACTOR_TESTING_BEGUN_H_
#define PENSTOCK_REACTOR_TESTING_BEGUN_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/task.h"

namespace penstock::reactor {

template <typename T>
class Begun {
 public:
  explicit Begun(Task<T> task) : handle_(Run(this, std::move(task)).handle) { handle_.resume(); }
  ~Begun() { Destroy(); }
  Begun(const Begun&) = delete;
  Begun& operator=(const Begun&) = delete;

  bool done() const { return done_; }
  // Of one that is done and has not thrown.
  const T& result() const { return *result_; }
  // What() of the std::exception that it threw; empty without one.
  const std::string& thrown() const { return thrown_; }

  void Destroy() {
    if (handle_ != nullptr) std::exchange(handle_, nullptr).destroy();
  }

 private:
  struct Root {
    struct promise_type : PooledFrame {
      Root get_return_object() {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
  };

  // `begun` outlives the coroutine.
  static Root Run(Begun* begun, Task<T> task) {
    try {
      Task<T> run = std::move(task);  // its frame goes before the test looks
      begun->result_.emplace(co_await std::move(run));
    } catch (const std::exception& exception) {
      begun->thrown_ = exception.what();
    }
    begun->done_ = true;
  }

  bool done_ = false;
  std::optional<T> result_;
  std::string thrown_;
  std::coroutine_handle<typename Root::promise_type> handle_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_BEGUN_H_
