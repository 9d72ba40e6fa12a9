// LimitConcurrency: an interceptor that sheds load, so that a server that is asked for more than it
// can do goes on doing what it can, for callers that still wait for it.
//
//     server.registry().Intercept(LimitConcurrency(ConcurrencyOptions()));
//
// Each shard judges for itself, by two signs: how late in its turn a call begins (DelayGate), for
// what computes; and how many calls are under way (AdaptiveLimit), for what waits. A call too many
// is UNAVAILABLE before its request is parsed: nothing was done, it may be made again elsewhere,
// and balancers and retries know it. docs/decisions/0013-load-is-shed-by-delay.md says why.
//
// Health checks are let through: who sheds them is taken out of service when it is needed most.
// Calls of methods that stream, either way, are judged by the first sign alone: how long one lasts
// is up to its caller, and a few that say nothing would keep out everybody else.
//
// Threading: one object is for the shards of one server, and its copies with it.
#ifndef PENSTOCK_SERVER_GUARDS_LIMIT_CONCURRENCY_H_
#define PENSTOCK_SERVER_GUARDS_LIMIT_CONCURRENCY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/server/guards/adaptive_limit.h"
#include "penstock/server/guards/delay_gate.h"
#include "penstock/wire/time.h"

namespace penstock {

struct ConcurrencyOptions {
  // How much later than its turn a call may begin on a shard that is behind: 10 us to a minute. It
  // is more where handlers take long: see DelayGate. kTimeNever: calls are not judged by that.
  TimeNs delay_target_ns = 800 * kNsPerUs;
  // Between these the number of calls under way on a shard adapts itself; 1 to 1,000,000. Calls
  // that wait for events do not fit it: register it for the others, or let the least be more than
  // there are.
  uint32_t calls_per_shard_min = 4;
  uint32_t calls_per_shard_max = 10'000;
  // Whether calls of methods that stream are among them. For a service whose callers are trusted
  // to end what they begin.
  bool counts_streams = false;
};

// OK, or INVALID_ARGUMENT and a sentence about the first that cannot be.
Status CheckConcurrency(const ConcurrencyOptions& options);

class LimitConcurrency {
 public:
  // Calls of shards with a higher index are not judged.
  static constexpr size_t kShardsMax = 1024;

  // Options that CheckConcurrency() does not take end the program.
  explicit LimitConcurrency(const ConcurrencyOptions& options);

  Status Before(Call& call);
  void After(Call& call, const Status& status);

  // Calls that were shed, by either sign.
  uint64_t late_count() const;
  uint64_t too_many_count() const;

 private:
  struct alignas(64) ShardState {
    ShardState(const ConcurrencyOptions& options, size_t index);

    guards::DelayGate gate;
    guards::AdaptiveLimit limit;
    std::atomic<uint64_t> late_count{0};
    std::atomic<uint64_t> too_many_count{0};
    // Copies of them share their text: one for each shard, so that no two count its users.
    const Status is_late;
    const Status are_too_many;
  };
  struct State;

  // Null beyond kShardsMax.
  ShardState* StateOf(const Call& call) const;

  std::shared_ptr<State> state_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_LIMIT_CONCURRENCY_H_
