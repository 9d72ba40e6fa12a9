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
// mean of such a window; as that may be of better days, or of faster calls, and as a lasting
// overload would raise any mean that forgets, it is measured anew, with a quarter of the limit
// ("probing"): each half a minute, and when the limit shrinks again and again.
//
// It learns from calls that ended well. What fails, or is refused, may do so in no time, and says
// nothing of what the others need; only a call that its deadline has ended counts, where it took
// long, as one of those that do.
//
// Threading: one shard.
// Limits:    the limit is between `limit_min` and `limit_max`; a probe ends after kProbeNsMax.
// Source:    the gradients of Netflix's concurrency-limits and of Envoy's adaptive concurrency
#ifndef PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_
#define PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock::guards {

class AdaptiveLimit {
 public:
  static constexpr TimeNs kWindowNs = 50 * kNsPerMs;
  static constexpr uint32_t kWindowCallsMin = 16;
  static constexpr double kTolerance = 1.5;
  static constexpr uint32_t kLimitFirst = 32;

  // Shards have their probes at several times: each some 2 s later, and as much less often.
  static constexpr TimeNs kProbeEachNs = 30 * kNsPerSecond;
  static constexpr TimeNs kProbeStaggerNs = 2 * kNsPerSecond;
  static constexpr size_t kStaggersCount = 8;
  // How long one refuses calls at most, where they take longer than half of that.
  static constexpr TimeNs kProbeNsMax = kNsPerSecond;
  // With fewer calls it tells nothing: the base grows by an eighth then, so that one that is too
  // low does not last.
  static constexpr uint32_t kProbeCallsMin = 4;
  static constexpr double kAgeing = 1.125;
  static constexpr uint32_t kProbeDivisor = 4;
  // So many windows in a row by which it shrank by a tenth, or stayed at its least, have it probe,
  // if the last probe is so long ago.
  static constexpr uint32_t kShrinksMax = 3;
  static constexpr double kShrink = 0.9;
  static constexpr TimeNs kProbeSoonestNs = 2 * kNsPerSecond;

  // 1 <= limit_min <= limit_max.
  AdaptiveLimit(uint32_t limit_min, uint32_t limit_max, size_t shard_index = 0);

  // False: there are as many as may be.
  [[nodiscard]] bool Acquire(TimeNs now) {
    if (PENSTOCK_UNLIKELY(is_probing_) && now >= probe_ends_at_) EndProbe(now);
    if (under_way_count_ >= limit()) {
      was_full_ = true;
      return false;
    }
    ++under_way_count_;
    return true;
  }
  // Of a call that Acquire() has let in, one of the three: it has ended well; its deadline has
  // ended it; or it went in a way that says nothing of how long calls take.
  void Release(TimeNs begun_at, TimeNs now);
  void ReleaseExpired(TimeNs begun_at, TimeNs now);
  void Forget();

  uint32_t limit() const {
    const auto limit = static_cast<uint32_t>(limit_);
    return PENSTOCK_LIKELY(!is_probing_) ? limit : std::max(limit_min_, limit / kProbeDivisor);
  }
  uint32_t under_way_count() const { return under_way_count_; }
  bool is_probing() const { return is_probing_; }

 private:
  void Count(TimeNs begun_at, TimeNs now);
  double MeanNs() const;
  void BeginWindow(TimeNs now);
  void EndWindow(TimeNs now);
  void Adjust(double mean_ns);
  bool IsProbeDue(TimeNs now) const;
  void BeginProbe(TimeNs now);
  void EndProbe(TimeNs now);

  const uint32_t limit_min_;
  const uint32_t limit_max_;
  const TimeNs stagger_ns_;
  double limit_;
  uint32_t under_way_count_ = 0;
  bool was_full_ = false;  // in this window
  bool is_probing_ = false;
  uint32_t shrinks_count_ = 0;  // in a row
  uint32_t calls_count_ = 0;    // of this window, begun and ended in it
  TimeNs calls_ns_ = 0;         // their sum
  double base_ns_ = 0;          // 0: not known
  TimeNs window_at_ = 0;
  TimeNs probe_at_ = kTimeNever;  // the next one is due; kTimeNever: it was never full
  TimeNs probe_ends_at_ = 0;      // of the latest one, at the latest
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_ADAPTIVE_LIMIT_H_
