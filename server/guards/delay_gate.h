// DelayGate: sheds the calls of one shard that would begin too late, once it is behind for longer
// than a burst lasts. CoDel's idea, for a loop that has no queue of its own: what waits is in the
// kernel's buffers and in the turn.
//
// All that a turn serves has come before it began. So a call that begins d after its turn has
// waited for d at least, and for d and the turn before at most. While the shard keeps up, turns are
// short; where every turn of an interval was longer than the target, it does not, and of each turn
// what would begin later than the target is refused. Turns are then little longer than the target,
// and what was let in has waited for two of them at most. While it keeps up, a burst may take a
// tenth of a second: nor is a shard behind whose thread the kernel has not run for a moment.
//
// The target is that of the options, or four times what a handler takes, whichever is longer: else
// a few long handlers in a turn would pass for overload.
//
// Threading: one shard.
// Source:    Nichols, Jacobson, "Controlling Queue Delay", 2012; Maurer, "Fail at Scale", 2015, for
//            the two limits
#ifndef PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_
#define PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_

#include <algorithm>

#include "penstock/wire/time.h"

namespace penstock::guards {

class DelayGate {
 public:
  // An interval is so many targets, and a burst no shorter than that. Source: CoDel's 100 ms and
  // 5 ms
  static constexpr int kTargetsPerInterval = 20;
  static constexpr TimeNs kBurstNsMin = 100 * kNsPerMs;
  static constexpr int kHandlersPerTarget = 4;

  explicit DelayGate(TimeNs target_ns) : target_ns_min_(target_ns) {}

  // A call is about to begin at `now`, in the turn that began at `turn_at`. False: too late.
  [[nodiscard]] bool Admit(TimeNs turn_at, TimeNs now) {
    if (turn_at != turn_at_) BeginTurn(turn_at);
    busy_until_ = now;
    return now - turn_at <= (is_overloaded_ ? target_ns() : burst_ns());
  }
  // One that began at `begun_at` has ended in the same turn.
  void NoteEnd(TimeNs turn_at, TimeNs begun_at, TimeNs now) {
    if (turn_at != turn_at_) return;
    busy_until_ = now;
    const TimeNs took_ns = now - begun_at;
    handler_ns_ = handler_ns_ == 0 ? took_ns : handler_ns_ + (took_ns - handler_ns_) / 16;
  }

  // Of the interval before.
  bool is_overloaded() const { return is_overloaded_; }
  TimeNs target_ns() const { return std::max(target_ns_min_, kHandlersPerTarget * handler_ns_); }
  TimeNs interval_ns() const { return kTargetsPerInterval * target_ns(); }
  TimeNs burst_ns() const { return std::max(kBurstNsMin, interval_ns()); }

 private:
  void BeginTurn(TimeNs turn_at) {
    shortest_ns_ = std::min(shortest_ns_, busy_until_ - turn_at_);
    // Who has had nothing to do for so long is not behind.
    if (turn_at - busy_until_ >= interval_ns()) shortest_ns_ = 0;
    if (turn_at - interval_at_ >= interval_ns()) {
      is_overloaded_ = shortest_ns_ > target_ns();
      interval_at_ = turn_at;
      shortest_ns_ = kTimeNever;
    }
    turn_at_ = busy_until_ = turn_at;
  }

  const TimeNs target_ns_min_;
  TimeNs turn_at_ = 0;
  TimeNs busy_until_ = 0;   // what is known of the turn's length
  TimeNs handler_ns_ = 0;   // a moving mean
  TimeNs interval_at_ = 0;
  TimeNs shortest_ns_ = 0;  // turn of the interval
  bool is_overloaded_ = false;
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_
