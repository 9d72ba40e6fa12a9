// AbuseMeter: what one peer did that is cheap for it and not for us, and whether that is too much.
// It counts and judges; its Connection counts the trip and sends the GOAWAY.
//
//     if (PENSTOCK_UNLIKELY(!meter_.TakeGlitch(limits_, now_))) return Trip(Limit::kGlitches);
//
// Every function answers true while the limit holds: at the bound, too. None is called for a
// request and response with nothing odd, but for the first three.
//
// Spec:   none; the numbers are those of Limits, each with what it stops.
// Units:  `now` as Connection::Receive() got it.
#ifndef PENSTOCK_HTTP2_ABUSE_METER_H_
#define PENSTOCK_HTTP2_ABUSE_METER_H_

#include <cstdint>

#include "penstock/http2/limits.h"
#include "penstock/http2/token_bucket.h"
#include "penstock/wire/time.h"

namespace penstock::http2 {

class AbuseMeter {
 public:
  // --- The hot path's part
  void OnStreamOpened() { ++streams_opened_count_; }
  void OnHeadSent() { ++heads_sent_count_; }
  void OnDataSent() { ++data_frames_sent_count_; }

  // --- Received
  // RST_STREAM for a stream whose response had not ended.
  [[nodiscard]] bool TakeReset(const Limits& limits, TimeNs now);
  // The same frame, for the stream `id`: whether too large a share of a second's streams has been
  // reset within that second.
  [[nodiscard]] bool TakeResetShare(const Limits& limits, uint32_t id, TimeNs now);
  [[nodiscard]] bool TakeGlitch(const Limits& limits, TimeNs now);
  [[nodiscard]] bool TakeSettings(const Limits& limits, TimeNs now);
  [[nodiscard]] bool TakeEmptyFrame(const Limits& limits);
  [[nodiscard]] bool TakeWindowUpdate(const Limits& limits);
  [[nodiscard]] bool TakePriority(const Limits& limits);
  // `idle` when no stream is open. Spec: gRPC A8, "Server Enforcement"
  [[nodiscard]] bool TakePing(const Limits& limits, bool idle, TimeNs now);
  // Between the last two PINGs; kTimeNever while there were none.
  TimeNs ping_interval_ns() const { return ping_interval_ns_; }
  // A DATA frame of `frame_bytes` that does not end its stream. `*debt` is what its stream owes to
  // the budget.
  [[nodiscard]] bool TakeSmallData(const Limits& limits, uint32_t frame_bytes, uint32_t* debt);
  // The application has read what the stream holds, or the stream is gone.
  void ReturnSmallData(uint32_t* debt) {
    small_data_debt_ -= *debt;
    *debt = 0;
  }

  // --- Sent
  // RST_STREAM for a fault of the peer's.
  [[nodiscard]] bool TakeFaultReset(const Limits& limits, TimeNs now);

 private:
  // The streams of one second, which begins with a reset.
  struct Second {
    TimeNs began_at;
    uint32_t first_id;  // those from it on were opened within the second, or just before
    uint32_t streams_before_count;
    uint32_t resets_count;
  };

  TokenBucket resets_;
  TokenBucket fault_resets_;
  TokenBucket glitches_;
  TokenBucket settings_;
  Second second_{-kNsPerSecond, 0, 0, 0};
  uint32_t streams_opened_count_ = 0;
  uint32_t heads_sent_count_ = 0;
  uint32_t data_frames_sent_count_ = 0;
  uint32_t window_updates_count_ = 0;
  uint32_t priorities_count_ = 0;
  uint32_t empty_frames_count_ = 0;
  uint32_t ping_strikes_count_ = 0;
  uint32_t sent_before_ping_count_ = 0;  // heads and DATA frames, when the last PING came
  uint32_t small_data_debt_ = 0;
  TimeNs pinged_at_ = -kTimeNever;
  TimeNs ping_interval_ns_ = kTimeNever;
};

// Idle connections are many.
static_assert(sizeof(AbuseMeter) <= 144);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_ABUSE_METER_H_
