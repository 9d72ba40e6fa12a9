// The nine octets before every HTTP/2 frame, its types and flags.
//
// Spec: RFC 9113 §4.1, §6
#ifndef PENSTOCK_HTTP2_FRAME_H_
#define PENSTOCK_HTTP2_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/wire/endian.h"

namespace penstock::http2 {

enum class FrameType : uint8_t {
  kData = 0x0,
  kHeaders = 0x1,
  kPriority = 0x2,
  kRstStream = 0x3,
  kSettings = 0x4,
  kPushPromise = 0x5,
  kPing = 0x6,
  kGoAway = 0x7,
  kWindowUpdate = 0x8,
  kContinuation = 0x9,
  kPriorityUpdate = 0x10,  // RFC 9218 §7.1
};

namespace flags {
inline constexpr uint8_t kAck = 0x1;         // SETTINGS, PING
inline constexpr uint8_t kEndStream = 0x1;   // DATA, HEADERS
inline constexpr uint8_t kEndHeaders = 0x4;  // HEADERS, PUSH_PROMISE, CONTINUATION
inline constexpr uint8_t kPadded = 0x8;      // DATA, HEADERS, PUSH_PROMISE
inline constexpr uint8_t kPriority = 0x20;   // HEADERS
}  // namespace flags

inline constexpr size_t kFrameHeaderBytes = 9;
inline constexpr size_t kPriorityBytes = 5;
inline constexpr size_t kSettingBytes = 6;
inline constexpr size_t kPingBytes = 8;
inline constexpr size_t kStreamIdBytes = 4;
inline constexpr uint32_t kStreamIdMax = 0x7fff'ffff;

// Spec: RFC 9113 §4.2: every endpoint can take this much; §6.5.2 bounds what SETTINGS may ask for.
inline constexpr uint32_t kFramePayloadBytesDefault = 16'384;
inline constexpr uint32_t kFramePayloadBytesLimit = 16'777'215;

// Spec: RFC 9113 §3.4
inline constexpr std::string_view kClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct FrameHeader {
  uint32_t payload_bytes = 0;
  FrameType type = FrameType::kData;
  uint8_t flags = 0;
  uint32_t stream_id = 0;  // the reserved bit is dropped

  bool has(uint8_t flag) const { return (flags & flag) != 0; }
};

// `p` has kFrameHeaderBytes octets.
inline FrameHeader LoadFrameHeader(const uint8_t* p) {
  return {wire::LoadBig24(p), static_cast<FrameType>(p[3]), p[4],
          wire::LoadBig32(p + 5) & kStreamIdMax};
}

// Writes kFrameHeaderBytes octets and returns the one after them.
inline uint8_t* StoreFrameHeader(uint8_t* p, const FrameHeader& header) {
  wire::StoreBig24(p, header.payload_bytes);
  p[3] = static_cast<uint8_t>(header.type);
  p[4] = header.flags;
  wire::StoreBig32(p + 5, header.stream_id);
  return p + kFrameHeaderBytes;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_FRAME_H_
