#include "penstock/http2/settings.h"

#include "penstock/wire/endian.h"

namespace penstock::http2 {

Error ApplySetting(uint16_t id, uint32_t value, Settings* settings) {
  switch (static_cast<SettingId>(id)) {
    case SettingId::kHeaderTableSize:
      settings->header_table_bytes = value;
      return kNoFault;
    case SettingId::kEnablePush:
      if (value > 1) {
        return ConnectionError(ErrorCode::kProtocolError, "ENABLE_PUSH is neither 0 nor 1");
      }
      settings->push_enabled = value == 1;
      return kNoFault;
    case SettingId::kMaxConcurrentStreams:
      settings->concurrent_streams_max = value;
      return kNoFault;
    case SettingId::kInitialWindowSize:
      if (value > kWindowBytesLimit) {
        return ConnectionError(ErrorCode::kFlowControlError, "INITIAL_WINDOW_SIZE above 2^31-1");
      }
      settings->initial_window_bytes = value;
      return kNoFault;
    case SettingId::kMaxFrameSize:
      if (value < kFramePayloadBytesDefault || value > kFramePayloadBytesLimit) {
        return ConnectionError(ErrorCode::kProtocolError, "MAX_FRAME_SIZE out of 16384..16777215");
      }
      settings->frame_payload_bytes_max = value;
      return kNoFault;
    case SettingId::kMaxHeaderListSize:
      settings->header_list_bytes_max = value;
      return kNoFault;
    case SettingId::kNoRfc7540Priorities:
      if (value > 1) {
        return ConnectionError(ErrorCode::kProtocolError,
                               "NO_RFC7540_PRIORITIES is neither 0 nor 1");
      }
      settings->no_rfc7540_priorities = value == 1;
      return kNoFault;
  }
  return kNoFault;
}

uint8_t* EncodeSettings(uint8_t* p, const Settings& wanted, const Settings& known) {
  const auto entry = [&p](SettingId id, uint32_t value, uint32_t known_value) {
    if (value == known_value) return;
    wire::StoreBig16(p, static_cast<uint16_t>(id));
    wire::StoreBig32(p + 2, value);
    p += kSettingBytes;
  };
  entry(SettingId::kHeaderTableSize, wanted.header_table_bytes, known.header_table_bytes);
  entry(SettingId::kEnablePush, wanted.push_enabled, known.push_enabled);
  entry(SettingId::kMaxConcurrentStreams, wanted.concurrent_streams_max,
        known.concurrent_streams_max);
  entry(SettingId::kInitialWindowSize, wanted.initial_window_bytes, known.initial_window_bytes);
  entry(SettingId::kMaxFrameSize, wanted.frame_payload_bytes_max, known.frame_payload_bytes_max);
  entry(SettingId::kMaxHeaderListSize, wanted.header_list_bytes_max, known.header_list_bytes_max);
  entry(SettingId::kNoRfc7540Priorities, wanted.no_rfc7540_priorities, known.no_rfc7540_priorities);
  return p;
}

}  // namespace penstock::http2
