// Time as the library passes it around: monotonic nanoseconds, read once per turn by the shard and
// handed down as `now`. Nothing below reactor/ asks a clock.
#ifndef PENSTOCK_WIRE_TIME_H_
#define PENSTOCK_WIRE_TIME_H_

#include <cstdint>
#include <limits>

namespace penstock {

// Units: nanoseconds of CLOCK_MONOTONIC for points, plain nanoseconds for durations.
using TimeNs = int64_t;

inline constexpr TimeNs kNsPerUs = 1'000;
inline constexpr TimeNs kNsPerMs = 1'000'000;
inline constexpr TimeNs kNsPerSecond = 1'000'000'000;

// "Never": later than every point in time.
inline constexpr TimeNs kTimeNever = std::numeric_limits<TimeNs>::max();

// now + duration without overflow: hours that do not fit become kTimeNever.
constexpr TimeNs SaturatingAdd(TimeNs now, TimeNs duration_ns) {
  TimeNs sum = 0;
  return __builtin_add_overflow(now, duration_ns, &sum) ? kTimeNever : sum;
}

}  // namespace penstock

#endif  // PENSTOCK_WIRE_TIME_H_
