// What must hold of the options of how long connections live.
#ifndef PENSTOCK_SERVER_LIFETIME_OPTIONS_H_
#define PENSTOCK_SERVER_LIFETIME_OPTIONS_H_

#include "penstock/rpc/status.h"
#include "penstock/server/options.h"

namespace penstock::server {

// OK, or INVALID_ARGUMENT and a sentence about the first that does not.
Status CheckLifetimes(const ServerOptions& options);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_LIFETIME_OPTIONS_H_
