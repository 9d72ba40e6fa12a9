// Lifespan: how long a connection may be without a stream, and how old it may become, before its
// server ends it gracefully.
//
//     lifespan.Begin(now, idle_ns_max, WithJitter(age_ns_max, random));
//     if (lifespan.watches_streams()) lifespan.NoteStreams(now, open_count, latest_id);
//     switch (lifespan.Expire(now)) ...   // at next_expiry()
//
// Pure: it says when, and its session does it. It looks once an idle_ns_max at most, so that a
// busy connection sets no timers.
// Spec: gRPC A9
#ifndef PENSTOCK_SERVER_LIFESPAN_H_
#define PENSTOCK_SERVER_LIFESPAN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::server {

// `ns` give or take a tenth, so that connections that began together do not end together; `random`
// is from [0, 1).
inline TimeNs WithJitter(TimeNs ns, double random) {
  if (ns == kTimeNever) return ns;
  const TimeNs jitter_ns = static_cast<TimeNs>(static_cast<double>(ns) * (random - 0.5) / 5);
  return SaturatingAdd(ns, jitter_ns);
}

class Lifespan {
 public:
  enum class End : uint8_t { kNone, kIdle, kAge };

  // kTimeNever: no limit.
  void Begin(TimeNs now, TimeNs idle_ns_max, TimeNs age_ns_max) {
    idle_ns_max_ = idle_ns_max;
    idle_since_ = now;
    look_at_ = SaturatingAdd(now, idle_ns_max);
    old_at_ = SaturatingAdd(now, age_ns_max);
  }

  bool watches_streams() const { return idle_ns_max_ != kTimeNever; }
  // After whatever may open or end some. `latest_id`: of all that the peer has opened.
  void NoteStreams(TimeNs now, size_t open_count, uint32_t latest_id) {
    if (open_count != 0) {
      idle_since_ = kTimeNever;
    } else if (idle_since_ == kTimeNever || latest_id != latest_id_) {
      idle_since_ = now;
    }
    latest_id_ = latest_id;
  }

  TimeNs next_expiry() const { return std::min(look_at_, old_at_); }
  // Each end is told once.
  [[nodiscard]] End Expire(TimeNs now) {
    if (now >= old_at_) {
      old_at_ = kTimeNever;
      return End::kAge;
    }
    if (now < look_at_) return End::kNone;
    const TimeNs idle_until = SaturatingAdd(std::min(idle_since_, now), idle_ns_max_);
    look_at_ = now < idle_until ? idle_until : kTimeNever;
    return now < idle_until ? End::kNone : End::kIdle;
  }

 private:
  TimeNs idle_ns_max_ = kTimeNever;
  TimeNs idle_since_ = 0;         // kTimeNever: a stream is open
  TimeNs look_at_ = kTimeNever;   // when it may have been idle for so long
  TimeNs old_at_ = kTimeNever;
  uint32_t latest_id_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_LIFESPAN_H_
