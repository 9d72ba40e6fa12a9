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
    {"application/grpc+", ContentType::kGrpcOther},
    {"application/grpc+;", ContentType::kGrpcOther},
    {"application/grpc+json", ContentType::kGrpcOther},
    {"application/grpc+protobuf", ContentType::kGrpcOther},
    {"application/grpc+prot", ContentType::kGrpcOther},
    {"application/grpc+proto+json", ContentType::kGrpcOther},
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

TEST(ContentType, TheSubtypeStandsBetweenThePlusAndTheParameters) {
  const std::string longest(kSubtypeBytesMax, 'x');
  const std::string prefix(kSubtypePrefix);
  const struct {
    std::string text;
    std::string_view want;
  } cases[] = {
      {"application/grpc+json", "json"},
      {"APPLICATION/GRPC+JSON;charset=utf-8", "JSON"},
      {"application/grpc+a.b-c_2", "a.b-c_2"},
      {"application/grpc+proto+json", "proto+json"},
      {"application/grpc", ""},
      {"application/grpc+", ""},
      {"application/grpc+;x", ""},
      {"application/grpc+a b", ""},
      {"application/grpc+a,b", ""},
      {"application/grpc+caf\xc3\xa9", ""},
      {prefix + longest, longest},
      {prefix + longest + "x", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(SubtypeOf(c.text), c.want) << c.text;
}

TEST(ContentType, ResponsesCarryTheRequestsForm) {
  EXPECT_EQ(ResponseContentType(ContentType::kGrpc), "application/grpc");
  EXPECT_EQ(ResponseContentType(ContentType::kGrpcProto), "application/grpc+proto");
}

TEST(ContentType, ResponsesWithoutACodecAreBareGrpc) {
  EXPECT_EQ(ResponseContentType(ContentType::kGrpcOther), "application/grpc");
  EXPECT_EQ(ResponseContentType(ContentType::kNotGrpc), "application/grpc");
}

}  // namespace
}  // namespace penstock::rpc
