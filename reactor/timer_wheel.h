// TimerWheel: the timers of one shard. Scheduling and cancelling cost O(1) and allocate nothing.
//
//     Timer idle(&OnIdle, this);
//     wheel.Schedule(idle, now + 5 * kNsPerSecond);   // scheduling again moves it
//     ... wheel.NextWake() -> how long the shard may sleep; wheel.Expire(now) runs what is due.
//
// Ticks of one millisecond are written as digits of six bits. A timer hangs at the level of the
// highest digit in which its tick differs from the current one, in the slot of that digit; when the
// current tick reaches the slot, its timers fall to lower levels, and at level 0 they fire.
//
// Invariant: every timer of a level fires before every timer of a higher level.
// Units:     a timer never fires early, and at most one tick late by the wheel's doing.
// Pure: knows no clock; `now` is a parameter.
#ifndef PENSTOCK_REACTOR_TIMER_WHEEL_H_
#define PENSTOCK_REACTOR_TIMER_WHEEL_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

// Ownership: the owner's, who keeps it until it fired or was cancelled; dying cancels it.
class Timer : public ListHook<struct TimerTag> {
 public:
  // Called by Expire(). May schedule and cancel any timer, this one too, and destroy this one.
  using Fire = void (*)(void* context, TimeNs now);

  Timer(Fire fire, void* context) : fire_(fire), context_(context) {}

  bool scheduled() const { return linked(); }
  // When it was last scheduled for.
  TimeNs when() const { return when_; }

 private:
  friend class TimerWheel;
  const Fire fire_;
  void* const context_;
  TimeNs when_ = 0;
};

class TimerWheel {
 public:
  static constexpr TimeNs kTickNs = kNsPerMs;

  // `now`: the earliest time any later call will name.
  explicit TimerWheel(TimeNs now);

  // Fires at `when` or within one tick after it. kTimeNever cancels.
  void Schedule(Timer& timer, TimeNs when);
  void Cancel(Timer& timer) { timer.Unlink(); }

  // When Expire() next has something to do: never later than the next timer, and earlier only to
  // bring far timers a level down (at most kLevels - 1 times per timer). kTimeNever when idle.
  TimeNs NextWake();

  // Fires every timer due at `now`; a timer that a callback schedules anew for the past or present
  // fires in a later tick. Returns the number fired.
  size_t Expire(TimeNs now);

 private:
  static constexpr int kDigitBits = 6;
  static constexpr size_t kSlots = size_t{1} << kDigitBits;
  // 2^63 ns are less than 2^44 ms: eight digits hold every tick.
  static constexpr int kLevels = 8;

  struct Level {
    uint64_t occupied = 0;  // bit i: slot i may hold timers (a cancelled one leaves its bit behind)
    std::array<List<Timer, TimerTag>, kSlots> slots;
  };
  struct Due {
    int level;
    size_t slot;
    uint64_t tick;  // the first tick of the slot
  };

  void Insert(Timer& timer);
  // The earliest occupied slot. False: no timers at all.
  bool FindDue(Due* due);

  uint64_t tick_;  // everything up to here has fired
  std::array<Level, kLevels> levels_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TIMER_WHEEL_H_
