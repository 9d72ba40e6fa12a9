// The header blocks of the floor server's replies, and frames of its.
//
// Spec: RFC 7541 §6
#ifndef PENSTOCK_LOADTEST_PEERS_FLOOR_REPLIES_H_
#define PENSTOCK_LOADTEST_PEERS_FLOOR_REPLIES_H_

#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/http2/frame.h"
#include "penstock/loadtest/peers/floor/output.h"
#include "penstock/wire/bytes.h"

namespace penstock::loadtest::floor {

// A reply's two header blocks: {:status 200, content-type application/grpc}, {grpc-status 0}.
struct Blocks {
  std::string_view head;
  std::string_view trailers;
};
// What puts the fields into the client's table.
inline constexpr Blocks kInserting = {"\x88\x5f\x10"
                                      "application/grpc",
                                      "\x40\x0b"
                                      "grpc-status\x01"
                                      "0"};
// What finds them there afterwards.
inline constexpr Blocks kIndexed = {"\x88\xbf", "\xbe"};
// What does for a client without a table: 0x20 says that it is of size 0.
inline constexpr Blocks kLiteral = {"\x20\x88\x0f\x10\x10"
                                    "application/grpc",
                                    {"\x20\x00\x0b"
                                     "grpc-status\x01"
                                     "0",
                                     16}};

inline void AppendFrame(Output& output, http2::FrameType type, uint8_t flags, uint32_t stream_id,
                        wire::Bytes payload) {
  uint8_t* const at = output.Extend(http2::kFrameHeaderBytes + payload.size());
  const uint32_t payload_bytes = static_cast<uint32_t>(payload.size());
  http2::StoreFrameHeader(at, {payload_bytes, type, flags, stream_id});
  // Null with nothing to copy.
  if (!payload.empty()) {
    std::memcpy(at + http2::kFrameHeaderBytes, payload.data(), payload.size());
  }
}

}  // namespace penstock::loadtest::floor

#endif  // PENSTOCK_LOADTEST_PEERS_FLOOR_REPLIES_H_
