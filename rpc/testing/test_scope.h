// TestScope: a CallScope without a call, for tests of what handlers await. Its shard does not turn:
// the test runs what became ready.
//
//     TestShard shard;
//     TestScope scope(&shard);
//     Begun<Status> run(Refresh(scope));
//     shard.Run();
//     scope.Cancel();
#ifndef PENSTOCK_RPC_TESTING_TEST_SCOPE_H_
#define PENSTOCK_RPC_TESTING_TEST_SCOPE_H_

#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/time.h"

namespace penstock::test {

// A shard whose frames are this thread's.
class TestShard {
 public:
  TestShard() : shard_(reactor::ShardOptions()), turn_(&shard_.frames()) {}

  reactor::Shard& shard() { return shard_; }
  // Until nothing is ready.
  void Run() {
    while (shard_.run_queue().RunQueued() != 0) {
    }
  }
  // Fires the timers that are due so much later; shard().now() stays.
  void Pass(TimeNs duration_ns) {
    shard_.timers().Expire(shard_.now() + duration_ns);
    Run();
  }

 private:
  reactor::Shard shard_;
  const reactor::FramePool::Turn turn_;
};

class TestScope final : public CallScope {
 public:
  // On a shard that outlives it.
  explicit TestScope(TestShard* its_shard) {
    shard_ = &its_shard->shard();
    cancellation_ = &own_cancellation_;
  }

  void Cancel(Status why = MakeStatus(StatusCode::kCancelled, "the test cancels")) {
    own_cancellation_.Cancel(std::move(why));
  }

 private:
  rpc::CallCancellation own_cancellation_;
};

}  // namespace penstock::test

#endif  // PENSTOCK_RPC_TESTING_TEST_SCOPE_H_
