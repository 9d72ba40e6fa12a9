// Which response goes first: PRIORITY, whose scheme is history, and RFC 9218's fields and frames.
#include <algorithm>
#include <optional>
#include <string>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

// Checked, then ignored: RFC 9113 §5.3.2
Error Connection::ReceivePriority() {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY on stream 0");
  }
  if (!meter_.TakePriority(limits_)) return Trip(Limit::kPriorities);
  Error error = kNoFault;
  if (frame.payload_bytes != kPriorityBytes) {
    error = StreamError(ErrorCode::kFrameSizeError, "PRIORITY is not 5 octets");
  } else if ((wire::LoadBig32(reader_.payload().data()) & kStreamIdMax) == frame.stream_id) {
    error = StreamError(ErrorCode::kProtocolError, "a stream that depends on itself");
  }
  // RST_STREAM must not be sent for an idle stream: RFC 9113 §5.1
  if (error && IsIdle(frame.stream_id)) error.scope = ErrorScope::kConnection;
  return error;
}

// --- RFC 9218

// Spec: RFC 9218 §7.1
Error Connection::ReceivePriorityUpdate() {
  const FrameHeader& frame = reader_.header();
  if (role_ == Role::kClient) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY_UPDATE from a server");
  }
  if (frame.stream_id != 0) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY_UPDATE on a stream");
  }
  if (!meter_.TakePriority(limits_)) return Trip(Limit::kPriorities);
  const wire::Bytes payload = reader_.payload();
  if (payload.size() < kStreamIdBytes) {
    return ConnectionError(ErrorCode::kFrameSizeError, "PRIORITY_UPDATE without a stream id");
  }
  const uint32_t id = wire::LoadBig32(payload.data()) & kStreamIdMax;
  if (id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY_UPDATE of stream 0");
  }
  Priority priority;  // what the text leaves out is back at its default
  const bool is_valid = ParsePriority(wire::AsString(payload.subspan(kStreamIdBytes)), &priority);
  if (IsIdle(id)) {
    if (IsLocal(id)) {
      return ConnectionError(ErrorCode::kProtocolError, "PRIORITY_UPDATE of a stream not promised");
    }
    return is_valid ? NoteIdlePriority(id, priority) : kNoFault;
  }
  Stream* stream = streams_.Find(id);
  if (stream != nullptr && is_valid) scheduler_.SetPriority(stream, priority);
  return kNoFault;
}

// For a request that has not come yet.
PENSTOCK_COLD Error Connection::NoteIdlePriority(uint32_t id, const Priority& priority) {
  std::erase_if(idle_priorities_,
                [&](const IdlePriority& idle) { return idle.stream_id <= peer_last_id_; });
  for (IdlePriority& idle : idle_priorities_) {
    if (idle.stream_id != id) continue;
    idle.priority = priority;
    return kNoFault;
  }
  if (idle_priorities_.size() + remote_streams_count() >= limits_.concurrent_streams_max) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY_UPDATE of too many streams");
  }
  idle_priorities_.push_back({id, priority});
  return kNoFault;
}

// The frame was sent before the request, and yet it counts for more than the request's own field.
// Spec: RFC 9218 §7
PENSTOCK_COLD void Connection::TakePriority(Stream& stream) {
  std::optional<Priority> updated;
  std::erase_if(idle_priorities_, [&](const IdlePriority& idle) {
    if (idle.stream_id == stream.id) updated = idle.priority;
    return idle.stream_id <= stream.id;  // the lower ones will never be opened
  });
  if (updated) return SetPriority(stream, *updated);
  if (!head().has_priority) return;
  Priority priority;
  bool is_valid = false;
  for (const HeaderField& field : fields()) {
    if (field.token != FieldName::kPriority) continue;
    is_valid = ParsePriority(field.value, &priority) || is_valid;
  }
  if (is_valid) SetPriority(stream, priority);
}

void Connection::SetPriority(Stream& stream, const Priority& priority) {
  scheduler_.SetPriority(&stream, priority);
}

void Connection::SendPriorityUpdate(Stream& stream, const Priority& priority) {
  const bool will_come = !stream.state.remote_ended() || stream.state.reserved_remote();
  if (role_ == Role::kServer || !will_come) return;
  const std::string text = PriorityText(priority);
  const auto payload_bytes = static_cast<uint32_t>(kStreamIdBytes + text.size());
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + payload_bytes);
  uint8_t* at = StoreFrameHeader(frame, {payload_bytes, FrameType::kPriorityUpdate, 0, 0});
  wire::StoreBig32(at, stream.id);
  std::copy(text.begin(), text.end(), at + kStreamIdBytes);
  output_.Commit(kFrameHeaderBytes + payload_bytes);
}

}  // namespace penstock::http2
