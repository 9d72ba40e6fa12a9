// Status: how a call ended. absl::Status, whose codes are gRPC's.
//
// Spec: gRPC statuscodes.md
#ifndef PENSTOCK_RPC_STATUS_H_
#define PENSTOCK_RPC_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

#include "penstock/wire/absl_strings.h"

namespace penstock {

using Status = absl::Status;
using StatusCode = absl::StatusCode;

inline Status OkStatus() { return {}; }

// The message travels to the peer: no secrets.
inline Status MakeStatus(StatusCode code, std::string_view message) {
  return Status(code, wire::ToAbsl(message));
}

inline std::string_view MessageOf(const Status& status) { return wire::FromAbsl(status.message()); }

}  // namespace penstock

#endif  // PENSTOCK_RPC_STATUS_H_
