// OpenLoop: what an open loop adds to one generator: the calls that are due whatever the server
// does, those that wait for a slot, and the account of both.
//
//     OpenLoop loop(profile, arrival_options, in_flight_max);
//     loop.Begin(now);
//     loop.TakeDue(now, under_way_count, &calls_left);
//     while (loop.any_waiting() && ...there is a slot...) Send(loop.TakeWaiting(now, since_ns));
//     ... sleep until loop.next_ns() ...
//
// A call without a slot waits, and its response latency goes on counting: that is what a closed
// loop hides. Calls that wait and calls under way are in flight; a call that is due when
// `in_flight_max` are is dropped, and counted.
//
// Pure: knows no clock and no connection.
// Limits: 8 octets for each of `in_flight_max`, resident where they were used.
#ifndef PENSTOCK_LOADTEST_OPEN_LOOP_H_
#define PENSTOCK_LOADTEST_OPEN_LOOP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "penstock/loadtest/arrivals.h"
#include "penstock/loadtest/bounded_queue.h"
#include "penstock/loadtest/histogram.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

class OpenLoop {
 public:
  OpenLoop(const RateProfile& profile, const ArrivalOptions& options, size_t in_flight_max)
      : profile_(profile), options_(options), arrivals_(profile, options), waiting_(in_flight_max),
        in_flight_max_(in_flight_max) {}

  // The load begins anew at `now`, and so does the account. Calls that wait go on waiting.
  void Begin(TimeNs now);

  // Takes the calls whose start has come, `*calls_left` at most, and counts that down. Returns how
  // many of them were dropped.
  uint64_t TakeDue(TimeNs now, uint64_t under_way_count, int64_t* calls_left);
  // The next start. kTimeNever: there is none.
  TimeNs next_ns() const { return next_ns_; }

  bool any_waiting() const { return !waiting_.empty(); }
  uint64_t waiting_count() const { return waiting_.count(); }
  // The start of the one that waits longest.
  TimeNs front_ns() const { return waiting_.front(); }
  // Of all that wait, from the longest on: its start.
  template <typename Function>
  void ForEachWaiting(Function&& fn) const {
    waiting_.ForEach(fn);
  }
  // The first of them is sent at `now`. How late that is by the generator's doing counts from its
  // start, or from when a slot became free for it.
  TimeNs TakeWaiting(TimeNs now, TimeNs slot_since_ns) {
    const TimeNs start_ns = waiting_.Pop();
    if (slot_since_ns > start_ns) ++slot_waits_count_;
    lateness_.Record(now - std::max(start_ns, slot_since_ns));
    return start_ns;
  }

  uint64_t offered_count() const { return offered_count_; }  // dropped ones, too
  uint64_t dropped_count() const { return dropped_count_; }
  // Those that were sent, and had no slot when they were due.
  uint64_t slot_waits_count() const { return slot_waits_count_; }
  const Histogram& lateness() const { return lateness_; }

 private:
  void Advance() { next_ns_ = SaturatingAdd(begin_ns_, arrivals_.Next()); }

  const RateProfile profile_;
  const ArrivalOptions options_;
  Arrivals arrivals_;
  BoundedQueue<TimeNs> waiting_;
  const size_t in_flight_max_;
  TimeNs begin_ns_ = 0;
  TimeNs next_ns_ = kTimeNever;
  uint64_t offered_count_ = 0;
  uint64_t dropped_count_ = 0;
  uint64_t slot_waits_count_ = 0;
  Histogram lateness_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_OPEN_LOOP_H_
