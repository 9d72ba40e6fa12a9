// What a content-type says about a request, as far as gRPC is concerned.
//
// Spec: gRPC PROTOCOL-HTTP2, "Content-Type"
#ifndef PENSTOCK_RPC_CONTENT_TYPE_H_
#define PENSTOCK_RPC_CONTENT_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::rpc {

enum class ContentType : uint8_t {
  kNotGrpc,    // answered with HTTP 415, never with a 200
  kGrpc,       // "application/grpc", also with parameters: Protocol Buffers
  kGrpcProto,  // "application/grpc+proto"
  kGrpcOther,  // "application/grpc+SUB": SubtypeOf() says which
};

// Compares without regard to case; "application/grpcx" and "application/grpc-web" are not gRPC.
ContentType ParseContentType(std::string_view text);

// A longer subtype is as good as none: a peer must not make us repeat what HPACK lets it say in one
// octet.
inline constexpr size_t kSubtypeBytesMax = 32;

// "json" of "application/grpc+json;charset=utf-8", as it is spelt. Empty where there is none, and
// for one that is too long or no token.
std::string_view SubtypeOf(std::string_view content_type);

// A token (RFC 9110 §5.6.2) of at most kSubtypeBytesMax octets.
bool IsSubtype(std::string_view text);

bool EqualsIgnoringCase(std::string_view text, std::string_view lower);

// What responses to it carry, but for kGrpcOther: there it is kSubtypePrefix and the subtype.
inline constexpr std::string_view kSubtypePrefix = "application/grpc+";
constexpr std::string_view ResponseContentType(ContentType type) {
  return type == ContentType::kGrpcProto ? "application/grpc+proto" : "application/grpc";
}

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_CONTENT_TYPE_H_
