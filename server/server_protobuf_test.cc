// What protoc generated, served by us: codec/protobuf_adapter.h.
#include <string>

#include "penstock/codec/protobuf_adapter.h"
#include "penstock/server/testing/server_fixture.h"

#include "server/testing/google/echo.pb.h"

namespace penstock::test {
namespace {

using GoogleText = google_echo::Text;

constexpr UnaryMethod<GoogleText, GoogleText> kGoogle{"/penstock.test.Google/Say"};
constexpr UnaryMethod<GoogleText, Text> kMixed{"/penstock.test.Google/Mixed"};

class ServerProtobufTest : public ServerTest {
 protected:
  ServerProtobufTest() {
    register_more_ = [this](Registry& registry) {
      registry.Handle(kGoogle, [this](Call&, const GoogleText& request, GoogleText& reply) {
        on_arena_.Set(request.GetArena() != nullptr && reply.GetArena() != nullptr);
        reply = request;
        reply.set_octets(request.text());
        return OkStatus();
      });
      registry.Handle(kMixed, [](Call&, const GoogleText& request, Text& reply) {
        reply.set_text(request.text());
        return OkStatus();
      });
    };
  }

  Shared<bool> on_arena_;
};

TEST_P(ServerProtobufTest, GoogleMessagesAreReadAndWritten) {
  START_SERVER();
  TestClient client(address());
  for (const size_t bytes : {0, 1, 100, 5'000, 1'000'000}) {
    SCOPED_TRACE(bytes);
    const std::string text(bytes, 'g');
    const TestResponse& response = client.Call(kGoogle.path, FramedText(text));
    EXPECT_EQ(response.status(), 0);
    GoogleText reply;
    ASSERT_TRUE(reply.ParseFromString(response.message()));
    EXPECT_EQ(reply.text(), text);
    EXPECT_EQ(reply.octets(), text);
    EXPECT_TRUE(on_arena_.Get());
  }
}

TEST_P(ServerProtobufTest, BothLibrariesCanMeetInOneMethod) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kMixed.path, FramedText("mixed"))), "mixed");
}

TEST_P(ServerProtobufTest, WhatDoesNotParseIsInternal) {
  START_SERVER();
  TestClient client(address());
  for (const char* malformed : {"\x0a\x05" "xx", "\x0a\x01\xff", "\x0f"}) {
    const TestResponse& response = client.Call(kGoogle.path, Framed(malformed));
    EXPECT_EQ(response.status(), 13);
    EXPECT_EQ(response.status_message(),
              "the message could not be parsed: Protocol Buffers' own parser refuses it, at octet "
              "0");
  }
  EXPECT_EQ(client.Call(kGoogle.path, FramedText("goes on")).status(), 0);
}

TEST_P(ServerProtobufTest, OtherNotationsAreUnimplementedAndSaySo) {
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : {kGoogle.path, kMixed.path}) {
    const TestResponse& response = client.CallWithHead(
        TestClient::HeadWith(path, "content-type", "application/grpc+json"), Framed("{}"));
    EXPECT_EQ(response.status(), 12);
    EXPECT_EQ(response.status_message(),
              "this content-type cannot be read: the method takes Protocol Buffers alone, "
              "application/grpc+proto");
  }
}

INSTANTIATE_SERVER_TEST(ServerProtobufTest);

}  // namespace
}  // namespace penstock::test
