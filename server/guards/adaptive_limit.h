// AdaptiveLimit: how many calls of one shard may be under way at once: as many as there may be
// before they take much longer for being many. For handlers that wait, for a database or another
// server: what is overloaded then is not the shard, and no turn of it is long.
//
// At the end of a window in which the limit was reached it becomes
//
//     limit * clamp(tolerance * base / mean, 1/2, 1) + sqrt(limit)
//
// where `mean` is how long calls of the window took, and `base` how long they take when there are
// few. So it grows while calls take no longer, and shrinks when they do. The base is the shortest
// mean so far; as that may be of better days, and as a lasting overload would raise any mean that
// forgets, it is measured anew each half a minute, by a window with the lowest limit.
//
// Threading: one shard.
// Limits:    the limit is between `limit_min` and `limit_max`.
// Source:    the gradients of Netflix's concurrency-limits and of Envoy's adaptive concurrency
#ifndef PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_
#define PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_

#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::guards {

class AdaptiveLimit {
 public:
  static constexpr TimeNs kWindowNs = 50 * kNsPerMs;
  static constexpr uint32_t kWindowCallsMin = 16;
  static constexpr TimeNs kProbeEachNs = 30 * kNsPerSecond;
  static constexpr double kTolerance = 1.5;
  static constexpr uint32_t kLimitFirst = 32;

  // 1 <= limit_min <= limit_max.
  AdaptiveLimit(uint32_t limit_min, uint32_t limit_max);

  // False: there are as many as may be.
  [[nodiscard]] bool Acquire() {
    if (under_way_count_ >= limit()) {
      was_full_ = true;
      return false;
    }
    ++under_way_count_;
    return true;
  }
  // Of a call that Acquire() has let in, one of the two: it has ended, or it went without an end
  // whose time says something.
  void Release(TimeNs begun_at, TimeNs now);
  void Forget();

  uint32_t limit() const { return is_probing_ ? limit_min_ : static_cast<uint32_t>(limit_); }
  uint32_t under_way_count() const { return under_way_count_; }
  bool is_probing() const { return is_probing_; }

 private:
  void EndWindow(TimeNs now);
  void Adjust(double mean_ns);

  const uint32_t limit_min_;
  const uint32_t limit_max_;
  double limit_;
  uint32_t under_way_count_ = 0;
  bool was_full_ = false;  // in this window
  bool was_full_since_probe_ = false;
  bool is_probing_ = false;
  uint32_t calls_count_ = 0;  // of this window, begun and ended in it
  TimeNs calls_ns_ = 0;       // their sum
  double base_ns_ = 0;        // 0: not known
  TimeNs window_at_ = 0;
  TimeNs probed_at_ = 0;
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_
