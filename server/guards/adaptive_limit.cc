#include "penstock/server/guards/adaptive_limit.h"

#include <algorithm>
#include <cmath>

#include "penstock/wire/check.h"

namespace penstock::guards {

AdaptiveLimit::AdaptiveLimit(uint32_t limit_min, uint32_t limit_max)
    : limit_min_(limit_min),
      limit_max_(limit_max),
      limit_(std::clamp(kLimitFirst, limit_min, limit_max)) {}

void AdaptiveLimit::Forget() {
  PENSTOCK_DCHECK(under_way_count_ > 0, "each call is released once");
  --under_way_count_;
}

// A call that began before the window did so under another limit.
void AdaptiveLimit::Release(TimeNs begun_at, TimeNs now) {
  Forget();
  if (begun_at >= window_at_) {
    calls_ns_ += now - begun_at;
    ++calls_count_;
  }
  if (calls_count_ >= kWindowCallsMin && now - window_at_ >= kWindowNs) EndWindow(now);
}

void AdaptiveLimit::EndWindow(TimeNs now) {
  const double mean_ns = std::max(1.0, static_cast<double>(calls_ns_) / calls_count_);
  was_full_since_probe_ |= was_full_;
  if (is_probing_) {
    base_ns_ = mean_ns;
    is_probing_ = false;
    was_full_since_probe_ = false;
    probed_at_ = now;
  } else {
    base_ns_ = base_ns_ == 0 ? mean_ns : std::min(base_ns_, mean_ns);
    if (was_full_) Adjust(mean_ns);
    // A limit that nobody reaches needs no better base.
    is_probing_ = was_full_since_probe_ && now - probed_at_ >= kProbeEachNs;
  }
  was_full_ = false;
  calls_count_ = 0;
  calls_ns_ = 0;
  window_at_ = now;
}

void AdaptiveLimit::Adjust(double mean_ns) {
  const double gradient = std::clamp(kTolerance * base_ns_ / mean_ns, 0.5, 1.0);
  limit_ = std::clamp(limit_ * gradient + std::sqrt(limit_), static_cast<double>(limit_min_),
                      static_cast<double>(limit_max_));
}

}  // namespace penstock::guards
