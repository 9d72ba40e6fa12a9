// LenientLimits: for tests that break every rule a thousand times on one connection, and want to
// see the same answer each time.
#ifndef PENSTOCK_HTTP2_TESTING_LENIENT_LIMITS_H_
#define PENSTOCK_HTTP2_TESTING_LENIENT_LIMITS_H_

#include <cstdint>
#include <limits>

#include "penstock/http2/limits.h"

namespace penstock::http2::testing {

// AbuseMeter never says no.
inline Limits LenientLimits() {
  constexpr uint32_t kNoLimit = std::numeric_limits<uint32_t>::max();
  Limits limits;
  limits.settings_per_second_max = kNoLimit;
  limits.resets_received_burst = kNoLimit;
  limits.resets_share_streams_min = kNoLimit;
  limits.fault_resets_burst = kNoLimit;
  limits.glitches_burst = kNoLimit;
  limits.empty_frames_max = kNoLimit;
  limits.small_data_budget = kNoLimit;
  limits.window_updates_base = kNoLimit;
  limits.priorities_per_stream_max = kNoLimit;
  limits.ping_strikes_max = kNoLimit;
  return limits;
}

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_TESTING_LENIENT_LIMITS_H_
