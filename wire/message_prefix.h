// The five octets before every gRPC message: a flag (1 = compressed) and a big-endian length.
//
// Spec: gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message".
#ifndef PENSTOCK_WIRE_MESSAGE_PREFIX_H_
#define PENSTOCK_WIRE_MESSAGE_PREFIX_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"

namespace penstock::wire {

inline constexpr size_t kMessagePrefixBytes = 5;

struct MessagePrefix {
  uint8_t flag;           // 0 or 1 when valid
  uint32_t length_bytes;  // of the message behind the prefix, as it travels
};

// `p` has kMessagePrefixBytes octets. The flag is returned as it came: the caller judges it.
inline MessagePrefix LoadMessagePrefix(const uint8_t* p) { return {p[0], LoadBig32(p + 1)}; }

// Writes kMessagePrefixBytes octets and returns the one after them.
inline uint8_t* StoreMessagePrefix(uint8_t* p, MessagePrefix prefix) {
  p[0] = prefix.flag;
  StoreBig32(p + 1, prefix.length_bytes);
  return p + kMessagePrefixBytes;
}

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_MESSAGE_PREFIX_H_
