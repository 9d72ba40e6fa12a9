// Task: a coroutine that does nothing until it is awaited, and whose awaiter goes on with its
// result.
//
//     Task<int> Answer() { co_return 42; }
//     Task<int> Twice() {
//       const int answer = co_await Answer();
//       co_return 2 * answer;
//     }
//
// Whoever awaits hands over directly (symmetric transfer): a long chain of tasks, or a long loop of
// them, takes no stack. An exception that leaves a task is thrown where it is awaited.
//
// Who is no coroutine, and hopes that the task need not wait, begins it by hand:
//
//     if (task.Begin()) return Use(task.ShowResult());   // it has ended: nobody had to await it
//     UseLater(&task);                                   // a coroutine: co_await task->Rest()
//
// Ownership: the Task owns the frame, wherever the coroutine stands; a Task that dies takes it
//            along, the tasks it awaits first. So a Task is awaited where it lives, and never
//            detached.
// Threading: one shard: frames are from the pool of the shard that made them.
#ifndef PENSTOCK_REACTOR_TASK_H_
#define PENSTOCK_REACTOR_TASK_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {

template <typename T>
class Task;

// What tasks of every type share. `continuation` is who awaits.
class TaskPromiseBase : public PooledFrame {
 public:
  struct Transfer {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().continuation();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Transfer final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  std::coroutine_handle<> continuation() const { return continuation_; }
  void set_continuation(std::coroutine_handle<> awaiter) { continuation_ = awaiter; }

 protected:
  void Rethrow() {
    if (PENSTOCK_UNLIKELY(exception_ != nullptr)) {
      std::rethrow_exception(std::exchange(exception_, nullptr));
    }
  }

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr exception_;
};

template <typename T>
class TaskPromise final : public TaskPromiseBase {
 public:
  TaskPromise() noexcept {}
  ~TaskPromise() {
    if (has_result_) std::destroy_at(&result_);
  }

  Task<T> get_return_object();
  template <typename Value>
  void return_value(Value&& value) {
    std::construct_at(&result_, std::forward<Value>(value));
    has_result_ = true;
  }
  // Also where the coroutine stands before its end: an awaiter may have given it its result, and
  // gone on with the continuation, as rpc/try.h does.
  bool has_result() const { return has_result_; }
  T TakeResult() { return std::move(ShowResult()); }
  T& ShowResult() {
    Rethrow();
    return result_;
  }

 private:
  // Not a std::optional, which asks at each co_return whether it has to destroy another result.
  bool has_result_ = false;
  union {
    T result_;
  };
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() const noexcept {}
  static constexpr bool has_result() { return false; }
  void TakeResult() { Rethrow(); }
  void ShowResult() { Rethrow(); }
};

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_ != nullptr) handle_.destroy();
  }

  class AwaiterBase {
   public:
    explicit AwaiterBase(Handle handle) : handle_(handle) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
      handle_.promise().set_continuation(awaiting);
      return handle_;
    }

   protected:
    Handle handle_;
  };
  class Awaiter : public AwaiterBase {
   public:
    using AwaiterBase::AwaiterBase;
    T await_resume() const { return this->handle_.promise().TakeResult(); }
  };
  class ShowingAwaiter : public AwaiterBase {
   public:
    using AwaiterBase::AwaiterBase;
    std::add_lvalue_reference_t<T> await_resume() const {
      return this->handle_.promise().ShowResult();
    }
  };

  class RestAwaiter : public ShowingAwaiter {
   public:
    using ShowingAwaiter::ShowingAwaiter;
    void await_suspend(std::coroutine_handle<> awaiting) const noexcept {
      this->handle_.promise().set_continuation(awaiting);
    }
  };

  // Once: `co_await F()`, `co_await std::move(task)`.
  Awaiter operator co_await() && {
    CheckUnawaited();
    return Awaiter(handle_);
  }
  // Once: `co_await task` is the result where it lies, for as long as the task lives.
  ShowingAwaiter operator co_await() & {
    CheckUnawaited();
    return ShowingAwaiter(handle_);
  }

  // Instead of awaiting it: true if it has ended. Else Rest() is to be awaited before anything can
  // resume it.
  [[nodiscard]] bool Begin() {
    CheckUnawaited();
    handle_.promise().set_continuation(std::noop_coroutine());
    handle_.resume();
    return handle_.done() || handle_.promise().has_result();
  }
  // Of one that has ended; throws what has left it.
  std::add_lvalue_reference_t<T> ShowResult() const { return handle_.promise().ShowResult(); }
  // Of one that has begun and not ended: `co_await task.Rest()`, as `co_await task`.
  RestAwaiter Rest() const { return RestAwaiter(handle_); }

 private:
  void CheckUnawaited() const {
    PENSTOCK_DCHECK(handle_ != nullptr && !handle_.promise().continuation(),
                    "a task is awaited once, and not after it was moved from");
  }

  Handle handle_;
};

template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TASK_H_
