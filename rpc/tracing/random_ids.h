// RandomIds: ids of 64 bits for requests, traces and spans, that no other process makes, but by
// chance. They are no secrets: who has seen a few can tell which come next.
//
// Threading: any shard, all at once, without a lock: docs/decisions/0011-guards-between-shards.md.
// Ownership: movable, so that an interceptor can hold it.
#ifndef PENSTOCK_RPC_TRACING_RANDOM_IDS_H_
#define PENSTOCK_RPC_TRACING_RANDOM_IDS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/rpc/call.h"

namespace penstock::rpc {

class RandomIds {
 public:
  RandomIds();

  // Never 0.
  uint64_t Next(const Call& call);

 private:
  // Shards count in lines of cache of their own, mostly: two that meet are right still.
  static constexpr size_t kCountersCount = 16;
  struct alignas(64) Counter {
    std::atomic<uint64_t> value;
  };

  std::unique_ptr<std::array<Counter, kCountersCount>> counters_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_TRACING_RANDOM_IDS_H_
