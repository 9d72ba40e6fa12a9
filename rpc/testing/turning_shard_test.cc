#include "penstock/rpc/testing/turning_shard.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/status.h"

namespace penstock::testing {
namespace {

class Scope final : public CallScope {
 public:
  explicit Scope(TurningShard* turning) {
    shard_ = &turning->shard();
    cancellation_ = &own_cancellation_;
  }

 private:
  rpc::CallCancellation own_cancellation_;
};

Task<Status> Nap(CallScope& scope) { co_return co_await Sleep(scope, kNsPerMs); }

TEST(TurningShard, RunsATaskThatWaits) {
  TurningShard turning;
  Scope scope(&turning);
  EXPECT_TRUE(turning.Run(Nap(scope)).ok());
}

Task<void> Count(int* count) {
  ++*count;
  co_return;
}

TEST(TurningShard, RunsOneTaskAfterAnother) {
  TurningShard turning(reactor::IoMode::kEpoll);
  int count = 0;
  for (int i = 0; i < 3; ++i) turning.Run(Count(&count));
  EXPECT_EQ(count, 3);
}

Task<int> Throw(CallScope& scope) {
  (void)co_await Sleep(scope, kNsPerMs);
  throw std::runtime_error("enough");
}

TEST(TurningShard, ThrowsWhatTheTaskThrew) {
  TurningShard turning;
  Scope scope(&turning);
  EXPECT_THROW(turning.Run(Throw(scope)), std::runtime_error);
}

}  // namespace
}  // namespace penstock::testing
