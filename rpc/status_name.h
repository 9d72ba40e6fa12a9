// The names of the status codes, for logs, metrics and reports.
//
// Spec: gRPC statuscodes.md
#ifndef PENSTOCK_RPC_STATUS_NAME_H_
#define PENSTOCK_RPC_STATUS_NAME_H_

#include <cstddef>
#include <string_view>

namespace penstock {

// "OK", "INVALID_ARGUMENT": as the specification spells them; of what is no code of gRPC "UNKNOWN".
std::string_view StatusName(size_t code);

// "OK", "InvalidArgument", "Canceled": as Go spells them, and so the metrics of existing boards.
std::string_view StatusNameInGo(size_t code);

}  // namespace penstock

#endif  // PENSTOCK_RPC_STATUS_NAME_H_
