#include "penstock/reactor/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace penstock::reactor {
namespace {

uint64_t FloorTick(TimeNs now) { return static_cast<uint64_t>(now / TimerWheel::kTickNs); }

// The first tick at whose beginning `when` has come.
uint64_t CeilTick(TimeNs when) {
  const TimeNs ticks = when / TimerWheel::kTickNs;
  return static_cast<uint64_t>(when % TimerWheel::kTickNs == 0 ? ticks : ticks + 1);
}

}  // namespace

TimerWheel::TimerWheel(TimeNs now) : tick_(FloorTick(now)) {}

void TimerWheel::Schedule(Timer& timer, TimeNs when) {
  timer.Unlink();
  timer.when_ = when;
  if (when != kTimeNever) Insert(timer);
}

void TimerWheel::Insert(Timer& timer) {
  // What is due already fires in the next tick.
  const uint64_t tick = timer.when_ <= 0 ? tick_ + 1 : std::max(CeilTick(timer.when_), tick_ + 1);
  const int highest_bit = std::bit_width(tick ^ tick_) - 1;
  const int level = highest_bit / kDigitBits;
  const size_t slot = (tick >> (level * kDigitBits)) & (kSlots - 1);
  levels_[level].slots[slot].PushBack(timer);
  levels_[level].occupied |= uint64_t{1} << slot;
}

bool TimerWheel::FindDue(Due* due) {
  for (int level = 0; level < kLevels; ++level) {
    Level& candidates = levels_[level];
    while (candidates.occupied != 0) {
      const size_t slot = static_cast<size_t>(std::countr_zero(candidates.occupied));
      if (candidates.slots[slot].empty()) {  // all cancelled
        candidates.occupied &= candidates.occupied - 1;
        continue;
      }
      const int shift = level * kDigitBits;
      const uint64_t upper = tick_ >> (shift + kDigitBits) << kDigitBits;
      *due = {level, slot, (upper | slot) << shift};
      return true;
    }
  }
  return false;
}

TimeNs TimerWheel::NextWake() {
  Due due;
  if (!FindDue(&due)) return kTimeNever;
  TimeNs when = 0;
  if (__builtin_mul_overflow(static_cast<TimeNs>(due.tick), kTickNs, &when)) return kTimeNever;
  return when;
}

size_t TimerWheel::Expire(TimeNs now) {
  const uint64_t now_tick = FloorTick(now);
  size_t fired_count = 0;
  Due due;
  while (FindDue(&due) && due.tick <= now_tick) {
    Level& level = levels_[due.level];
    List<Timer, TimerTag> reached;
    reached.Splice(level.slots[due.slot]);
    level.occupied &= ~(uint64_t{1} << due.slot);
    tick_ = due.tick;
    while (Timer* timer = reached.PopFront()) {
      if (due.level > 0 && CeilTick(timer->when_) > tick_) {
        Insert(*timer);
        continue;
      }
      ++fired_count;
      timer->fire_(timer->context_, now);
    }
  }
  tick_ = std::max(tick_, now_tick);
  return fired_count;
}

}  // namespace penstock::reactor
