// Every bound of an HTTP/2 connection in one place: value, unit, what it stops, what is sent when
// it is hit.
#ifndef PENSTOCK_HTTP2_LIMITS_H_
#define PENSTOCK_HTTP2_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "penstock/http2/flow_window.h"
#include "penstock/http2/frame.h"
#include "penstock/wire/time.h"

namespace penstock::http2 {

struct Limits {
  // Streams the peer may have open at once: SETTINGS_MAX_CONCURRENT_STREAMS. To a client these are
  // the pushed ones, from their promise on. So many requests may have a priority before they come,
  // those that are open counted.
  // Past it: RST_STREAM(REFUSED_STREAM); of priorities GOAWAY(PROTOCOL_ERROR), RFC 9218 §7.1.
  uint32_t concurrent_streams_max = 100;

  // Client: streams open at once before the server's SETTINGS say how many it takes, so that not
  // many are refused.
  uint32_t streams_before_settings_max = 100;

  // Client: takes pushed streams (SETTINGS_ENABLE_PUSH). Else a PUSH_PROMISE ends the connection:
  // GOAWAY(PROTOCOL_ERROR).
  bool push_enabled = false;

  // A header list as RFC 9113 §6.5.2 counts it: what SETTINGS_MAX_HEADER_LIST_SIZE advises, and
  // what is really taken. Past the hard bounds the head is delivered as too large (one stream's
  // matter).
  uint32_t header_list_bytes_advertised = 8 * 1024;
  uint32_t header_list_bytes_max = 16 * 1024;  // HPACK bomb, "fat"
  uint32_t header_fields_max = 128;            // HPACK bomb, "thin"; cookie crumbs count

  // An encoded header block and the CONTINUATION frames it may use (CONTINUATION flood).
  // Past either: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t header_block_bytes_max = 64 * 1024;
  uint32_t continuations_max = 8;

  // Entries of one SETTINGS frame. Past it: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t settings_entries_max = 32;

  // HPACK tables; the encoder takes the smaller of this and the peer's setting.
  uint32_t decoder_table_bytes = 4096;
  uint32_t encoder_table_bytes_max = 4096;

  // What the peer may send before it needs credit. SETTINGS say nothing about the connection's
  // window: it is never below RFC 9113's 65,535.
  uint32_t stream_window_bytes = 1024 * 1024;
  uint32_t connection_window_bytes = 16 * 1024 * 1024;
  // While less than this lies unread by the application, the connection's window is credited at
  // once, so that one slow stream does not starve the others; beyond it credit follows the reader.
  uint32_t connection_unread_bytes_max = 4 * 1024 * 1024;
  // DATA is credited as it is delivered, and ReturnCredit() is not called: for an application that
  // is always done with it at once, or bounds it otherwise.
  bool automatic_credit = false;

  // A received frame's payload: SETTINGS_MAX_FRAME_SIZE. Past it: GOAWAY(FRAME_SIZE_ERROR). What we
  // send never exceeds kFramePayloadBytesDefault, which every peer takes.
  uint32_t frame_payload_bytes_max = kFramePayloadBytesDefault;

  // Unsent octets of a connection beyond which queued DATA stays in its streams and the driver
  // should stop reading (a peer that does not read its answers: ping flood, reset flood).
  size_t output_bytes_max = 1024 * 1024;

  // From the start of the connection to the peer's preface and first SETTINGS, and from our
  // SETTINGS to its acknowledgement. Past it: GOAWAY(SETTINGS_TIMEOUT) and close; a peer that
  // has not said what it speaks is closed without a word.
  TimeNs preface_timeout_ns = 10 * kNsPerSecond;
  TimeNs settings_ack_timeout_ns = 10 * kNsPerSecond;
};

// Whether SETTINGS may say so: RFC 9113 §6.5.2, §6.9.1.
inline bool IsValid(const Limits& limits) {
  return limits.stream_window_bytes <= kWindowBytesLimit &&
         limits.connection_window_bytes <= kWindowBytesLimit &&
         limits.frame_payload_bytes_max >= kFramePayloadBytesDefault &&
         limits.frame_payload_bytes_max <= kFramePayloadBytesLimit;
}

inline uint32_t ConnectionWindowBytes(const Limits& limits) {
  return limits.connection_window_bytes > kWindowBytesDefault ? limits.connection_window_bytes
                                                              : kWindowBytesDefault;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_LIMITS_H_
