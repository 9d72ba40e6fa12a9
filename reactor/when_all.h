// WhenAll: several tasks at once, and all their results.
//
//     const auto both = co_await WhenAll(Fetch(call, 1), Fetch(call, 2));
//     Use(std::get<0>(both), std::get<1>(both));
//
// Each begins at once, in their order, and runs up to where it first suspends; the awaiter goes on
// when the last has ended, and at once when none suspends. Of a Task<> the result is a
// std::monostate. If tasks throw, the first of them in their order throws where they are awaited,
// once all have ended. That one failed does not end the others: that is what a TaskGroup is for
// (rpc/task_group.h).
//
// Ownership: the operation, in the awaiter's frame, owns the tasks: if that frame dies, so do they.
#ifndef PENSTOCK_REACTOR_WHEN_ALL_H_
#define PENSTOCK_REACTOR_WHEN_ALL_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/task.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {

// How many of them run, and who awaits the last.
class Countdown {
 public:
  void Add() { ++count_; }
  // Who goes on: the awaiter behind the last one.
  std::coroutine_handle<> End() {
    return --count_ == 0 ? awaiter_ : std::coroutine_handle<>(std::noop_coroutine());
  }
  // False: all have ended already, and the awaiter is not to suspend.
  bool Await() { return --count_ != 0; }
  void set_awaiter(std::coroutine_handle<> awaiter) { awaiter_ = awaiter; }

 private:
  size_t count_ = 1;  // and the awaiter itself, until all have begun
  std::coroutine_handle<> awaiter_;
};

// Runs one of them. Ends suspended, so that its frame is the operation's to destroy.
struct CountedCoroutine {
  struct promise_type : PooledFrame {
    struct EndAwaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> ended) const noexcept {
        return ended.promise().countdown->End();
      }
      void await_resume() const noexcept {}
    };

    template <typename Part>
    promise_type(Countdown* its_countdown, Part*) : countdown(its_countdown) {}
    CountedCoroutine get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    EndAwaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }

    Countdown* countdown;
  };

  std::coroutine_handle<promise_type> handle;
};

template <typename T>
class WhenAllPart {
 public:
  using Result = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit WhenAllPart(Task<T>&& task) : task_(std::move(task)) {}
  WhenAllPart(const WhenAllPart&) = delete;
  WhenAllPart& operator=(const WhenAllPart&) = delete;
  ~WhenAllPart() {
    if (run_ != nullptr) run_.destroy();
  }

  void Begin(Countdown* countdown) {
    countdown->Add();
    run_ = Run(countdown, this).handle;
    run_.resume();
  }
  void Rethrow() const {
    if (PENSTOCK_UNLIKELY(exception_ != nullptr)) std::rethrow_exception(exception_);
  }
  Result TakeResult() { return *std::move(result_); }

 private:
  // Both parameters outlive the coroutine.
  static CountedCoroutine Run(Countdown*, WhenAllPart* part) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(part->task_);
        part->result_.emplace();
      } else {
        part->result_.emplace(co_await std::move(part->task_));
      }
    } catch (...) {
      part->exception_ = std::current_exception();
    }
  }

  Task<T> task_;
  std::optional<Result> result_;
  std::exception_ptr exception_;
  std::coroutine_handle<> run_;
};

template <typename... T>
class [[nodiscard]] WhenAllOperation {
 public:
  explicit WhenAllOperation(Task<T>&&... tasks) : parts_(std::move(tasks)...) {}
  WhenAllOperation(const WhenAllOperation&) = delete;
  WhenAllOperation& operator=(const WhenAllOperation&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    countdown_.set_awaiter(awaiter);
    std::apply([this](auto&... part) { (part.Begin(&countdown_), ...); }, parts_);
    return countdown_.Await();
  }
  std::tuple<typename WhenAllPart<T>::Result...> await_resume() {
    return std::apply(
        [](auto&... part) {
          (part.Rethrow(), ...);
          return std::tuple<typename WhenAllPart<T>::Result...>(part.TakeResult()...);
        },
        parts_);
  }

 private:
  Countdown countdown_;
  std::tuple<WhenAllPart<T>...> parts_;
};

template <typename... T>
WhenAllOperation<T...> WhenAll(Task<T>... tasks) {
  return WhenAllOperation<T...>(std::move(tasks)...);
}

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_WHEN_ALL_H_
