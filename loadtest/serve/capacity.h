// Capacity: a server that can do so many calls a second and no more, for tests of load testers.
//
//     Capacity capacity(20'000);
//     co_await Try(co_await Sleep(call, capacity.Take(call.now())));
//
// One queue for all shards, which serves a call each 1/rate; who comes while it is busy waits for
// those before. It is idle whenever nobody waits, as a queue with one server is: what was not
// used is not made up for.
//
// Threading: any; one atomic, for there is one queue whatever the number of shards.
#ifndef PENSTOCK_LOADTEST_SERVE_CAPACITY_H_
#define PENSTOCK_LOADTEST_SERVE_CAPACITY_H_

#include <algorithm>
#include <atomic>

#include "penstock/wire/time.h"

namespace penstock::loadtest {

class Capacity {
 public:
  // `calls_per_second` from 1 to 1e9; 0: without limit.
  explicit Capacity(int64_t calls_per_second)
      : each_ns_(calls_per_second == 0 ? 0 : kNsPerSecond / calls_per_second) {}

  // For how long a call that comes at `now` waits until it has been served.
  TimeNs Take(TimeNs now) {
    if (each_ns_ == 0) return 0;
    TimeNs served_at = served_at_.load(std::memory_order_relaxed);
    TimeNs mine;
    do {
      mine = std::max(served_at, now) + each_ns_;
    } while (!served_at_.compare_exchange_weak(served_at, mine, std::memory_order_relaxed));
    return mine - now;
  }

 private:
  const TimeNs each_ns_;
  std::atomic<TimeNs> served_at_{0};  // of the last one in the queue
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SERVE_CAPACITY_H_
