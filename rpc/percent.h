// Percent-encoding of grpc-message: UTF-8 text through a header field that takes only printable
// ASCII.
//
// Spec: gRPC PROTOCOL-HTTP2, "Status-Message"
#ifndef PENSTOCK_RPC_PERCENT_H_
#define PENSTOCK_RPC_PERCENT_H_

#include <string>
#include <string_view>

namespace penstock::rpc {

// Every octet outside 0x20..0x7E, and '%' itself, as %XX with upper-case hex.
std::string PercentEncode(std::string_view text);

// The text as it was; an escape that is not two hex digits stays as it stands. Never fails: a
// message is never lost for its spelling.
std::string PercentDecode(std::string_view encoded);

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_PERCENT_H_
