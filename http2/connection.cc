#include "penstock/http2/connection.h"

#include <algorithm>
#include <cstring>

#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

// What we announce; `push_enabled` stays at its default for a server, for which it means nothing.
Settings LocalSettings(Role role, const Limits& limits) {
  Settings settings;
  settings.header_table_bytes = limits.decoder_table_bytes;
  settings.push_enabled = role == Role::kServer || limits.push_enabled;
  if (settings.push_enabled) settings.concurrent_streams_max = limits.concurrent_streams_max;
  settings.initial_window_bytes = limits.stream_window_bytes;
  settings.frame_payload_bytes_max = limits.frame_payload_bytes_max;
  settings.header_list_bytes_max = limits.header_list_bytes_advertised;
  settings.no_rfc7540_priorities = true;
  return settings;
}

// The first octets of a server that speaks HTTP/1.1, "HTTP", are a length and a type.
PENSTOCK_COLD const char* TextOfTooLarge(const FrameHeader& header, bool is_first) {
  const bool is_http1 = is_first && header.payload_bytes == 0x485454 &&
                        header.type == static_cast<FrameType>('P');
  return is_http1 ? "an answer in HTTP/1.1" : "a frame above MAX_FRAME_SIZE";
}

}  // namespace

Connection::Connection(Role role, const Limits& limits, Workspace* workspace,
                       FieldClassifier classifier)
    : role_(role),
      limits_(limits),
      workspace_(workspace),
      reader_(workspace->slabs),
      decoder_(std::max(limits.decoder_table_bytes, Settings{}.header_table_bytes), classifier),
      encoder_(limits.encoder_table_bytes_max),
      output_(workspace->slabs),
      receive_window_(ConnectionWindowBytes(limits)),
      local_next_id_(role == Role::kClient ? 1 : 2) {
  if (role == Role::kClient) {
    peer_settings_.concurrent_streams_max = limits.streams_before_settings_max;
  }
  PENSTOCK_CHECK(IsValid(limits), "limits that can be announced");
  reader_.set_payload_bytes_max(limits.frame_payload_bytes_max);
}

Connection::~Connection() {
  workspace_->blocks.ForgetOf(this);
  streams_.ForEach([this](Stream& stream) { workspace_->streams.Delete(&stream); });
}

void Connection::Start(TimeNs now) {
  started_at_ = now_ = now;
  if (role_ == Role::kClient) {
    output_.Append(wire::AsBytes(kClientPreface));
    preface_matched_bytes_ = kClientPreface.size();  // a server's preface is its SETTINGS alone
  }
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + kSettingsPayloadBytesMax);
  uint8_t* end =
      EncodeSettings(frame + kFrameHeaderBytes, LocalSettings(role_, limits_), Settings{});
  const auto payload_bytes = static_cast<uint32_t>(end - frame - kFrameHeaderBytes);
  StoreFrameHeader(frame, {payload_bytes, FrameType::kSettings, 0, 0});
  output_.Commit(kFrameHeaderBytes + payload_bytes);
  if (limits_.connection_window_bytes > kWindowBytesDefault) {
    WriteWindowUpdate(0, limits_.connection_window_bytes - kWindowBytesDefault);
  }
}

void Connection::Receive(wire::Bytes bytes, TimeNs now) {
  now_ = now;
  reader_.Push(bytes);
}

TimeNs Connection::next_expiry() const {
  return failed_ ? kTimeNever : std::min({handshake_expiry(), queued_expiry_, watch_at_});
}

TimeNs Connection::handshake_expiry() const {
  if (settings_acked_) return kTimeNever;
  return SaturatingAdd(started_at_, settings_received_ ? limits_.settings_ack_timeout_ns
                                                       : limits_.preface_timeout_ns);
}

// The event is written where the caller has it, never copied: a copy of what has just been written
// waits for it. Bench: `tools/bench --generators`.
Event Connection::NextEvent() {
  Event event;
  if (PENSTOCK_UNLIKELY(release_next_ != nullptr)) {
    ReleaseStream(*release_next_);
    release_next_ = nullptr;
  }
  if (PENSTOCK_UNLIKELY(detour_)) {
    event = TakeDetour();
    if (failed_ || event.kind != Event::Kind::kNone) return event;
  }
  if (PENSTOCK_UNLIKELY(preface_matched_bytes_ < kClientPreface.size())) {
    if (const Error error = ReceivePreface()) {
      event = Fail(error);
      return event;
    }
  }
  for (;;) {
    switch (reader_.Next()) {
      case FrameReader::Result::kNeedMore:
        if (PENSTOCK_UNLIKELY(reader_.cut_frames_count() != cut_frames_count_)) NoteCutFrame();
        if (PENSTOCK_UNLIKELY(watch_at_ == kTimeNever)) BeginWatch();
        return event;
      case FrameReader::Result::kTooLarge:
        event = Fail(ConnectionError(ErrorCode::kFrameSizeError,
                                     TextOfTooLarge(reader_.header(), !settings_received_)));
        return event;
      case FrameReader::Result::kFrame:
        break;
    }
    if (const Error error = ReceiveFrame(&event); PENSTOCK_UNLIKELY(static_cast<bool>(error))) {
      event = error.scope == ErrorScope::kConnection
                  ? Fail(error)
                  : ResetForFault(reader_.header().stream_id, error);
      if (error.scope == ErrorScope::kConnection) return event;
    }
    if (event.kind != Event::Kind::kNone) return event;
    event = {};
  }
}

// What became of streams while no frame of theirs was handled: told one by one.
PENSTOCK_COLD Event Connection::TakeDetour() {
  Event event;
  if (failed_) return event;
  if (fault_resets_exceeded_) return Fail(Trip(Limit::kFaultResets));
  while (Stream* stream = failed_locally_) {
    failed_locally_ = stream->ready_next;
    TellReset(*stream,
              stream->timed_out
                  ? Error{ErrorScope::kStream, Initiator::kLocal, ErrorCode::kCancel,
                          "the peer is too slow"}
                  : Error{ErrorScope::kStream, Initiator::kLocal, ErrorCode::kInternalError,
                          "a head above the peer's MAX_HEADER_LIST_SIZE"},
              &event);
    if (event.kind != Event::Kind::kNone) return event;
  }
  while (!unprocessed_ids_.empty()) {
    Stream* stream = streams_.Find(unprocessed_ids_.back());
    unprocessed_ids_.pop_back();
    if (stream == nullptr) continue;
    TellReset(*stream,
              {ErrorScope::kStream, Initiator::kPeer, ErrorCode::kRefusedStream,
               "above the last stream of GOAWAY"},
              &event);
    if (event.kind != Event::Kind::kNone) return event;
  }
  detour_ = false;
  return event;
}

Error Connection::ReceivePreface() {
  wire::Bytes input = reader_.TakeRaw(kClientPreface.size() - preface_matched_bytes_);
  const auto want = wire::AsBytes(kClientPreface).subspan(preface_matched_bytes_, input.size());
  if (!std::equal(input.begin(), input.end(), want.begin())) {
    return ConnectionError(ErrorCode::kProtocolError, "the connection preface is not HTTP/2's");
  }
  preface_matched_bytes_ += static_cast<uint8_t>(input.size());
  return kNoFault;
}

Error Connection::ReceiveFrame(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (PENSTOCK_UNLIKELY(!settings_received_) && frame.type != FrameType::kSettings) {
    return ConnectionError(ErrorCode::kProtocolError, "the first frame is not SETTINGS");
  }
  if (PENSTOCK_UNLIKELY(block_stream_id_ != 0) && frame.type != FrameType::kContinuation) {
    return ConnectionError(ErrorCode::kProtocolError, "a frame inside a header block");
  }
  switch (frame.type) {
    case FrameType::kData:
      return ReceiveData(event);
    case FrameType::kHeaders:
      return ReceiveHeaders(event);
    case FrameType::kPriority:
      return ReceivePriority();
    case FrameType::kRstStream:
      return ReceiveRstStream(event);
    case FrameType::kSettings:
      return ReceiveSettings(event);
    case FrameType::kPushPromise:
      return ReceivePushPromise(event);
    case FrameType::kPing:
      return ReceivePing(event);
    case FrameType::kGoAway:
      return ReceiveGoAway(event);
    case FrameType::kWindowUpdate:
      return ReceiveWindowUpdate();
    case FrameType::kContinuation:
      return ReceiveContinuation(event);
    case FrameType::kPriorityUpdate:
      return ReceivePriorityUpdate();
  }
  return kNoFault;  // unknown types are ignored: RFC 9113 §5.5
}

Error Connection::ReceivePing(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id != 0) return ConnectionError(ErrorCode::kProtocolError, "PING on a stream");
  if (frame.payload_bytes != kPingBytes) {
    return ConnectionError(ErrorCode::kFrameSizeError, "PING is not 8 octets");
  }
  if (frame.has(flags::kAck)) {
    ping_opaque_ = wire::LoadBig64(reader_.payload().data());
    event->kind = Event::Kind::kPingAck;
    return kNoFault;
  }
  uint8_t* ack = output_.Reserve(kFrameHeaderBytes + kPingBytes);
  StoreFrameHeader(ack, {kPingBytes, FrameType::kPing, flags::kAck, 0});
  std::memcpy(ack + kFrameHeaderBytes, reader_.payload().data(), kPingBytes);
  output_.Commit(kFrameHeaderBytes + kPingBytes);
  NoteControlFrame();
  if (role_ == Role::kServer && !meter_.TakePing(limits_, streams_.size() == 0, now_)) {
    return Trip(Limit::kPings);
  }
  return kNoFault;
}

PENSTOCK_COLD Event Connection::Fail(const Error& error) {
  SendGoAway(error.code, error.text);
  failed_ = detour_ = true;
  Event event;
  event.kind = Event::Kind::kConnectionError;
  event.error = error;
  return event;
}

Event Connection::Expire(TimeNs now) {
  now_ = now;
  if (now < next_expiry() || failed_) return {};
  if (now >= handshake_expiry()) {
    const Limit limit = settings_received_ ? Limit::kSettingsAck : Limit::kPreface;
    CountTrip(limit);
    return Fail(ConnectionError(ErrorCode::kSettingsTimeout, NameOf(limit)));
  }
  if (now >= queued_expiry_) ExpireQueued();
  return now >= watch_at_ ? Watch() : Event{};
}

// A deadline holds for answers that a closed window keeps here, too.
void Connection::ExpireQueued() {
  queued_expiry_ = kTimeNever;
  streams_.ForEach([this](Stream& stream) {
    if (stream.queued.empty() || stream.user != nullptr) return;
    if (stream.expires_at <= now_) return SendReset(stream, ErrorCode::kCancel);
    queued_expiry_ = std::min(queued_expiry_, stream.expires_at);
  });
}

void Connection::SendPing(uint64_t opaque) {
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + kPingBytes);
  StoreFrameHeader(frame, {kPingBytes, FrameType::kPing, 0, 0});
  wire::StoreBig64(frame + kFrameHeaderBytes, opaque);
  output_.Commit(kFrameHeaderBytes + kPingBytes);
}

void Connection::WriteWindowUpdate(uint32_t stream_id, uint32_t bytes) {
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + 4);
  StoreFrameHeader(frame, {4, FrameType::kWindowUpdate, 0, stream_id});
  wire::StoreBig32(frame + kFrameHeaderBytes, bytes);
  output_.Commit(kFrameHeaderBytes + 4);
  NoteControlFrame();
}

void Connection::WriteReset(uint32_t stream_id, ErrorCode code) {
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + 4);
  StoreFrameHeader(frame, {4, FrameType::kRstStream, 0, stream_id});
  wire::StoreBig32(frame + kFrameHeaderBytes, static_cast<uint32_t>(code));
  output_.Commit(kFrameHeaderBytes + 4);
  NoteControlFrame();
  RememberReset(stream_id);
}

}  // namespace penstock::http2
