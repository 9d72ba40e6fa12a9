// What a content-type says about a request, as far as gRPC is concerned.
//
// Spec: gRPC PROTOCOL-HTTP2, "Content-Type"
#ifndef PENSTOCK_RPC_CONTENT_TYPE_H_
#define PENSTOCK_RPC_CONTENT_TYPE_H_

#include <cstdint>
#include <string_view>

namespace penstock::rpc {

enum class ContentType : uint8_t {
  kNotGrpc,      // answered with HTTP 415, never with a 200
  kGrpc,         // "application/grpc", also with parameters: Protocol Buffers
  kGrpcProto,    // "application/grpc+proto"
  kGrpcUnknown,  // "application/grpc+SUB" with a codec that is not there
};

// Compares without regard to case; "application/grpcx" and "application/grpc-web" are not gRPC.
ContentType ParseContentType(std::string_view text);

// What responses to it carry.
constexpr std::string_view ResponseContentType(ContentType type) {
  return type == ContentType::kGrpcProto ? "application/grpc+proto" : "application/grpc";
}

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_CONTENT_TYPE_H_
