// DecompressionBudget: how much is decompressed for a connection in a turn of its shard. A few
// octets may become message_bytes_max: without it those of one turn
// (RingOptions::receive_bytes_per_turn_max) could keep the shard from everybody else for seconds.
//
//     if (budget.has_room()) return Decompress();     // which charges what went in and came out
//     budget.WhenRoom(runnable);                      // else in a later turn, one after the other
//
// As many octets may go in and come out as may be received. The message that exceeds it is still
// decompressed whole, and the turns behind it pay for it.
//
// Ownership: none of what waits, which leaves when it dies.
// Threading: its shard's.
// Limits:    bytes_per_turn_max, and one message. Who waits is bounded by the streams there are.
#ifndef PENSTOCK_RPC_DECOMPRESSION_BUDGET_H_
#define PENSTOCK_RPC_DECOMPRESSION_BUDGET_H_

#include <cstddef>
#include <cstdint>

#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/shard.h"

namespace penstock::rpc {

class DecompressionBudget {
 public:
  // 0 counts as 1.
  DecompressionBudget(reactor::Shard* shard, uint32_t bytes_per_turn_max);
  DecompressionBudget(const DecompressionBudget&) = delete;
  DecompressionBudget& operator=(const DecompressionBudget&) = delete;

  // In this turn, and nobody waits.
  bool has_room() const { return waiting_.empty() && is_paid(); }
  void Charge(size_t bytes);
  // Runs it in the first turn that has room for it: it may decompress one message then.
  void WhenRoom(reactor::Runnable& runnable);

 private:
  bool is_paid() const { return UnpaidBytes() < bytes_per_turn_max_; }
  uint64_t UnpaidBytes() const;
  void RunWaiting();

  reactor::Shard& shard_;
  const uint32_t bytes_per_turn_max_;
  uint64_t charged_in_turn_ = 0;
  uint64_t unpaid_bytes_ = 0;  // as of that turn
  reactor::RunQueue waiting_;
  reactor::Runnable run_waiting_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_DECOMPRESSION_BUDGET_H_
