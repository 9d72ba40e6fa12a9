// Operation: what a completion belongs to, packed into the 64 bits that the kernel hands back with
// it (io_uring's user_data, epoll's data).
//
//     kind (8) | slot (24) | generation (32)
//
// The generation tells a late completion of a connection that is gone from one of the connection
// that has its slot now.
#ifndef PENSTOCK_REACTOR_OPERATION_H_
#define PENSTOCK_REACTOR_OPERATION_H_

#include <cstdint>

namespace penstock::reactor {

enum class OperationKind : uint8_t {
  kNothing,        // nobody waits for the outcome
  kReceive,        // socket; epoll: any event of a socket
  kSend,           // socket
  kConnect,        // socket
  kCancelReceive,  // socket
  kCancelAll,      // socket
  kAccept,         // acceptor
  kCancelAccept,   // acceptor
  kEvent,          // the shard's eventfd
  kWakeSent,       // we rang at another ring; generation: the eventfd to use if that failed
  kWakeArrived,    // another ring rang here
};

struct Operation {
  OperationKind kind = OperationKind::kNothing;
  uint32_t slot = 0;
  uint32_t generation = 0;

  constexpr uint64_t Pack() const {
    return static_cast<uint64_t>(kind) << 56 | static_cast<uint64_t>(slot) << 32 | generation;
  }
  static constexpr Operation Unpack(uint64_t packed) {
    return {static_cast<OperationKind>(packed >> 56),
            static_cast<uint32_t>(packed >> 32) & 0xffffff, static_cast<uint32_t>(packed)};
  }
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_OPERATION_H_
