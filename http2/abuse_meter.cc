#include "penstock/http2/abuse_meter.h"

#include <algorithm>
#include <utility>

namespace penstock::http2 {

bool AbuseMeter::TakeReset(const Limits& limits, TimeNs now) {
  return resets_.Take({limits.resets_received_burst, limits.resets_received_per_second}, now);
}

// Only streams that did not live to the end of the second count: who cancels a thousand long calls
// at once is not in a loop.
bool AbuseMeter::TakeResetShare(const Limits& limits, uint32_t id, TimeNs now) {
  if (now - second_.began_at >= kNsPerSecond) second_ = {now, id, streams_opened_count_, 0};
  if (id < second_.first_id) return true;
  ++second_.resets_count;
  const uint32_t streams_count = std::max(streams_opened_count_ - second_.streams_before_count,
                                          limits.resets_share_streams_min);
  return uint64_t{second_.resets_count} * 100 <=
         uint64_t{streams_count} * limits.resets_share_percent_max;
}

bool AbuseMeter::TakeGlitch(const Limits& limits, TimeNs now) {
  return glitches_.Take({limits.glitches_burst, limits.glitches_per_second}, now);
}

bool AbuseMeter::TakeSettings(const Limits& limits, TimeNs now) {
  return settings_.Take({limits.settings_per_second_max, limits.settings_per_second_max}, now);
}

bool AbuseMeter::TakeEmptyFrame(const Limits& limits) {
  return ++empty_frames_count_ <= limits.empty_frames_max;
}

bool AbuseMeter::TakeWindowUpdate(const Limits& limits) {
  const uint64_t causes =
      streams_opened_count_ + uint64_t{data_frames_sent_count_} * limits.window_updates_data_factor;
  return ++window_updates_count_ <=
         limits.window_updates_base + causes * limits.window_updates_per_frame;
}

bool AbuseMeter::TakePriority(const Limits& limits) {
  return ++priorities_count_ <=
         (uint64_t{1} + streams_opened_count_) * limits.priorities_per_stream_max;
}

bool AbuseMeter::TakePing(const Limits& limits, bool idle, TimeNs now) {
  const uint32_t sent_count = heads_sent_count_ + data_frames_sent_count_;
  const TimeNs interval_ns = idle ? limits.ping_interval_idle_min_ns : limits.ping_interval_min_ns;
  const bool is_early = now < SaturatingAdd(pinged_at_, interval_ns);
  ping_interval_ns_ = pinged_at_ < 0 ? kTimeNever : now - pinged_at_;
  pinged_at_ = now;
  if (std::exchange(sent_before_ping_count_, sent_count) != sent_count) {
    ping_strikes_count_ = 0;
    return true;
  }
  return !is_early || ++ping_strikes_count_ <= limits.ping_strikes_max;
}

bool AbuseMeter::TakeSmallData(const Limits& limits, uint32_t frame_bytes, uint32_t* debt) {
  if (frame_bytes >= limits.small_data_bytes) return true;
  const uint32_t price = limits.small_data_bytes - frame_bytes;
  *debt += price;
  small_data_debt_ += price;
  return small_data_debt_ <= limits.small_data_budget;
}

bool AbuseMeter::TakeFaultReset(const Limits& limits, TimeNs now) {
  return fault_resets_.Take({limits.fault_resets_burst, limits.fault_resets_per_second}, now);
}

}  // namespace penstock::http2
