// What a connection does when a limit is reached, and what it watches while the peer is slow.
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"

namespace penstock::http2 {

PENSTOCK_COLD void Connection::CountTrip(Limit limit) {
  ++workspace_->limit_trips[limit];
  has_tripped_ = true;
  latest_trip_ = limit;
}

PENSTOCK_COLD Error Connection::Trip(Limit limit) {
  CountTrip(limit);
  return ConnectionError(ErrorCode::kEnhanceYourCalm, NameOf(limit));
}

PENSTOCK_COLD Error Connection::MeterGlitch() {
  return meter_.TakeGlitch(limits_, now_) ? kNoFault : Trip(Limit::kGlitches);
}

// A server that resets what a client asked for may have its reasons.
PENSTOCK_COLD Error Connection::MeterReset(const Stream& stream) {
  if (role_ == Role::kClient || stream.state.local_ended()) return kNoFault;
  if (!meter_.TakeReset(limits_, now_)) return Trip(Limit::kResetsReceived);
  if (!meter_.TakeResetShare(limits_, stream.id, now_)) return Trip(Limit::kResetsShare);
  return kNoFault;
}

PENSTOCK_COLD Error Connection::MeterHeaderList() {
  CountTrip(Limit::kHeaderList);
  const bool closes = decoder_.dropped_list_bytes() > limits_.HeaderListCloseBytes();
  return closes ? Trip(Limit::kHeaderListClose) : kNoFault;
}

// A DATA frame begins that is small and not its stream's last. Without a user nothing is kept.
PENSTOCK_COLD Error Connection::MeterSmallData(Stream& stream) {
  const uint32_t frame_bytes = reader_.header().payload_bytes;
  if (frame_bytes == 0) {
    return meter_.TakeEmptyFrame(limits_) ? kNoFault : Trip(Limit::kEmptyFrames);
  }
  if (stream.user == nullptr || limits_.automatic_credit) return kNoFault;
  const bool passes = meter_.TakeSmallData(limits_, frame_bytes, &stream.small_data_debt);
  return passes ? kNoFault : Trip(Limit::kSmallData);
}

// What stands at the end of the output now is a frame that the peer caused.
void Connection::NoteControlFrame() {
  const uint64_t consumed = output_.consumed_bytes();
  control_queue_.Add(consumed + output_.size(), consumed);
}

// --- Slow peers
//
// While anything is open, Watch() looks at it: at the latest after the shortest of the times that a
// peer may take, and else when the first of them is over. So what begins in between needs no timer
// of its own.

TimeNs Connection::shortest_watch_ns() const {
  return std::min({limits_.header_block_timeout_ns, limits_.frame_timeout_ns,
                   limits_.stalled_stream_timeout_ns, limits_.stalled_connection_timeout_ns,
                   limits_.control_frames_stuck_timeout_ns, limits_.slow_request_timeout_ns});
}

bool Connection::has_work_to_watch() const {
  return streams_.size() != 0 || block_stream_id_ != 0 || !output_.empty() ||
         reader_.holds_cut_frame();
}

// What was received has been handled.
void Connection::BeginWatch() {
  if (!settings_acked_) return;  // bounded already
  if (!has_work_to_watch()) return;
  watch_at_ = SaturatingAdd(now_, shortest_watch_ns());
  output_taken_at_ = now_;
  output_taken_bytes_ = output_.consumed_bytes();
}

namespace {

// Whether `timeout_ns` have passed since then, at `now`; if not, they will have at `*due`.
bool IsOver(TimeNs since, TimeNs timeout_ns, TimeNs now, TimeNs* due) {
  const TimeNs last = SaturatingAdd(since, timeout_ns);
  if (now > last) return true;
  *due = std::min(*due, SaturatingAdd(last, 1));
  return false;
}

}  // namespace

PENSTOCK_COLD Event Connection::Watch() {
  watch_at_ = kTimeNever;
  TimeNs due = SaturatingAdd(now_, shortest_watch_ns());
  if (const Error error = WatchFrames(&due)) return Fail(error);
  if (const Error error = WatchOutput(&due)) return Fail(error);
  streams_.ForEach([&](Stream& stream) { WatchStream(stream, &due); });
  if (has_work_to_watch()) watch_at_ = due;
  return {};
}

// A frame was cut: the one that is held, or one that has been whole since then.
void Connection::NoteCutFrame() {
  cut_frames_count_ = reader_.cut_frames_count();
  cut_began_at_ = now_;
}

// A header block that does not end, and a frame that comes octet by octet.
PENSTOCK_COLD Error Connection::WatchFrames(TimeNs* due) {
  if (block_stream_id_ != 0) {  // what is cut is a CONTINUATION of it
    const bool is_over = IsOver(block_began_at_, limits_.header_block_timeout_ns, now_, due);
    return is_over ? Trip(Limit::kHeaderBlockTime) : kNoFault;
  }
  if (!reader_.holds_cut_frame()) return kNoFault;
  const FrameType type = reader_.header().type;
  const bool begins_block = reader_.cut_frame_has_header() &&
                            (type == FrameType::kHeaders || type == FrameType::kPushPromise);
  const TimeNs timeout_ns =
      begins_block ? limits_.header_block_timeout_ns : limits_.frame_timeout_ns;
  if (!IsOver(cut_began_at_, timeout_ns, now_, due)) return kNoFault;
  return Trip(begins_block ? Limit::kHeaderBlockTime : Limit::kFrameTime);
}

PENSTOCK_COLD Error Connection::WatchOutput(TimeNs* due) {
  const uint64_t taken_bytes = output_.consumed_bytes();
  if (output_.empty() || taken_bytes != output_taken_bytes_) {
    output_taken_bytes_ = taken_bytes;
    output_taken_at_ = now_;
  }
  if (output_.empty()) return kNoFault;
  if (IsOver(output_taken_at_, limits_.stalled_connection_timeout_ns, now_, due)) {
    return Trip(Limit::kStalledConnection);
  }
  if (control_queue_.Count(taken_bytes) > limits_.control_frames_queued_max &&
      IsOver(output_taken_at_, limits_.control_frames_stuck_timeout_ns, now_, due)) {
    return Trip(Limit::kControlFramesStuck);
  }
  return kNoFault;
}

PENSTOCK_COLD void Connection::WatchStream(Stream& stream, TimeNs* due) {
  if (stream.state.closed()) return;
  if (stream.stalled_since != kTimeNever &&
      IsOver(stream.stalled_since, limits_.stalled_stream_timeout_ns, now_, due)) {
    // With a full output it is not the stream that stalls.
    if (stream.stalled_bytes_left > 0 && !output_is_full()) {
      return TimeOut(stream, Limit::kStalledStream);
    }
    stream.stalled_since = now_;
    stream.stalled_bytes_left = limits_.stalled_stream_bytes_min;
  }
  if (stream.awaited_since != kTimeNever &&
      IsOver(stream.awaited_since, limits_.slow_request_timeout_ns, now_, due)) {
    const bool may_send = stream.receive_window.available() > 0 && receive_window_.available() > 0;
    if (may_send && !stream.state.remote_ended()) return TimeOut(stream, Limit::kSlowRequest);
    stream.awaited_since = now_;
  }
}

PENSTOCK_COLD void Connection::TimeOut(Stream& stream, Limit limit) {
  CountTrip(limit);
  if (role_ == Role::kServer || stream.head_sent) {
    WriteReset(stream.id, ErrorCode::kCancel);
  }
  stream.timed_out = true;
  DropUntold(stream);
}

}  // namespace penstock::http2
