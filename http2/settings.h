// SETTINGS: what each end of a connection allows the other.
//
// Spec: RFC 9113 §6.5
#ifndef PENSTOCK_HTTP2_SETTINGS_H_
#define PENSTOCK_HTTP2_SETTINGS_H_

#include <cstdint>
#include <limits>

#include "penstock/http2/error.h"
#include "penstock/http2/flow_window.h"
#include "penstock/http2/frame.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

enum class SettingId : uint16_t {
  kHeaderTableSize = 0x1,
  kEnablePush = 0x2,
  kMaxConcurrentStreams = 0x3,
  kInitialWindowSize = 0x4,
  kMaxFrameSize = 0x5,
  kMaxHeaderListSize = 0x6,
  kNoRfc7540Priorities = 0x9,  // RFC 9218 §2.1
};

inline constexpr uint32_t kUnlimited = std::numeric_limits<uint32_t>::max();

// The values in force, at first those of RFC 9113 §6.5.2. `*_bytes` are octets.
struct Settings {
  uint32_t header_table_bytes = 4096;
  bool push_enabled = true;
  uint32_t concurrent_streams_max = kUnlimited;
  uint32_t initial_window_bytes = kWindowBytesDefault;
  uint32_t frame_payload_bytes_max = kFramePayloadBytesDefault;
  uint32_t header_list_bytes_max = kUnlimited;
  bool no_rfc7540_priorities = false;
};

// Applies one received entry. Unknown ids are ignored (RFC 9113 §6.5.2).
[[nodiscard]] Error ApplySetting(uint16_t id, uint32_t value, Settings* settings);

// The most octets that EncodeSettings writes.
inline constexpr size_t kSettingsPayloadBytesMax = 7 * kSettingBytes;

// Writes the entries of `wanted` that differ from `known` (what the peer assumes) and returns the
// octet after them.
uint8_t* EncodeSettings(uint8_t* p, const Settings& wanted, const Settings& known);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_SETTINGS_H_
