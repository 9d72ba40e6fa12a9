// The life of a stream.
//
//                              idle
//       send PUSH_PROMISE ┌──── │ ────┐ receive PUSH_PROMISE
//                         ▼     │     ▼
//            reserved (local)   │   reserved (remote)
//                         │     │ send/receive HEADERS
//                         │     ▼     │
//            send HEADERS │   open    │ receive HEADERS
//                         │    ││     │
//                         │    │└─────┤ send END_STREAM
//   receive END_STREAM    ├────┘      │
//                         ▼           ▼
//     half-closed (remote)             half-closed (local)
//                         │           │
//         send END_STREAM └──► closed ◄ receive END_STREAM
//
// and RST_STREAM, sent or received, leads to closed from everywhere but idle.
//
// Idle and closed streams have no object: an id above the highest one opened is idle, one below it
// without an object is closed.
//
// Spec: RFC 9113 §5.1
#ifndef PENSTOCK_HTTP2_STREAM_STATE_H_
#define PENSTOCK_HTTP2_STREAM_STATE_H_

#include <cstdint>

namespace penstock::http2 {

// Invariant: while a stream is reserved both of its halves are shut, so that what asks for an open
// one needs not know of reservations. A head opens the half that a reservation is for.
class StreamState {
 public:
  bool local_ended() const { return (bits_ & kLocal) != 0; }
  bool remote_ended() const { return (bits_ & kRemote) != 0; }
  bool closed() const { return bits_ == (kLocal | kRemote); }
  bool reserved() const { return (bits_ & (kReservedLocal | kReservedRemote)) != 0; }
  bool reserved_local() const { return (bits_ & kReservedLocal) != 0; }
  bool reserved_remote() const { return (bits_ & kReservedRemote) != 0; }

  void EndLocal() { bits_ |= kLocal; }
  void EndRemote() { bits_ |= kRemote; }
  void Reset() { bits_ = kLocal | kRemote; }

  // Of an idle stream.
  void ReserveLocal() { bits_ = kLocal | kRemote | kReservedLocal; }
  void ReserveRemote() { bits_ = kLocal | kRemote | kReservedRemote; }
  // The head has been sent on a stream that is reserved (local), or received on one that is
  // reserved (remote).
  void OpenLocal() { bits_ = kRemote; }
  void OpenRemote() { bits_ = kLocal; }

 private:
  static constexpr uint8_t kLocal = 1;
  static constexpr uint8_t kRemote = 2;
  static constexpr uint8_t kReservedLocal = 4;
  static constexpr uint8_t kReservedRemote = 8;
  uint8_t bits_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_STREAM_STATE_H_
