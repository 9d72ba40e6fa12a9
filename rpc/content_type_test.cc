#include "penstock/rpc/content_type.h"

#include <gtest/gtest.h>

namespace penstock::rpc {
namespace {

const struct {
  const char* text;
  ContentType want;
} kCases[] = {
    {"application/grpc", ContentType::kGrpc},
    {"Application/GRPC", ContentType::kGrpc},
    {"application/grpc;charset=utf-8", ContentType::kGrpc},
    {"application/grpc;", ContentType::kGrpc},
    {"application/grpc;+json", ContentType::kGrpc},
    {"application/grpc+proto", ContentType::kGrpcProto},
    {"application/GRPC+Proto", ContentType::kGrpcProto},
    {"application/grpc+proto;charset=utf-8", ContentType::kGrpcProto},
    {"application/grpc+", ContentType::kGrpcUnknown},
    {"application/grpc+;", ContentType::kGrpcUnknown},
    {"application/grpc+json", ContentType::kGrpcUnknown},
    {"application/grpc+protobuf", ContentType::kGrpcUnknown},
    {"application/grpc+prot", ContentType::kGrpcUnknown},
    {"application/grpc+proto+json", ContentType::kGrpcUnknown},
    {"", ContentType::kNotGrpc},
    {"a", ContentType::kNotGrpc},
    {"application/grp", ContentType::kNotGrpc},
    {"application/grpcx", ContentType::kNotGrpc},
    {"application/grpc-web", ContentType::kNotGrpc},
    {"application/grpc-web+proto", ContentType::kNotGrpc},
    {"application/json", ContentType::kNotGrpc},
    {"text/application/grpc", ContentType::kNotGrpc},
    {" application/grpc", ContentType::kNotGrpc},
    {"application/grpc, application/grpc", ContentType::kNotGrpc},
};

TEST(ContentType, IsToldFromItsText) {
  for (const auto& c : kCases) EXPECT_EQ(ParseContentType(c.text), c.want) << c.text;
}

TEST(ContentType, ResponsesCarryTheRequestsForm) {
  EXPECT_EQ(ResponseContentType(ContentType::kGrpc), "application/grpc");
  EXPECT_EQ(ResponseContentType(ContentType::kGrpcProto), "application/grpc+proto");
}

TEST(ContentType, ResponsesWithoutACodecAreBareGrpc) {
  EXPECT_EQ(ResponseContentType(ContentType::kGrpcUnknown), "application/grpc");
  EXPECT_EQ(ResponseContentType(ContentType::kNotGrpc), "application/grpc");
}

}  // namespace
}  // namespace penstock::rpc
