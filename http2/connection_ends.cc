// How streams end: by END_STREAM, by a reset of either side, by a fault, by GOAWAY.
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

bool Connection::IsIdle(uint32_t id) const {
  return IsLocal(id) ? id >= local_next_id_ : id > peer_last_id_;
}

// The peer's half of `stream` is over.
Error Connection::EndRemote(Stream& stream, Event* event) {
  if (stream.content_bytes_left > 0) {
    return StreamError(ErrorCode::kProtocolError, "less DATA than content-length");
  }
  stream.state.EndRemote();
  event->end_stream = true;
  const Error no_fault = TellUser(stream, event);
  if (stream.state.closed()) ReleaseAfterEvent(stream);
  return no_fault;
}

// What the peer sent before it knew that we reset the stream, or that our GOAWAY leaves it out.
// Spec: RFC 9113 §5.1, §6.8
bool Connection::IsIgnored(uint32_t id) const {
  return MayBeResetByUs(id) || (!IsLocal(id) && id > goaway_id_);
}

Error Connection::ReceiveRstStream(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "RST_STREAM on stream 0");
  }
  if (frame.payload_bytes != 4) {
    return ConnectionError(ErrorCode::kFrameSizeError, "RST_STREAM is not 4 octets");
  }
  Stream* stream = streams_.Find(frame.stream_id);
  if (stream == nullptr) {
    if (IsIdle(frame.stream_id)) {
      return ConnectionError(ErrorCode::kProtocolError, "RST_STREAM on an idle stream");
    }
    // A server may say that it wants no more of a request when all of it is under way.
    if (role_ == Role::kServer && !MayBeResetByUs(frame.stream_id)) return MeterGlitch();
    ForgetReset(frame.stream_id);
    return kNoFault;
  }
  if (const Error error = MeterReset(*stream)) return error;
  TellReset(*stream,
            {ErrorScope::kStream, Initiator::kPeer,
             static_cast<ErrorCode>(wire::LoadBig32(reader_.payload().data())), "RST_STREAM"},
            event);
  return kNoFault;
}

// --- The end of streams

// The peer broke a rule on a stream: RST_STREAM, and the user is told.
PENSTOCK_COLD Event Connection::ResetForFault(uint32_t id, const Error& error) {
  if (error.code == ErrorCode::kRefusedStream) {
    if (const Error excess = MeterGlitch()) return Fail(excess);
  } else if (!meter_.TakeFaultReset(limits_, now_)) {
    return Fail(Trip(Limit::kFaultResets));
  }
  WriteReset(id, error.code);
  // If DATA broke it, the rest of the frame is discarded, and no stream will return its credit.
  data_stream_ = nullptr;
  pad_length_pending_ = false;
  CreditConnection();
  Event event;
  if (Stream* stream = streams_.Find(id)) TellReset(*stream, error, &event);
  return event;
}

void Connection::TellReset(Stream& stream, const Error& error, Event* event) {
  stream.state.Reset();
  DropQueued(stream);
  if (stream.user != nullptr) {
    event->kind = Event::Kind::kStreamReset;
    event->stream = &stream;
    event->error = error;
  }
  ReleaseAfterEvent(stream);
}

void Connection::DropQueued(Stream& stream) {
  if (stream.queued.empty()) return;
  queued_bytes_ -= stream.queued.size();
  NoteOrphan(stream.queued.front_block());
  stream.queued.Clear();
}

// A few octets of a message that stand in the output hold all of its block, and no stream counts
// for it any more.
void Connection::NoteOrphan(const wire::LargeBlock* block) {
  if (block == nullptr || block->holders_count == 1) return;  // nobody's but the queue's
  const uint64_t consumed = output_.consumed_bytes();
  if (consumed >= orphans_end_) orphans_bytes_ = 0;
  orphans_bytes_ += block->room_bytes;
  orphans_end_ = consumed + output_.size();
}

// This end cannot go on with the stream. The caller may still hold it. A peer that takes no heads
// and asks again and again is as bad as one that makes faults.
PENSTOCK_COLD void Connection::FailLocally(Stream& stream) {
  if (role_ == Role::kServer || stream.head_sent) {
    WriteReset(stream.id, ErrorCode::kInternalError);
  }
  fault_resets_exceeded_ = fault_resets_exceeded_ || !meter_.TakeFaultReset(limits_, now_);
  DropUntold(stream);
}

// Its user is told, and the stream released, before the next frame is read.
void Connection::DropUntold(Stream& stream) {
  stream.state.Reset();
  DropQueued(stream);
  scheduler_.Remove(&stream);
  stream.ready_next = failed_locally_;
  failed_locally_ = &stream;
  detour_ = true;
}

void Connection::ReleaseAfterEvent(Stream& stream) {
  if (stream.user == nullptr) return ReleaseStream(stream);
  release_next_ = &stream;
}

void Connection::ReleaseStream(Stream& stream) {
  if (data_stream_ == &stream) data_stream_ = nullptr;
  if (IsLocal(stream.id)) --local_streams_count_;
  scheduler_.Remove(&stream);
  streams_.Remove(&stream);
  if (PENSTOCK_UNLIKELY(stream.small_data_debt != 0)) {
    meter_.ReturnSmallData(&stream.small_data_debt);
  }
  const uint32_t unread_bytes = stream.unread_bytes;
  workspace_->streams.Delete(&stream);
  if (PENSTOCK_LIKELY(unread_bytes == 0)) return;
  unread_bytes_ -= unread_bytes;
  CreditConnection();  // what the stream left unread may have been withheld
}

// True as well for ids as low as those whose reset is forgotten: many resets in flight must not
// make an honest peer's frames a fault.
bool Connection::MayBeResetByUs(uint32_t id) const {
  return id <= reset_forgotten_id_ ||
         std::find(reset_ids_.begin(), reset_ids_.end(), id) != reset_ids_.end();
}

void Connection::RememberReset(uint32_t id) {
  uint32_t& slot = reset_ids_[resets_count_++ % kResetsRemembered];
  reset_forgotten_id_ = std::max(reset_forgotten_id_, slot);
  slot = id;
}

// The peer has reset the stream as well: what it sends on it now is no longer in flight.
void Connection::ForgetReset(uint32_t id) {
  std::replace(reset_ids_.begin(), reset_ids_.end(), id, 0u);
}

}  // namespace penstock::http2
