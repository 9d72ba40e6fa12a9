// What handlers say: status, metadata, exceptions.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "penstock/rpc/base64.h"
#include "penstock/rpc/status_details.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using namespace std::string_literals;

class ServerStatusTest : public ServerTest {};
INSTANTIATE_SERVER_TEST(ServerStatusTest);

TEST_P(ServerStatusTest, EveryCodeArrivesWithItsMessage) {
  const std::string messages[] = {"",           "plain",         "100% \u00fcber",
                                  "two\nlines", "\U0001F600\t~", "\x01\x7f\x80\xff"};
  // Not a Status: those share their text between threads.
  Shared<std::pair<StatusCode, std::string>> wanted;
  act_ = [&wanted](Call&, const Text&, Text& reply) {
    reply.set_text("seen with OK only");
    const auto [code, message] = wanted.Get();
    return MakeStatus(code, message);
  };
  START_SERVER();
  TestClient client(address());
  for (int code = 1; code <= 16; ++code) {
    for (const std::string& message : messages) {
      SCOPED_TRACE(std::to_string(code) + " " + message);
      wanted.Set({static_cast<StatusCode>(code), message});
      const TestResponse& response = client.Call(kAct, Framed(""));
      EXPECT_EQ(response.status(), code);
      EXPECT_EQ(response.status_message(), message);
      EXPECT_TRUE(response.trailers_only());
      for (const char c : response.Field("grpc-message")) EXPECT_TRUE(c >= 0x20 && c <= 0x7e);
    }
  }
  wanted.Set({StatusCode::kOk, ""});
  const TestResponse& response = client.Call(kAct, Framed(""));
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(TextOf(response), "seen with OK only");
  EXPECT_EQ(response.Values("grpc-message"), std::vector<std::string>{});
  client.socket().Close();
  EXPECT_EQ(Stop().calls_failed, 16 * std::size(messages));
}

TEST_P(ServerStatusTest, AHandlerThatThrowsIsUnknownAndTheServerLives) {
  int calls_count = 0;
  act_ = [&calls_count](Call&, const Text&, Text&) -> Status {
    if (++calls_count % 2 == 1) throw std::runtime_error("ouch");
    throw 42;
  };
  START_SERVER();
  TestClient client(address());
  for (int i = 0; i < 10; ++i) {
    const TestResponse& response = client.Call(kAct, Framed(""));
    EXPECT_EQ(response.status(), 2);
    EXPECT_EQ(response.status_message(), "the handler threw an exception");
    EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
  }
}

Status EchoMetadata(Call& call, const Text&, Text&) {
  for (const Metadata::Entry& entry : call.metadata()) {
    if (!call.initial_metadata().Add(entry.key, entry.value) ||
        !call.trailing_metadata().Add("t-" + std::string(entry.key), entry.value)) {
      return MakeStatus(StatusCode::kInternal, "refused " + std::string(entry.key));
    }
  }
  return call.metadata().Get("x-fail") ? MakeStatus(StatusCode::kAborted, "as asked") : OkStatus();
}

TEST_P(ServerStatusTest, MetadataGoesThereAndBack) {
  act_ = EchoMetadata;
  START_SERVER();
  TestClient client(address());
  const TestResponse& response =
      client.Call(kAct, Framed(""), {{"x-a", "1"}, {"x-b", ""}, {"x-a", "2,3"}, {"x-bin", "AP8"}});
  EXPECT_EQ(response.status(), 0) << response.status_message();
  EXPECT_EQ(response.Values("x-a"), (std::vector<std::string>{"1", "2,3"}));
  EXPECT_EQ(response.Values("x-b"), (std::vector<std::string>{""}));
  EXPECT_EQ(response.Values("x-bin"), (std::vector<std::string>{"AP8"}));
  EXPECT_EQ(response.Values("t-x-a"), (std::vector<std::string>{"1", "2,3"}));
  EXPECT_EQ(response.Values("t-x-bin"), (std::vector<std::string>{"AP8"}));
}

// gRPC PROTOCOL-HTTP2, "ASCII-Value": a value that HTTP allows fails no call, and may go back.
TEST_P(ServerStatusTest, ValuesThatAreNotAsciiComeAndGo) {
  act_ = [](Call& call, const Text&, Text&) {
    for (const Metadata::Entry& entry : call.metadata()) call.initial_metadata().Echo(entry);
    return OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  const Fields sent = {{"x", "gr\u00fc\u00dfe"}, {"x", "\xff\xfe"}, {"x", "a\tb"}};
  const TestResponse& response = client.Call(kAct, Framed(""), sent);
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(response.Values("x"),
            (std::vector<std::string>{"gr\u00fc\u00dfe", "\xff\xfe", "a\tb"}));
}

TEST_P(ServerStatusTest, BinaryMetadataIsAnyOctets) {
  Shared<std::vector<std::string>> seen;
  act_ = [&seen](Call& call, const Text& request, Text& reply) {
    std::vector<std::string> values;
    for (const Metadata::Entry& entry : call.metadata()) values.emplace_back(entry.value);
    seen.Set(std::move(values));
    return EchoMetadata(call, request, reply);
  };
  START_SERVER();
  TestClient client(address());
  const struct {
    const char* sent;
    std::vector<std::string> octets;
    std::vector<std::string> back;
  } cases[] = {
      {"AAEC", {"\0\1\2"s}, {"AAEC"}},
      {"AP8=", {"\0\xff"s}, {"AP8"}},
      {"AQ,Ag==,", {"\1", "\2", ""}, {"AQ", "Ag", ""}},
      {"", {""}, {""}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sent);
    const TestResponse& response = client.Call(kAct, Framed(""), {{"x-bin", c.sent}});
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(seen.Get(), c.octets);
    EXPECT_EQ(response.Values("x-bin"), c.back);
    EXPECT_EQ(response.Values("t-x-bin"), c.back);
  }
}

TEST_P(ServerStatusTest, BadBase64FailsItsCallAlone) {
  START_SERVER();
  TestClient client(address());
  for (const char* bad : {"A", "A*", "AQ=", "AQ,B", "====", "-_"}) {
    SCOPED_TRACE(bad);
    EXPECT_EQ(client.Call(kSay, FramedText("x"), {{"x-bin", bad}}).status(), 13);
    EXPECT_EQ(client.Call(kSay, FramedText("x"), {{"x-bin", "AQ"}}).status(), 0);
  }
  EXPECT_EQ(client.goaway(), std::nullopt);
}

TEST_P(ServerStatusTest, MetadataGoesWithAFailureToo) {
  act_ = EchoMetadata;
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kAct, Framed(""), {{"x-fail", "1"}, {"x-bin", "AQ"}});
  EXPECT_EQ(response.status(), 10);
  EXPECT_TRUE(response.trailers_only());
  EXPECT_EQ(response.Values("x-fail"), (std::vector<std::string>{"1"}));
  EXPECT_EQ(response.Values("t-x-bin"), (std::vector<std::string>{"AQ"}));
}

TEST_P(ServerStatusTest, MetadataOfManyKilobytesArrives) {
  const std::string value(10'000, 'v');
  act_ = [&value](Call& call, const Text&, Text&) {
    for (int i = 0; i < 5; ++i) {
      if (!call.trailing_metadata().Add("x" + std::to_string(i), value)) std::abort();
    }
    return OkStatus();
  };
  START_SERVER();
  http2::Limits limits;
  limits.header_list_bytes_advertised = limits.header_list_bytes_max = 1024 * 1024;
  TestClient client(address(), limits);
  const TestResponse& response = client.Call(kAct, Framed(""));
  EXPECT_EQ(response.status(), 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(response.Field("x" + std::to_string(i)), value);
  EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
}

// --- Details

std::string DecodedDetails(const TestResponse& response) {
  const std::string encoded = response.Field("grpc-status-details-bin");
  std::string octets(rpc::Base64DecodedBytesMax(encoded.size()), '\0');
  const char* end = rpc::Base64Decode(encoded, octets.data());
  EXPECT_NE(end, nullptr);
  octets.resize(static_cast<size_t>(end - octets.data()));
  return octets;
}

TEST_P(ServerStatusTest, DetailsOfAStatusArrive) {
  act_ = [](Call&, const Text&, Text&) {
    Text detail;
    detail.set_text("what a program reads");
    Status status = MakeStatus(StatusCode::kFailedPrecondition, "what people read");
    AddDetail(status, detail);
    return status;
  };
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kAct, Framed(""));
  Status received = MakeStatus(static_cast<StatusCode>(response.status()),
                               response.status_message());
  EXPECT_EQ(received.code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(rpc::TakeStatusDetails(DecodedDetails(response), received));
  EXPECT_EQ(DetailOf<Text>(received)->text(), "what a program reads");
}

TEST_P(ServerStatusTest, AStatusArrivesWithoutDetailsThatAreTooMuch) {
  Shared<size_t> details_bytes;
  act_ = [&](Call&, const Text&, Text&) {
    Status status = MakeStatus(StatusCode::kNotFound, "no cart");
    AddDetail(status, "a/b", std::string(details_bytes.Get(), 'd'));
    return status;
  };
  START_SERVER();
  TestClient client(address());  // takes 8 KiB
  const struct {
    size_t bytes;
    bool fits;
  } cases[] = {{5000, true}, {7000, false}, {1'000'000, false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.bytes);
    details_bytes.Set(c.bytes);
    const TestResponse& response = client.Call(kAct, Framed(""));
    EXPECT_EQ(response.status(), 5);
    EXPECT_TRUE(response.status_message().starts_with("no cart"));
    EXPECT_EQ(response.Values("grpc-status-details-bin").size(), c.fits ? 1u : 0u);
    EXPECT_EQ(response.status_message().find("left out") == std::string::npos, c.fits);
    EXPECT_EQ(response.reset, std::nullopt);
  }
}

TEST_P(ServerStatusTest, HandlersKnowMethodPeerAndUserAgent) {
  Shared<std::string> method, peer, agent;
  act_ = [&](Call& call, const Text&, Text&) {
    method.Set(std::string(call.method()));
    peer.Set(call.peer());
    agent.Set(std::string(call.metadata().Get("user-agent").value_or("")));
    return OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kAct, Framed(""), {{"user-agent", "grpc-go/1"}}).status(), 0);
  EXPECT_EQ(method.Get(), kAct);
  EXPECT_TRUE(peer.Get().starts_with("127.0.0.1:")) << peer.Get();
  EXPECT_EQ(agent.Get(), "grpc-go/1");
}

}  // namespace
}  // namespace penstock::test
