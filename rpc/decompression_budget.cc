#include "penstock/rpc/decompression_budget.h"

#include <algorithm>

namespace penstock::rpc {

DecompressionBudget::DecompressionBudget(reactor::Shard* shard, uint32_t bytes_per_turn_max)
    : shard_(*shard),
      bytes_per_turn_max_(std::max(bytes_per_turn_max, 1u)),
      run_waiting_([](void* budget) { static_cast<DecompressionBudget*>(budget)->RunWaiting(); },
                   this) {}

// Each turn pays for what it would have been given.
uint64_t DecompressionBudget::UnpaidBytes() const {
  const uint64_t turns = shard_.stats().turns - charged_in_turn_;
  if (turns > unpaid_bytes_ / bytes_per_turn_max_) return 0;
  return unpaid_bytes_ - turns * bytes_per_turn_max_;
}

void DecompressionBudget::Charge(size_t bytes) {
  unpaid_bytes_ = UnpaidBytes() + bytes;
  charged_in_turn_ = shard_.stats().turns;
}

void DecompressionBudget::WhenRoom(reactor::Runnable& runnable) {
  waiting_.Push(runnable);
  shard_.run_queue().Push(run_waiting_);
}

// The shard does not sleep while something is queued.
void DecompressionBudget::RunWaiting() {
  while (!waiting_.empty() && is_paid()) waiting_.RunNext();
  if (!waiting_.empty()) shard_.run_queue().Push(run_waiting_);
}

}  // namespace penstock::rpc
