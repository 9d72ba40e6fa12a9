// What docs/codecs.md shows, compiled and served: docs_test compares them.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/codec/protobuf_adapter.h"
#include "penstock/examples/codecs/lines_codec.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/server/server.h"
#include "penstock/server/testing/test_client.h"

#include "examples/codecs/cart.server.h"
#include "examples/codecs/google/cart.pb.h"

namespace penstock {
namespace {

using examples::LinesCodec;
using test::Framed;
using test::TestClient;

ServerOptions OneShard() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  return options;
}

class CodecsTest : public ::testing::Test {
 protected:
  CodecsTest() : server(OneShard()) {}

  // The reply to "3 apples", or what was sent instead, in that content-type.
  std::string Ask(std::string_view path, std::string_view type, std::string_view request) {
    if (server.addresses().empty()) EXPECT_TRUE(server.Start().ok());
    TestClient client(server.addresses().front());
    const test::TestResponse& response =
        client.CallWithHead(TestClient::HeadWith(path, "content-type", type), Framed(request));
    EXPECT_EQ(response.Field("content-type"), type);
    EXPECT_EQ(response.status(), 0) << response.status_message();
    return response.message();
  }

  static std::string ThreeApples() {
    ::shop::AddRequest request;
    request.set_item("apples");
    request.set_count(3);
    return request.SerializeAsString();
  }

  Server server;
};

TEST_F(CodecsTest, ACodecServesTheMethodsThatThereAre) {
  const auto add = [](Call&, const ::shop::AddRequest& request, ::shop::AddReply& reply) {
    reply.set_item(request.item());
    reply.set_count(request.count() + 1);
    return OkStatus();
  };
  server.registry().Handle(::shop::Cart::Add, add);
  server.registry().AddCodec(std::make_unique<LinesCodec>());

  EXPECT_EQ(Ask("/shop.Cart/Add", "application/grpc+lines", "1=apples\n2=3\n"),
            "1=apples\n2=4\n");
  const std::string octets = Ask("/shop.Cart/Add", "application/grpc", ThreeApples());
  ::shop::AddReply reply;
  ASSERT_TRUE(reply.ParseFrom(wire::AsBytes(octets)).ok());
  EXPECT_EQ(reply.count(), 4);
}

TEST_F(CodecsTest, RawOctetsPassThrough) {
  Registry& registry = server.registry();
  constexpr UnaryMethod<RawMessage, RawMessage> kForward{"/shop.Cart/Add"};

  registry.Handle(kForward, [](Call&, const RawMessage& request, RawMessage& reply) {
    reply.View(request.bytes());
    return OkStatus();
  });

  EXPECT_EQ(Ask("/shop.Cart/Add", "application/grpc+thrift", "what it means is theirs"),
            "what it means is theirs");
}

}  // namespace

// Its classes are called as in the page.
namespace google_example {
namespace shop = ::google_shop;

void Register(Registry& registry) {
  constexpr UnaryMethod<shop::AddRequest, shop::AddReply> kAdd{"/shop.Cart/Add"};

  registry.Handle(kAdd, [](Call&, const shop::AddRequest& request, shop::AddReply& reply) {
    reply.set_count(request.count() + 1);
    return OkStatus();
  });
}

}  // namespace google_example

namespace {

TEST_F(CodecsTest, GooglesClassesAreServed) {
  google_example::Register(server.registry());
  google_shop::AddReply reply;
  ASSERT_TRUE(reply.ParseFromString(Ask("/shop.Cart/Add", "application/grpc", ThreeApples())));
  EXPECT_EQ(reply.count(), 4);
}

}  // namespace
}  // namespace penstock
