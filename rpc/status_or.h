// StatusOr: a value, or why there is none. absl::StatusOr, apart from status.h for those who need
// only that.
#ifndef PENSTOCK_RPC_STATUS_OR_H_
#define PENSTOCK_RPC_STATUS_OR_H_

#include "absl/status/statusor.h"

#include "penstock/rpc/status.h"

namespace penstock {

template <typename T>
using StatusOr = absl::StatusOr<T>;

}  // namespace penstock

#endif  // PENSTOCK_RPC_STATUS_OR_H_
