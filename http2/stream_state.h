// The life of a stream.
//
//                      send/receive HEADERS
//              idle ───────────────────────────► open
//                                                │  │
//                       local END_STREAM  ┌──────┘  └──────┐  remote END_STREAM
//                                         ▼                ▼
//                          half-closed (local)      half-closed (remote)
//                                         │                │
//                      remote END_STREAM  └──────┐  ┌──────┘  local END_STREAM
//                                                ▼  ▼
//                        RST_STREAM, any state ► closed
//
// Idle and closed streams have no object: an id above the highest one opened is idle, one below it
// without an object is closed.
//
// Spec: RFC 9113 §5.1
#ifndef PENSTOCK_HTTP2_STREAM_STATE_H_
#define PENSTOCK_HTTP2_STREAM_STATE_H_

#include <cstdint>

namespace penstock::http2 {

class StreamState {
 public:
  bool local_ended() const { return (ended_ & kLocal) != 0; }
  bool remote_ended() const { return (ended_ & kRemote) != 0; }
  bool closed() const { return ended_ == (kLocal | kRemote); }

  void EndLocal() { ended_ |= kLocal; }
  void EndRemote() { ended_ |= kRemote; }
  void Reset() { ended_ = kLocal | kRemote; }

 private:
  static constexpr uint8_t kLocal = 1;
  static constexpr uint8_t kRemote = 2;
  uint8_t ended_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_STREAM_STATE_H_
