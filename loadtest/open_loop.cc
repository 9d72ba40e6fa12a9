#include "penstock/loadtest/open_loop.h"

namespace penstock::loadtest {

void OpenLoop::Begin(TimeNs now) {
  arrivals_ = Arrivals(profile_, options_);
  begin_ns_ = now;
  offered_count_ = 0;
  dropped_count_ = 0;
  slot_waits_count_ = 0;
  lateness_.Clear();
  Advance();
}

uint64_t OpenLoop::TakeDue(TimeNs now, uint64_t under_way_count, int64_t* calls_left) {
  const uint64_t dropped_before = dropped_count_;
  for (; next_ns_ <= now && *calls_left > 0; --*calls_left) {
    ++offered_count_;
    if (under_way_count + waiting_.count() >= in_flight_max_) {
      ++dropped_count_;
    } else {
      waiting_.Push(next_ns_);
    }
    Advance();
  }
  if (*calls_left == 0) next_ns_ = kTimeNever;
  return dropped_count_ - dropped_before;
}

}  // namespace penstock::loadtest
