// Which content-type is read and written by what.
#include <memory>
#include <string>
#include <vector>

#include "penstock/codec/codec.h"
#include "penstock/rpc/content_type.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

constexpr UnaryMethod<RawMessage, RawMessage> kForward{"/penstock.test.Raw/Forward"};
constexpr UnaryMethod<RawMessage, Text> kCount{"/penstock.test.Raw/Count"};

// A Text backwards. It knows that one type; "!" is what it cannot read, "?" what it cannot write.
class BackwardsCodec final : public codec::Codec {
 public:
  std::string_view subtype() const override { return "backwards"; }

  codec::CodecResult Parse(wire::Bytes input, const codec::MessageClass& type,
                           codec::MessageHead& message) const override {
    if (type.full_name != Text::kFullName) return {"no Text"};
    const std::string_view text = wire::AsString(input);
    if (text == "!") return {"\"!\" is no Text, at octet 0"};
    codec::MessageAccess::Of<Text>(message).set_text(std::string(text.rbegin(), text.rend()));
    return {};
  }

  codec::CodecResult Serialize(const codec::MessageHead& message, const codec::MessageClass& type,
                               std::string& output) const override {
    if (type.full_name != Text::kFullName) return {"no Text"};
    const std::string_view text = codec::MessageAccess::Of<Text>(message).text();
    if (text == "?") return {"\"?\" cannot be written"};
    output.append(text.rbegin(), text.rend());
    return {};
  }
};

class ServerCodecTest : public ServerTest {
 protected:
  ServerCodecTest() {
    register_more_ = [this](Registry& registry) {
      registry.AddCodec(std::make_unique<BackwardsCodec>());
      registry.Handle(kForward, [this](Call& call, const RawMessage& request, RawMessage& reply) {
        subtype_seen_.Set(std::string(call.content_subtype()));
        if (request.text() == "fail") return MakeStatus(StatusCode::kAborted, "as asked");
        reply.View(request.bytes());
        return OkStatus();
      });
      registry.Handle(kCount, [](Call&, const RawMessage& request, Text& reply) {
        reply.set_text(std::to_string(request.bytes().size()));
        return OkStatus();
      });
    };
  }

  static Fields Head(std::string_view path, std::string_view type) {
    return TestClient::HeadWith(path, "content-type", type);
  }

  Shared<std::string> subtype_seen_;
};

TEST_P(ServerCodecTest, ARegisteredCodecReadsTheRequestAndWritesTheReply) {
  act_ = [this](Call& call, const Text& request, Text& reply) {
    subtype_seen_.Set(std::string(call.content_subtype()));
    reply.set_text("<" + std::string(request.text()) + ">");
    return OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  for (const char* type : {"application/grpc+backwards", "Application/GRPC+Backwards;x=y"}) {
    SCOPED_TRACE(type);
    const TestResponse& response = client.CallWithHead(Head(kAct, type), Framed("ladder"));
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.message(), ">ladder<");
    EXPECT_EQ(response.Field("content-type"), "application/grpc+backwards");
    EXPECT_EQ(subtype_seen_.Get(), "backwards");
  }
  EXPECT_EQ(TextOf(client.Call(kAct, FramedText("ladder"))), "<ladder>");
  EXPECT_EQ(subtype_seen_.Get(), "proto");
}

TEST_P(ServerCodecTest, CodecsTakeTurnsOnOneConnection) {
  START_SERVER();
  TestClient client(address());
  for (int i = 0; i < 20; ++i) {
    const TestResponse& other =
        client.CallWithHead(Head(kSay, "application/grpc+backwards"), Framed("ab"));
    EXPECT_EQ(other.message(), "ab");
    EXPECT_EQ(other.Field("content-type"), "application/grpc+backwards");
    const TestResponse& usual = client.Call(kSay, FramedText("ab"));
    EXPECT_EQ(TextOf(usual), "ab");
    EXPECT_EQ(usual.Field("content-type"), "application/grpc");
  }
}

TEST_P(ServerCodecTest, WhatACodecCannotReadOrWriteIsInternalAndSaysWhy) {
  START_SERVER();
  TestClient client(address());
  const Fields head = Head(kSay, "application/grpc+backwards");
  const TestResponse& unread = client.CallWithHead(head, Framed("!"));
  EXPECT_EQ(unread.status(), 13);
  EXPECT_EQ(unread.status_message(),
            "the message could not be parsed: \"!\" is no Text, at octet 0");
  EXPECT_EQ(unread.Field("content-type"), "application/grpc+backwards");
  const TestResponse& unwritten = client.CallWithHead(head, Framed("?"));
  EXPECT_EQ(unwritten.status(), 13);
  EXPECT_EQ(unwritten.status_message(),
            "the response could not be serialised: \"?\" cannot be written");
}

TEST_P(ServerCodecTest, ASubtypeWithoutACodecIsUnimplementedAndTheKnownOnesListed) {
  START_SERVER();
  TestClient client(address());
  for (const char* type : {"application/grpc+json", "application/grpc+", "application/grpc+a b"}) {
    SCOPED_TRACE(type);
    const TestResponse& response = client.CallWithHead(Head(kSay, type), Framed("x"));
    EXPECT_EQ(response.http_status(), "200");
    EXPECT_EQ(response.status(), 12);
    EXPECT_EQ(response.status_message(),
              "this content-type cannot be read: there is no codec for it; there is "
              "application/grpc+proto, +backwards");
    EXPECT_EQ(response.Field("content-type"), "application/grpc");
  }
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerCodecTest, RefusalsAreInTheSubtypeOfTheRequest) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response =
      client.CallWithHead(Head("/no.Such/Method", "application/grpc+backwards"), Framed("x"));
  EXPECT_EQ(response.status(), 12);
  EXPECT_EQ(response.Field("content-type"), "application/grpc+backwards");
}

TEST_P(ServerCodecTest, RawMessagesTakeEverySubtypeAndAnswerInIt) {
  START_SERVER();
  TestClient client(address());
  const std::string longest(rpc::kSubtypeBytesMax, 'x');
  const std::string octets("\0\xff any octets", 13);
  const struct {
    std::string type;
    std::string subtype;
    std::string answered;
  } cases[] = {
      {"application/grpc", "proto", "application/grpc"},
      {"application/grpc+proto", "proto", "application/grpc+proto"},
      {"application/grpc+backwards", "backwards", "application/grpc+backwards"},
      {"application/grpc+thrift;v=1", "thrift", "application/grpc+thrift"},
      {"application/grpc+" + longest, longest, "application/grpc+" + longest},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type);
    const Fields head = Head(kForward.path, c.type);
    const TestResponse& response = client.CallWithHead(head, Framed(octets));
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.message(), octets);
    EXPECT_EQ(response.Field("content-type"), c.answered);
    EXPECT_EQ(subtype_seen_.Get(), c.subtype);
    const TestResponse& failure = client.CallWithHead(head, Framed("fail"));
    EXPECT_EQ(failure.status(), 10);
    EXPECT_EQ(failure.Field("content-type"), c.answered);
  }
  const TestResponse& too_long =
      client.CallWithHead(Head(kForward.path, "application/grpc+x" + longest), Framed(octets));
  EXPECT_EQ(too_long.status(), 12);
}

TEST_P(ServerCodecTest, ARawRequestInSeveralBuffersIsWhole) {
  START_SERVER();
  TestClient client(address());
  std::string octets(300'000, '\0');
  for (size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<char>(i * 7);
  const TestResponse& response = client.Call(kForward.path, Framed(octets));
  EXPECT_TRUE(response.message() == octets);
}

TEST_P(ServerCodecTest, ARawRequestMayHaveATypedReply) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kCount.path, Framed("12345"))), "5");
  const TestResponse& other =
      client.CallWithHead(Head(kCount.path, "application/grpc+backwards"), Framed("0123456789ab"));
  EXPECT_EQ(other.message(), "21");
  const TestResponse& unknown =
      client.CallWithHead(Head(kCount.path, "application/grpc+thrift"), Framed("12345"));
  EXPECT_EQ(unknown.status(), 12);
}

INSTANTIATE_SERVER_TEST(ServerCodecTest);

}  // namespace
}  // namespace penstock::test
