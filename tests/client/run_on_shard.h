// RunOnShard: a task on a shard that turns on this thread, to its end.
#ifndef PENSTOCK_TESTS_CLIENT_RUN_ON_SHARD_H_
#define PENSTOCK_TESTS_CLIENT_RUN_ON_SHARD_H_

#include <gtest/gtest.h>

#include <coroutine>
#include <exception>
#include <utility>

#include "penstock/reactor/shard.h"
#include "penstock/rpc/task.h"

namespace penstock::test::client {

// Begins at once; its frame goes when it ends.
struct RootCoroutine {
  struct promise_type {
    RootCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline RootCoroutine Await(Task<void> task, bool* done) {
  co_await std::move(task);
  *done = true;
}

inline void RunOnShard(reactor::Shard& shard, Task<void> task) {
  bool done = false;
  shard.Turn(0);  // so that its time is now
  Await(std::move(task), &done);
  while (!done) shard.Turn(kTimeNever);
}

}  // namespace penstock::test::client

#endif  // PENSTOCK_TESTS_CLIENT_RUN_ON_SHARD_H_
