// Event: what a peer did, as Connection::NextEvent() tells it.
#ifndef PENSTOCK_HTTP2_EVENT_H_
#define PENSTOCK_HTTP2_EVENT_H_

#include <cstdint>

#include "penstock/http2/error.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

struct Stream;

struct Event {
  enum class Kind : uint8_t {
    kNone,             // nothing more until more bytes are received
    kHead,             // a request's head, or a response's; see fields() and head()
    kInformational,    // a 1xx head before the response's
    kHeadTooLarge,     // a head past the limits: its fields are gone, the stream is open
    kData,             // a piece of DATA; the application returns its credit
    kTrailers,         // fields() after the DATA; ends the peer's half
    kPushPromise,      // client: `stream` will carry the response to the request in fields()
    kStreamReset,      // the stream is gone, `error` says by whom and why
    kSettings,         // the peer's settings changed: peer_settings()
    kPingAck,          // our PING came back: ping_opaque()
    kGoAway,           // the peer will take no more streams: peer_last_stream_id()
    kConnectionError,  // a GOAWAY with `error` is in the output; send it, then close
  };

  Kind kind = Kind::kNone;
  bool end_stream = false;   // kHead, kHeadTooLarge, kData, kTrailers: the peer's half is over
  Error error;               // kStreamReset, kGoAway, kConnectionError
  Stream* stream = nullptr;  // kHead .. kStreamReset
  // kData: views the bytes given to Receive(); empty with end_stream alone. kGoAway: its debug
  // data, until the next NextEvent().
  wire::Bytes data;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_EVENT_H_
