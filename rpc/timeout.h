// grpc-timeout: one to eight digits and a unit, how long the caller is willing to wait.
//
// Spec: gRPC PROTOCOL-HTTP2, "Timeout"
#ifndef PENSTOCK_RPC_TIMEOUT_H_
#define PENSTOCK_RPC_TIMEOUT_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "penstock/wire/time.h"

namespace penstock::rpc {

// Nothing for what is malformed. Hours beyond 64 bits of nanoseconds become kTimeNever. 0 is legal
// on the wire and means that the deadline has passed.
std::optional<TimeNs> ParseTimeout(std::string_view text);

inline constexpr size_t kTimeoutBytesMax = 9;

// Writes the finest unit whose number has at most eight digits, rounded up; returns the length.
// `out` has room for kTimeoutBytesMax characters; `timeout_ns` is positive.
size_t FormatTimeout(TimeNs timeout_ns, char* out);

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_TIMEOUT_H_
