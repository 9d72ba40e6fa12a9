// Every bound of an HTTP/2 connection in one place: value, unit, what it stops, what is sent when
// it is hit.
#ifndef PENSTOCK_HTTP2_LIMITS_H_
#define PENSTOCK_HTTP2_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "penstock/http2/flow_window.h"
#include "penstock/http2/frame.h"
#include "penstock/http2/hpack_table.h"
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
  // matter); past header_list_close_factor times the octets, GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t header_list_bytes_advertised = 8 * 1024;
  uint32_t header_list_bytes_max = 16 * 1024;  // HPACK bomb, "fat"
  uint32_t header_fields_max = 128;            // HPACK bomb, "thin"; cookie crumbs count
  uint32_t header_list_close_factor = 4;
  uint64_t HeaderListCloseBytes() const {
    return uint64_t{header_list_bytes_max} * header_list_close_factor;
  }

  // An encoded header block and the CONTINUATION frames it may use (CONTINUATION flood).
  // Past either: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t header_block_bytes_max = 64 * 1024;
  uint32_t continuations_max = 8;

  // From the HEADERS frame to END_HEADERS, and as long for its own octets. Past it:
  // GOAWAY(ENHANCE_YOUR_CALM).
  TimeNs header_block_timeout_ns = 10 * kNsPerSecond;

  // From the first octet of any other frame to its last, or of DATA to the end of its frame header:
  // so long may half a frame hold a slab. Past it: GOAWAY(ENHANCE_YOUR_CALM).
  TimeNs frame_timeout_ns = 10 * kNsPerSecond;

  // Entries of one SETTINGS frame, and such frames a second (settings flood).
  // Past either: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t settings_entries_max = 32;
  uint32_t settings_per_second_max = 50;

  // RST_STREAM received before the response has ended (rapid reset): a bucket that holds `burst`
  // and regains so many a second. Besides, of the streams of one second that the peer opened, at
  // most this share may be reset within it; fewer than resets_share_streams_min count as that many.
  // An honest client that cancels 80 calls a second reaches neither. Past either:
  // GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t resets_received_burst = 1000;
  uint32_t resets_received_per_second = 100;
  uint32_t resets_share_streams_min = 500;
  uint32_t resets_share_percent_max = 50;

  // RST_STREAM that the peer's faults make us send (MadeYouReset, reset flood), a bucket again.
  // Past it: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t fault_resets_burst = 200;
  uint32_t fault_resets_per_second = 33;

  // What is odd and yet no fault: resets and heads of streams that are gone, streams past
  // concurrent_streams_max, SETTINGS acknowledged twice, a GOAWAY again. DATA in flight after a
  // reset of ours is not. Past it: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t glitches_burst = 1000;
  uint32_t glitches_per_second = 100;

  // DATA and CONTINUATION frames of a connection that carry nothing and end nothing (empty frames
  // flood). Past it: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t empty_frames_max = 100;
  // A DATA frame of n octets, n below small_data_bytes, that does not end its stream takes
  // small_data_bytes - n of the budget until the application has read it: flow control bounds
  // octets, not frames. Past it: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t small_data_bytes = 256;
  uint32_t small_data_budget = 25'600;

  // WINDOW_UPDATE frames of a connection: base + per_frame * (streams + data_factor * DATA frames
  // that we sent); PRIORITY frames: per stream * (1 + streams), of the streams opened so far
  // (resource loop, data dribble). Past either: GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t window_updates_base = 5;
  uint32_t window_updates_per_frame = 2;
  uint32_t window_updates_data_factor = 10;
  uint32_t priorities_per_stream_max = 100;

  // PINGs to a server that come sooner after the last one than that are strikes: with streams open,
  // and without. HEADERS or DATA sent in between set the count back. Past it:
  // GOAWAY(ENHANCE_YOUR_CALM), which gRPC's clients know by the debug data "too_many_pings".
  uint32_t ping_strikes_max = 2;
  TimeNs ping_interval_min_ns = 300 * kNsPerSecond;
  TimeNs ping_interval_idle_min_ns = 7200 * kNsPerSecond;

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
  // should stop reading (a peer that does not read its answers: ping flood, reset flood). Messages
  // of streams that were reset count in full while an octet of theirs is unsent.
  size_t output_bytes_max = 1024 * 1024;

  // Frames of ours that the peer causes and has not taken yet: acknowledgements, RST_STREAM,
  // WINDOW_UPDATE, answers without a body (ping, settings and reset floods). Past it the driver
  // stops reading; when that lasts and nothing is written, GOAWAY(ENHANCE_YOUR_CALM).
  uint32_t control_frames_queued_max = 1000;
  TimeNs control_frames_stuck_timeout_ns = 20 * kNsPerSecond;

  // Slow peers. A stream with DATA ready must let this many octets pass in that time, or is reset
  // with CANCEL: WINDOW_UPDATE alone does not help (data dribble, HPACK bombs held for ever). A
  // connection with output must take some of it in that time, or is closed.
  uint32_t stalled_stream_bytes_min = 1024;
  TimeNs stalled_stream_timeout_ns = 30 * kNsPerSecond;
  TimeNs stalled_connection_timeout_ns = 60 * kNsPerSecond;
  // Inside a message, with the windows open, the next octet must come in that time, or the stream
  // is reset with CANCEL.
  TimeNs slow_request_timeout_ns = 30 * kNsPerSecond;

  // From the start of the connection to the peer's preface and first SETTINGS, and from our
  // SETTINGS to its acknowledgement. Past it: GOAWAY(SETTINGS_TIMEOUT) and close; a peer that
  // has not said what it speaks is closed without a word.
  TimeNs preface_timeout_ns = 10 * kNsPerSecond;
  TimeNs settings_ack_timeout_ns = 10 * kNsPerSecond;
};

// Whether SETTINGS may say so (RFC 9113 §6.5.2, §6.9.1), and HPACK's table can be as large.
inline bool IsValid(const Limits& limits) {
  return limits.stream_window_bytes <= kWindowBytesLimit &&
         limits.connection_window_bytes <= kWindowBytesLimit &&
         limits.frame_payload_bytes_max >= kFramePayloadBytesDefault &&
         limits.frame_payload_bytes_max <= kFramePayloadBytesLimit &&
         limits.decoder_table_bytes <= kHpackTableBytesCeiling;
}

inline uint32_t ConnectionWindowBytes(const Limits& limits) {
  return limits.connection_window_bytes > kWindowBytesDefault ? limits.connection_window_bytes
                                                              : kWindowBytesDefault;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_LIMITS_H_
