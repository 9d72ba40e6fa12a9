// SETTINGS: what the peer allows, and when it has seen what we allow.
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

// A field adds name + value + 16 octets to the bound of WriteHeaderBlock(), and name + value + 32
// to the header list: never more than twice as much.
void Connection::ApplyHeaderListBytesMax() {
  head_bound_bytes_max_ =
      std::min<size_t>(kFramePayloadBytesDefault, peer_settings_.header_list_bytes_max / 2);
  encoder_.EndGeneration();  // prepared blocks may be too large now
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
    if (PENSTOCK_UNLIKELY(settings_acked_)) return MeterGlitch();
    ApplyLocalSettings();
    settings_acked_ = true;
    return kNoFault;
  }
  if (frame.payload_bytes % kSettingBytes != 0) {
    return ConnectionError(ErrorCode::kFrameSizeError, "SETTINGS is not a multiple of 6 octets");
  }
  if (frame.payload_bytes / kSettingBytes > limits_.settings_entries_max) {
    return Trip(Limit::kSettingsEntries);
  }
  if (!meter_.TakeSettings(limits_, now_)) return Trip(Limit::kSettingsRate);
  if (!settings_received_) peer_settings_.concurrent_streams_max = kUnlimited;  // unless it says so
  if (const Error error = ApplySettings(reader_.payload())) return error;
  settings_received_ = true;
  uint8_t* ack = output_.Reserve(kFrameHeaderBytes);
  StoreFrameHeader(ack, {0, FrameType::kSettings, flags::kAck, 0});
  output_.Commit(kFrameHeaderBytes);
  NoteControlFrame();
  event->kind = Event::Kind::kSettings;
  return kNoFault;
}

// The peer has seen our SETTINGS: now it keeps to what is below the defaults, if anything is.
void Connection::ApplyLocalSettings() {
  decoder_.SetTableBytesMax(limits_.decoder_table_bytes);
  workspace_->blocks.ForgetOf(this);
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
    if (id == static_cast<uint16_t>(SettingId::kMaxHeaderListSize)) ApplyHeaderListBytesMax();
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

}  // namespace penstock::http2
