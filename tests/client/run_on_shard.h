// RunOnShard: a task on a shard that turns on this thread, to its end.
#ifndef PENSTOCK_TESTS_CLIENT_RUN_ON_SHARD_H_
#define PENSTOCK_TESTS_CLIENT_RUN_ON_SHARD_H_

#include <utility>

#include "penstock/client/testing/root_coroutine.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/task.h"
#include "penstock/wire/time.h"

namespace penstock::test::client {

inline penstock::client::testing::RootCoroutine Await(Task<void> task, bool* done) {
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
