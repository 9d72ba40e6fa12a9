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
  settings.push_enabled = role == Role::kServer;
  if (role == Role::kServer) settings.concurrent_streams_max = limits.concurrent_streams_max;
  settings.initial_window_bytes = limits.stream_window_bytes;
  settings.frame_payload_bytes_max = limits.frame_payload_bytes_max;
  settings.header_list_bytes_max = limits.header_list_bytes_advertised;
  return settings;
}

constexpr size_t kGoAwayDebugBytesMax = 1024;

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
      receive_window_(ConnectionWindowBytes(limits)) {
  reader_.set_payload_bytes_max(limits.frame_payload_bytes_max);
}

Connection::~Connection() {
  workspace_->latest_block.ForgetOf(this);
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
  return failed_ ? kTimeNever : std::min(handshake_expiry(), queued_expiry_);
}

TimeNs Connection::handshake_expiry() const {
  if (settings_acked_) return kTimeNever;
  return SaturatingAdd(started_at_, settings_received_ ? limits_.settings_ack_timeout_ns
                                                       : limits_.preface_timeout_ns);
}

Event Connection::NextEvent() {
  if (PENSTOCK_UNLIKELY(release_next_ != nullptr)) {
    ReleaseStream(*release_next_);
    release_next_ = nullptr;
  }
  if (PENSTOCK_UNLIKELY(failed_)) return {};
  if (PENSTOCK_UNLIKELY(preface_matched_bytes_ < kClientPreface.size())) {
    if (const Error error = ReceivePreface()) return Fail(error);
  }
  for (;;) {
    switch (reader_.Next()) {
      case FrameReader::Result::kNeedMore:
        return {};
      case FrameReader::Result::kTooLarge:
        return Fail(ConnectionError(ErrorCode::kFrameSizeError, "a frame above MAX_FRAME_SIZE"));
      case FrameReader::Result::kFrame:
        break;
    }
    Event event;
    const Error error = ReceiveFrame(&event);
    if (PENSTOCK_UNLIKELY(static_cast<bool>(error))) {
      if (error.scope == ErrorScope::kConnection) return Fail(error);
      event = ResetForFault(error);
    }
    if (event.kind != Event::Kind::kNone) return event;
  }
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
      return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE, which was not allowed");
    case FrameType::kPing:
      return ReceivePing(event);
    case FrameType::kGoAway:
      return ReceiveGoAway(event);
    case FrameType::kWindowUpdate:
      return ReceiveWindowUpdate();
    case FrameType::kContinuation:
      return ReceiveContinuation(event);
  }
  return kNoFault;  // unknown types are ignored: RFC 9113 §5.5
}

Error Connection::ReceiveSettings(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id != 0) {
    return ConnectionError(ErrorCode::kProtocolError, "SETTINGS on a stream");
  }
  if (frame.has(flags::kAck)) {
    if (frame.payload_bytes != 0) {
      return ConnectionError(ErrorCode::kFrameSizeError, "a SETTINGS acknowledgement with entries");
    }
    if (!settings_received_) {
      return ConnectionError(ErrorCode::kProtocolError, "the first frame is not SETTINGS");
    }
    if (!settings_acked_) ApplyLocalSettings();
    settings_acked_ = true;
    return kNoFault;
  }
  if (frame.payload_bytes % kSettingBytes != 0) {
    return ConnectionError(ErrorCode::kFrameSizeError, "SETTINGS is not a multiple of 6 octets");
  }
  if (frame.payload_bytes / kSettingBytes > limits_.settings_entries_max) {
    return ConnectionError(ErrorCode::kEnhanceYourCalm, "settings_entries_max");
  }
  if (const Error error = ApplySettings(reader_.payload())) return error;
  settings_received_ = true;
  uint8_t* ack = output_.Reserve(kFrameHeaderBytes);
  StoreFrameHeader(ack, {0, FrameType::kSettings, flags::kAck, 0});
  output_.Commit(kFrameHeaderBytes);
  event->kind = Event::Kind::kSettings;
  return kNoFault;
}

// The peer has seen our SETTINGS: now it keeps to what is below the defaults, if anything is.
void Connection::ApplyLocalSettings() {
  decoder_.SetTableBytesMax(limits_.decoder_table_bytes);
  workspace_->latest_block.ForgetOf(this);
  const int64_t change = int64_t{limits_.stream_window_bytes} - StreamWindowBytes();
  if (change == 0) return;
  streams_.ForEach([change](Stream& stream) { (void)stream.receive_window.Grant(change); });
}

// What a stream that opens now may receive. Until the peer has seen our SETTINGS it assumes the
// default. Spec: RFC 9113 §6.9.2
uint32_t Connection::StreamWindowBytes() const {
  if (settings_acked_) return limits_.stream_window_bytes;
  return std::max(limits_.stream_window_bytes, kWindowBytesDefault);
}

Error Connection::ApplySettings(wire::Bytes entries) {
  for (; !entries.empty(); entries = entries.subspan(kSettingBytes)) {
    const int64_t window_before = peer_settings_.initial_window_bytes;
    const uint16_t id = wire::LoadBig16(entries.data());
    if (role_ == Role::kClient && id == static_cast<uint16_t>(SettingId::kEnablePush) &&
        wire::LoadBig32(entries.data() + 2) != 0) {
      return ConnectionError(ErrorCode::kProtocolError, "a server sets ENABLE_PUSH");
    }
    if (const Error error =
            ApplySetting(id, wire::LoadBig32(entries.data() + 2), &peer_settings_)) {
      return error;
    }
    if (id == static_cast<uint16_t>(SettingId::kHeaderTableSize)) {
      encoder_.SetPeerTableBytesMax(peer_settings_.header_table_bytes);
    }
    // Spec: RFC 9113 §6.9.2: the difference applies to every open stream; see flow_window.h.
    const int64_t change = peer_settings_.initial_window_bytes - window_before;
    if (change == 0) continue;
    bool overflow = false;
    streams_.ForEach([&](Stream& stream) {
      overflow = overflow || !stream.send_window.Grant(change);
      if (!stream.queued.empty() && stream.send_window.available() > 0) scheduler_.Add(&stream);
    });
    if (overflow) {
      return ConnectionError(ErrorCode::kFlowControlError,
                             "INITIAL_WINDOW_SIZE makes a stream's window exceed 2^31-1");
    }
  }
  return kNoFault;
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
  return kNoFault;
}

Error Connection::ReceiveGoAway(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id != 0) return ConnectionError(ErrorCode::kProtocolError, "GOAWAY on a stream");
  if (frame.payload_bytes < 8) {
    return ConnectionError(ErrorCode::kFrameSizeError, "GOAWAY is shorter than 8 octets");
  }
  const uint32_t last_id = wire::LoadBig32(reader_.payload().data()) & kStreamIdMax;
  if (last_id > peer_goaway_id_) {
    return ConnectionError(ErrorCode::kProtocolError, "GOAWAY raises its last stream id");
  }
  peer_goaway_id_ = last_id;
  goaway_received_ = true;
  event->kind = Event::Kind::kGoAway;
  event->error = {ErrorScope::kConnection, Initiator::kPeer,
                  static_cast<ErrorCode>(wire::LoadBig32(reader_.payload().data() + 4)), "GOAWAY"};
  return kNoFault;
}

PENSTOCK_COLD Event Connection::Fail(const Error& error) {
  SendGoAway(error.code, error.text);
  failed_ = true;
  Event event;
  event.kind = Event::Kind::kConnectionError;
  event.error = error;
  return event;
}

Event Connection::Expire(TimeNs now) {
  now_ = now;
  if (now < next_expiry() || failed_) return {};
  if (now < handshake_expiry()) {
    ExpireQueued();
    return {};
  }
  return Fail(ConnectionError(ErrorCode::kSettingsTimeout,
                              settings_received_ ? "settings_ack_timeout" : "preface_timeout"));
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

void Connection::SendGoAway(ErrorCode code, std::string_view debug) {
  debug = debug.substr(0, kGoAwayDebugBytesMax);
  const auto payload_bytes = static_cast<uint32_t>(8 + debug.size());
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + payload_bytes);
  uint8_t* p = StoreFrameHeader(frame, {payload_bytes, FrameType::kGoAway, 0, 0});
  // It never rises again: RFC 9113 §6.8. To a server it is 0, for clients refuse pushed streams.
  goaway_id_ = std::min(goaway_id_, peer_last_id_);
  wire::StoreBig32(p, goaway_id_);
  wire::StoreBig32(p + 4, static_cast<uint32_t>(code));
  if (!debug.empty()) std::memcpy(p + 8, debug.data(), debug.size());
  output_.Commit(kFrameHeaderBytes + payload_bytes);
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
}

void Connection::WriteReset(uint32_t stream_id, ErrorCode code) {
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + 4);
  StoreFrameHeader(frame, {4, FrameType::kRstStream, 0, stream_id});
  wire::StoreBig32(frame + kFrameHeaderBytes, static_cast<uint32_t>(code));
  output_.Commit(kFrameHeaderBytes + 4);
  RememberReset(stream_id);
}

}  // namespace penstock::http2
