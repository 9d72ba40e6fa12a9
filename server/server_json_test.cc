// Handlers of generated messages, called in JSON.
#include <string>

#include "penstock/codec/json/json_codec.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

class ServerJsonTest : public ServerTest {
 protected:
  ServerJsonTest() {
    register_more_ = [](Registry& registry) {
      registry.AddCodec(codec::json::JsonCodec::Of<Text>());
    };
  }
};

TEST_P(ServerJsonTest, RequestsAndRepliesAreJson) {
  START_SERVER();
  TestClient client(address());
  const Fields head = TestClient::HeadWith(kSay, "content-type", "application/grpc+json");
  const TestResponse& response =
      client.CallWithHead(head, Framed(R"( {"text": "caf\u00e9", "octets": "AQI="} )"));
  EXPECT_EQ(response.status(), 0) << response.status_message();
  EXPECT_EQ(response.message(), "{\"text\":\"caf\u00e9\",\"octets\":\"AQI=\"}");
  EXPECT_EQ(response.Field("content-type"), "application/grpc+json");
}

TEST_P(ServerJsonTest, WhatIsNoJsonIsInternalAndSaysWhere) {
  START_SERVER();
  TestClient client(address());
  const Fields head = TestClient::HeadWith(kSay, "content-type", "application/grpc+json");
  const TestResponse& response = client.CallWithHead(head, Framed("{\"text\": 7}"));
  EXPECT_EQ(response.status(), 13);
  EXPECT_NE(response.status_message().find("1:10"), std::string::npos) << response.status_message();
}

INSTANTIATE_SERVER_TEST(ServerJsonTest);

}  // namespace
}  // namespace penstock::test
