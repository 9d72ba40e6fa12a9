// Which status a call ends with when the server did not say one.
//
// Spec: gRPC PROTOCOL-HTTP2, "Errors"; http-grpc-status-mapping.md
#ifndef PENSTOCK_CLIENT_STATUS_OF_H_
#define PENSTOCK_CLIENT_STATUS_OF_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/http2/error.h"
#include "penstock/rpc/status.h"

namespace penstock::client {

// Of a response without a grpc-status.
StatusCode StatusOfHttp(uint16_t http_status);

// Of a stream that the server reset.
StatusCode StatusOfReset(http2::ErrorCode code);

// "RST_STREAM(CANCEL)"
std::string Named(std::string_view what, http2::ErrorCode code);

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_STATUS_OF_H_
