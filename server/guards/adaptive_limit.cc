#include "penstock/server/guards/adaptive_limit.h"

#include <cmath>

namespace penstock::guards {

AdaptiveLimit::AdaptiveLimit(uint32_t limit_min, uint32_t limit_max, size_t shard_index)
    : limit_min_(limit_min),
      limit_max_(limit_max),
      stagger_ns_(static_cast<TimeNs>(shard_index % kStaggersCount) * kProbeStaggerNs),
      limit_(std::clamp(kLimitFirst, limit_min, limit_max)) {}

void AdaptiveLimit::Forget() {
  PENSTOCK_DCHECK(under_way_count_ > 0, "each call is released once");
  --under_way_count_;
}

void AdaptiveLimit::Release(TimeNs begun_at, TimeNs now) {
  Forget();
  Count(begun_at, now);
}

void AdaptiveLimit::ReleaseExpired(TimeNs begun_at, TimeNs now) {
  Forget();
  const bool is_long = static_cast<double>(now - begun_at) > kTolerance * base_ns_;
  if (is_long && base_ns_ != 0 && !is_probing_) Count(begun_at, now);
}

// A call that began before the window did so under another limit.
void AdaptiveLimit::Count(TimeNs begun_at, TimeNs now) {
  if (begun_at >= window_at_) {
    calls_ns_ += now - begun_at;
    ++calls_count_;
  }
  const bool is_whole = calls_count_ >= kWindowCallsMin && now - window_at_ >= kWindowNs;
  if (is_probing_ && (is_whole || now >= probe_ends_at_)) return EndProbe(now);
  if (is_whole) EndWindow(now);
}

double AdaptiveLimit::MeanNs() const {
  return std::max(1.0, static_cast<double>(calls_ns_) / calls_count_);
}

void AdaptiveLimit::BeginWindow(TimeNs now) {
  was_full_ = false;
  calls_count_ = 0;
  calls_ns_ = 0;
  window_at_ = now;
}

// One in which nobody reached the limit tells neither what few calls take nor what many do.
void AdaptiveLimit::EndWindow(TimeNs now) {
  if (was_full_) {
    const double mean_ns = MeanNs();
    base_ns_ = base_ns_ == 0 ? mean_ns : std::min(base_ns_, mean_ns);
    Adjust(mean_ns);
    if (probe_at_ == kTimeNever) probe_at_ = now + stagger_ns_;
    if (IsProbeDue(now)) BeginProbe(now);
  }
  BeginWindow(now);
}

void AdaptiveLimit::Adjust(double mean_ns) {
  const double gradient = std::clamp(kTolerance * base_ns_ / mean_ns, 0.5, 1.0);
  const double limit = std::clamp(limit_ * gradient + std::sqrt(limit_),
                                  static_cast<double>(limit_min_),
                                  static_cast<double>(limit_max_));
  const bool is_shrinking = limit < kShrink * limit_ || limit <= limit_min_;
  shrinks_count_ = is_shrinking ? shrinks_count_ + 1 : 0;
  limit_ = limit;
}

bool AdaptiveLimit::IsProbeDue(TimeNs now) const {
  return now >= probe_at_ ||
         (shrinks_count_ >= kShrinksMax && now - probe_ends_at_ >= kProbeSoonestNs);
}

void AdaptiveLimit::BeginProbe(TimeNs now) {
  is_probing_ = true;
  shrinks_count_ = 0;
  probe_ends_at_ = now + kProbeNsMax;
}

void AdaptiveLimit::EndProbe(TimeNs now) {
  if (calls_count_ >= kProbeCallsMin) {
    base_ns_ = MeanNs();
  } else if (was_full_) {
    base_ns_ *= kAgeing;
  }
  is_probing_ = false;
  probe_ends_at_ = std::min(now, probe_ends_at_);
  probe_at_ = now + kProbeEachNs + stagger_ns_;
  BeginWindow(now);
}

}  // namespace penstock::guards
