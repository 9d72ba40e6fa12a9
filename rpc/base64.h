// Base64 of binary metadata, whose keys end in "-bin".
//
// Spec: RFC 4648 §4; gRPC PROTOCOL-HTTP2, "Binary-Header": sent without padding, taken with or
// without.
#ifndef PENSTOCK_RPC_BASE64_H_
#define PENSTOCK_RPC_BASE64_H_

#include <cstddef>
#include <string_view>

namespace penstock::rpc {

constexpr size_t Base64EncodedBytes(size_t bytes) { return (bytes * 4 + 2) / 3; }
// The most that `encoded_bytes` can decode to.
constexpr size_t Base64DecodedBytesMax(size_t encoded_bytes) { return encoded_bytes / 4 * 3 + 2; }

// Writes exactly Base64EncodedBytes(bytes.size()) characters and returns the end.
char* Base64Encode(std::string_view bytes, char* out);

// Writes at most Base64DecodedBytesMax() octets and returns the end, or nullptr for what is not
// base64: a foreign character, misplaced padding, or an impossible length.
char* Base64Decode(std::string_view encoded, char* out);

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_BASE64_H_
