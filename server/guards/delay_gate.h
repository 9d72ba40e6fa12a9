// DelayGate: sheds the calls of one shard that would begin too late, once it is behind for longer
// than a burst lasts. CoDel's idea, for a loop that has no queue of its own: what waits is in the
// kernel's buffers and in the turn.
//
// All that a turn serves has come before it began. So a call that begins d after its turn has
// waited for d at least, and for d and the turn before at most. While the shard keeps up, some turn
// is short; where for a whole interval none was, neither one that had few calls nor one behind
// which there was nothing to do, it does not, and of each turn what would begin later than the
// target is refused: until for an interval nothing had to be. Turns are then little longer than the
// target, and what was let in has waited for two of them at most. While it keeps up, a burst may
// take an interval: nor is a shard behind whose thread the kernel has not run for a moment.
//
//     keeps up --- for an interval, and kTurnsMin turns, none was short ---> is behind
//        ^                                                                      |
//        +------------------- for an interval nothing was late -----------------+
//
// The target is that of the options, or four times what a handler takes, whichever is longer: else
// a few long handlers in a turn would pass for overload.
//
// Threading: one shard.
// Source:    Nichols, Jacobson, "Controlling Queue Delay", 2012, for the interval; Maurer, "Fail at
//            Scale", 2015, for the two limits
#ifndef PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_
#define PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_

#include <algorithm>

#include "penstock/wire/time.h"

namespace penstock::guards {

class DelayGate {
 public:
  // An interval is so long, or so many targets if that is longer. Source: CoDel's 100 ms and 5 ms
  static constexpr TimeNs kIntervalNsMin = 100 * kNsPerMs;
  static constexpr int kTargetsPerInterval = 20;
  // One turn that is long says nothing, and the one behind it has what came meanwhile.
  static constexpr int kTurnsMin = 3;
  static constexpr int kHandlersPerTarget = 4;
  // What lies between a turn's last call and the next turn is sending, and waiting: where it is so
  // many times as long as the turn, it was waiting.
  static constexpr int kTurnsPerPause = 4;

  explicit DelayGate(TimeNs target_ns) : target_ns_min_(target_ns) {}

  // A call is about to begin at `now`, in the turn that began at `turn_at`. False: too late.
  [[nodiscard]] bool Admit(TimeNs turn_at, TimeNs now) {
    if (turn_at != turn_at_) BeginTurn(turn_at);
    busy_until_ = now;
    if (!is_overloaded_) return now - turn_at <= interval_ns();
    if (now - turn_at <= target_ns()) return true;
    late_at_ = now;
    return false;
  }
  // One that began at `begun_at` has ended in the same turn.
  void NoteEnd(TimeNs turn_at, TimeNs begun_at, TimeNs now) {
    if (turn_at != turn_at_) return;
    busy_until_ = now;
    const TimeNs took_ns = now - begun_at;
    handler_ns_ = handler_ns_ == 0 ? took_ns : handler_ns_ + (took_ns - handler_ns_) / 16;
  }

  bool is_overloaded() const { return is_overloaded_; }
  TimeNs target_ns() const { return std::max(target_ns_min_, kHandlersPerTarget * handler_ns_); }
  // And what a burst may take.
  TimeNs interval_ns() const {
    return std::max(kIntervalNsMin, kTargetsPerInterval * target_ns());
  }

 private:
  void BeginTurn(TimeNs turn_at) {
    const TimeNs length_ns = busy_until_ - turn_at_;
    const TimeNs pause_ns = turn_at - busy_until_;
    if (length_ns <= target_ns() || pause_ns >= kTurnsPerPause * length_ns) {
      short_at_ = turn_at;
      long_turns_count_ = 0;
    } else {
      ++long_turns_count_;
    }
    if (is_overloaded_) {
      is_overloaded_ = turn_at - late_at_ < interval_ns();
    } else if (long_turns_count_ >= kTurnsMin && turn_at - short_at_ >= interval_ns()) {
      is_overloaded_ = true;
      late_at_ = turn_at;
    }
    turn_at_ = busy_until_ = turn_at;
  }

  const TimeNs target_ns_min_;
  TimeNs turn_at_ = 0;
  TimeNs busy_until_ = 0;  // what is known of the turn's length
  TimeNs handler_ns_ = 0;  // a moving mean
  TimeNs short_at_ = 0;    // the turn began behind the latest one that was short
  int long_turns_count_ = 0;  // since then
  TimeNs late_at_ = 0;     // a call was refused, being behind; or it came to be
  bool is_overloaded_ = false;
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_DELAY_GATE_H_
