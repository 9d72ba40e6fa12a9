// TurningShard: a real shard that turns on the test's thread, for coroutines that call a server.
// Time is real; FakeShard is for handlers alone.
//
//     Server server({.listen = {"inproc:guide"}, .shards = 1});
//     ...
//     testing::TurningShard turning;
//     client::Channel channel(&turning.shard(), "inproc:guide");
//     client::Scope scope(&turning.shard());
//     const Status status = turning.Run(TalkToTheGuide(RouteGuideClient(&channel), scope));
//
// In the coroutine EXPECT_... is for what ASSERT_... would be for elsewhere: that would `return`.
//
// Ownership: outlives what is made for it; what it runs may refer to whatever outlives Run().
// Threading: the one thread that made it.
#ifndef PENSTOCK_RPC_TESTING_TURNING_SHARD_H_
#define PENSTOCK_RPC_TESTING_TURNING_SHARD_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/task.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock::testing {

class TurningShard {
 public:
  // Where io_uring is refused, kUring ends the process with a sentence; kAuto takes epoll then.
  explicit TurningShard(reactor::IoMode io = reactor::IoMode::kAuto) : shard_(OptionsFor(io)) {
    std::string why;
    const bool is_open = shard_.Open(&why);
    PENSTOCK_CHECK(is_open, why.c_str());
  }
  ~TurningShard() {
    shard_.Stop();
    shard_.Run();
  }
  TurningShard(const TurningShard&) = delete;
  TurningShard& operator=(const TurningShard&) = delete;

  reactor::Shard& shard() { return shard_; }

  // Turns until the task has ended, and gives its result, or throws what it has thrown. Not inside
  // another task of this.
  template <typename T>
  T Run(Task<T> task) {
    Outcome<T> outcome;
    shard_.Turn(0);  // so that its time is now
    Await(std::move(task), &outcome);
    while (!outcome.is_there) shard_.Turn(kTimeNever);
    if (outcome.thrown != nullptr) std::rethrow_exception(outcome.thrown);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome.result);
  }

 private:
  template <typename T>
  struct Outcome {
    bool is_there = false;
    std::exception_ptr thrown;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result;
  };
  // Begins at once; its frame goes when it ends.
  struct Outermost {
    struct promise_type : reactor::PooledFrame {
      Outermost get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
  };

  static reactor::ShardOptions OptionsFor(reactor::IoMode io) {
    reactor::ShardOptions options;
    options.io = io;
    return options;
  }

  // `outcome` outlives it.
  template <typename T>
  static Outermost Await(Task<T> task, Outcome<T>* outcome) {
    try {
      Task<T> run = std::move(task);  // its frame goes before the test looks
      if constexpr (std::is_void_v<T>) {
        co_await std::move(run);
      } else {
        outcome->result.emplace(co_await std::move(run));
      }
    } catch (...) {
      outcome->thrown = std::current_exception();
    }
    outcome->is_there = true;
  }

  reactor::Shard shard_;
};

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_TURNING_SHARD_H_
