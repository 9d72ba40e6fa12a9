// Compressed requests and responses: who gets what, and what is wrong with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/wire/compress.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr size_t kMiB = 1024 * 1024;
constexpr char kAll[] = "identity,gzip,deflate,zstd";
constexpr UnaryMethod<Text, Text> kLater{"/penstock.test.Compression/Later"};
constexpr ServerStreamingMethod<Text, Text> kStream{"/penstock.test.Compression/Stream"};
constexpr BidiStreamingMethod<Text, Text> kEcho{"/penstock.test.Compression/Echo"};

wire::Compressor& CompressorOf(std::string_view name) {
  static const std::unique_ptr<wire::Compressor> gzip = wire::Gzip().make();
  static const std::unique_ptr<wire::Compressor> deflate = wire::Deflate().make();
  static const std::unique_ptr<wire::Compressor> zstd = wire::Zstd().make();
  return name == "gzip" ? *gzip : name == "deflate" ? *deflate : *zstd;
}

std::string Packed(std::string_view name, std::string_view message) {
  wire::ScratchBuffer packed;
  packed.Begin(SIZE_MAX);
  const wire::Bytes piece = wire::AsBytes(message);
  EXPECT_TRUE(CompressorOf(name).Compress({&piece, 1}, packed));
  return std::string(wire::AsString(packed.bytes()));
}

std::string Unpacked(std::string_view name, std::string_view octets) {
  wire::ScratchBuffer plain;
  plain.Begin(64 * kMiB);
  EXPECT_EQ(CompressorOf(name).Decompress(wire::AsBytes(octets), plain),
            wire::DecompressResult::kOk);
  return std::string(wire::AsString(plain.bytes()));
}

std::string SerializedText(std::string_view text) { return FramedText(text).substr(5); }
std::string FramedPacked(std::string_view name, std::string_view text) {
  return Framed(Packed(name, SerializedText(text)), 1);
}

// A response's messages, each with its flag in front: "1" and the text when it was compressed.
std::vector<std::string> Messages(const TestResponse& response, std::string_view encoding) {
  std::vector<std::string> messages;
  std::string_view rest = response.data;
  while (rest.size() >= 5) {
    const auto prefix = wire::LoadMessagePrefix(reinterpret_cast<const uint8_t*>(rest.data()));
    std::string message(rest.substr(5, prefix.length_bytes));
    rest.remove_prefix(5 + prefix.length_bytes);
    if (prefix.flag == 1) message = Unpacked(encoding, message);
    Text text;
    EXPECT_TRUE(text.ParseFrom(wire::AsBytes(message)).ok());
    messages.push_back(std::to_string(prefix.flag) + std::string(text.text()));
  }
  EXPECT_EQ(rest, "");
  return messages;
}

class ServerCompressionTest : public ServerTest {
 protected:
  ServerCompressionTest() {
    options_.compressed_bytes_min = 100;
    // Answers with what it was sent, in `choice_`.
    act_ = [this](Call& call, const Text& request, Text& reply) {
      Choose(call);
      reply.set_text(request.text());
      return OkStatus();
    };
    register_more_ = [this](Registry& registry) {
      registry.Handle(kLater, [this](Call& call, const Text& request) {
        Choose(call);
        return Later(call, request);
      });
      registry.Handle(kStream, [this](Call& call, const Text& request, Writer<Text>& out) {
        Choose(call);
        return Stream(call, request, out);
      });
      registry.Handle(kEcho, [this](Call& call, Reader<Text>& in, Writer<Text>& out) {
        Choose(call);
        return Echo(in, out);
      });
    };
  }

  void Choose(Call& call) {
    const std::string choice = choice_.Get();
    if (!choice.empty()) chosen_ = call.SetCompression(choice);
    if (plain_) call.KeepNextPlain();
  }

  static Task<StatusOr<Text>> Later(Call& call, const Text& request) {
    Text reply(&call.arena());
    reply.set_text(request.text());
    co_return reply;
  }

  static Task<Status> Echo(Reader<Text>& in, Writer<Text>& out) {
    while (const Text* text = co_await Try(co_await in.Next())) {
      co_await Try(co_await out.Write(*text));
    }
    co_return OkStatus();
  }

  // The request, plain, the same, the same after SetCompression("identity"), and again as before.
  Task<Status> Stream(Call& call, const Text& request, Writer<Text>& out) {
    Text message;
    message.set_text(request.text());
    co_await Try(co_await out.Write(message));
    call.KeepNextPlain();
    co_await Try(co_await out.Write(message));
    co_await Try(co_await out.Write(message));
    call.SetCompression("identity");
    co_await Try(co_await out.Write(message));
    chosen_late_ = call.SetCompression("deflate");
    call.SetCompression(choice_.Get());
    co_await Try(co_await out.Write(message));
    co_return OkStatus();
  }

  static const TestResponse& CallAccepting(TestClient& client, std::string_view path,
                                           std::string_view text, const std::string& accepted) {
    return client.Call(path, FramedText(text), {{"grpc-accept-encoding", accepted}});
  }

  Shared<std::string> choice_;
  std::atomic<bool> plain_{false};
  std::atomic<bool> chosen_{false};
  std::atomic<bool> chosen_late_{false};
};
INSTANTIATE_SERVER_TEST(ServerCompressionTest);

// --- Requests

TEST_P(ServerCompressionTest, RequestsAreTakenInEveryEncoding) {
  START_SERVER();
  TestClient client(address());
  for (const char* name : {"gzip", "deflate", "zstd"}) {
    for (const size_t bytes : {size_t{0}, size_t{10}, size_t{100'000}, 3 * kMiB}) {
      for (const std::string_view path : {kSay, kLater.path}) {
        SCOPED_TRACE(std::string(name) + ", " + std::to_string(bytes) + " octets, " +
                     std::string(path));
        const std::string text(bytes, 't');
        const TestResponse& response =
            client.Call(path, FramedPacked(name, text), {{"grpc-encoding", name}});
        EXPECT_EQ(response.status(), 0) << response.status_message();
        EXPECT_TRUE(TextOf(response) == text);
        EXPECT_EQ(response.Field("grpc-encoding"), "") << "it did not ask for a compressed one";
        EXPECT_EQ(response.Field("grpc-accept-encoding"), kAll) << "it had not been told";
      }
    }
  }
}

TEST_P(ServerCompressionTest, AnEncodingNeedNotBeUsed) {
  START_SERVER();
  TestClient client(address());
  for (const char* name : {"gzip", "deflate", "zstd", "identity"}) {
    EXPECT_EQ(TextOf(client.Call(kSay, FramedText("plain"), {{"grpc-encoding", name}})), "plain");
  }
}

TEST_P(ServerCompressionTest, ACompressedRequestMayComeOctetByOctet) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay, {{"grpc-encoding", "gzip"}}));
  client.Send(id, FramedPacked("gzip", "slowly"), EndStream::kYes);
  client.FlushOctets();
  EXPECT_EQ(TextOf(client.Wait(id)), "slowly");
}

TEST_P(ServerCompressionTest, WrongRequestsFailWithTheRightCode) {
  START_SERVER();
  TestClient client(address());
  const std::string gzip = Packed("gzip", SerializedText("good"));
  const struct {
    const char* name;
    const char* encoding;
    std::string data;
    int status;
    const char* words;
  } cases[] = {
      {"a flag without an encoding", nullptr, Framed(gzip, 1), 13, "without a grpc-encoding"},
      {"a flag with identity", "identity", Framed(gzip, 1), 13, "without a grpc-encoding"},
      {"corrupt", "gzip", Framed("not gzip at all", 1), 13, "is corrupt"},
      {"another encoding's", "zstd", Framed(gzip, 1), 13, "compressed with zstd is corrupt"},
      {"cut", "gzip", Framed(gzip.substr(0, gzip.size() - 1), 1), 13, "ends too early"},
      {"nothing", "gzip", Framed("", 1), 13, "ends too early"},
      {"more behind it", "gzip", Framed(gzip + "more", 1), 13, "behind its end"},
      {"no protobuf inside", "gzip", Framed(Packed("gzip", "\xff\xff"), 1), 13, "be parsed"},
      {"two", "gzip", Framed(gzip, 1) + Framed(gzip, 1), 12, "a second message"},
      {"an encoding that is not there", "br", Framed("x", 1), 12, "br is not supported"},
      {"the same, unused", "br", FramedText("x"), 12, "br is not supported"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Fields more;
    if (c.encoding != nullptr) more.emplace_back("grpc-encoding", c.encoding);
    const TestResponse& response = client.Call(kSay, c.data, more);
    EXPECT_EQ(response.status(), c.status);
    EXPECT_NE(response.status_message().find(c.words), std::string::npos)
        << response.status_message();
    EXPECT_TRUE(response.trailers_only());
    const bool used = c.encoding != nullptr && c.encoding != std::string("identity");
    EXPECT_EQ(response.Field("grpc-accept-encoding"), used ? kAll : "");
  }
  EXPECT_EQ(handled_count_, 0);
  EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
}

TEST_P(ServerCompressionTest, TheLimitHoldsForWhatIsInside) {
  START_SERVER();
  TestClient client(address());
  for (const char* name : {"gzip", "deflate", "zstd"}) {
    SCOPED_TRACE(name);
    const Fields more = {{"grpc-encoding", name}};
    const std::string largest = FramedTextOfSize(4 * kMiB).substr(5);
    const std::string too_large = FramedTextOfSize(4 * kMiB + 1).substr(5);
    EXPECT_EQ(client.Call(kSay, Framed(Packed(name, largest), 1), more).status(), 0);
    const TestResponse& response = client.Call(kSay, Framed(Packed(name, too_large), 1), more);
    EXPECT_EQ(response.status(), 8);
    EXPECT_NE(response.status_message().find("message_bytes_max, 4194304"), std::string::npos);
  }
  client.socket().Close();
  EXPECT_EQ(Stop().limit_trips[http2::Limit::kMessageBytes], 3u);
}

TEST_P(ServerCompressionTest, MessagesOfAStreamAreDecompressedOneByOne) {
  START_SERVER();
  TestClient client(address());
  const std::string large(kMiB, 'l');
  for (const char* name : {"gzip", "deflate", "zstd"}) {
    SCOPED_TRACE(name);
    choice_.Set(name);
    const std::string data = FramedPacked(name, "one") + FramedText("two") +
                             FramedPacked(name, large) + FramedPacked(name, "");
    const TestResponse& response = client.Call(
        kEcho.path, data, {{"grpc-encoding", name}, {"grpc-accept-encoding", kAll}});
    EXPECT_EQ(response.status(), 0) << response.status_message();
    EXPECT_TRUE(Messages(response, name) ==
                (std::vector<std::string>{"0one", "0two", "1" + large, "0"}));
  }
}

TEST_P(ServerCompressionTest, AStreamFailsAtTheMessageThatIsWrong) {
  START_SERVER();
  TestClient client(address());
  const struct {
    const char* name;
    const char* encoding;
    std::string wrong;
    int status;
  } cases[] = {
      {"corrupt", "gzip", Framed("not gzip at all", 1), 13},
      {"too large", "gzip", Framed(Packed("gzip", std::string(4 * kMiB + 1, 'x')), 1), 8},
      {"no encoding", "identity", Framed(Packed("gzip", ""), 1), 13},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TestResponse& response =
        client.Call(kEcho.path, FramedText("good") + c.wrong, {{"grpc-encoding", c.encoding}});
    EXPECT_EQ(response.status(), c.status) << response.status_message();
  }
  EXPECT_EQ(client.goaway(), std::nullopt);
}

// --- Responses

TEST_P(ServerCompressionTest, ResponsesArePlainUnlessSomebodyChooses) {
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : {kAct, kLater.path, kStream.path}) {
    const TestResponse& response = CallAccepting(client, path, std::string(1000, 'p'), kAll);
    EXPECT_EQ(response.Values("grpc-encoding"), std::vector<std::string>{});
    EXPECT_EQ(response.Values("grpc-accept-encoding"), std::vector<std::string>{});
    for (const std::string& message : Messages(response, "gzip")) EXPECT_EQ(message[0], '0');
  }
}

TEST_P(ServerCompressionTest, AHandlerChoosesWhatTheCallerAccepts) {
  START_SERVER();
  TestClient client(address());
  const std::string text(1000, 'c');
  const struct {
    const char* choice;
    const char* accepted;
    const char* want;  // nullptr: plain, and SetCompression() says so
  } cases[] = {
      {"gzip", "gzip", "gzip"},          {"gzip", "identity, br,gzip", "gzip"},
      {"deflate", kAll, "deflate"},      {"zstd", kAll, "zstd"},
      {"gzip", "deflate,zstd", nullptr}, {"gzip", "", nullptr},
      {"br", "br,gzip", nullptr},        {"zstd", "identity", nullptr},
  };
  for (const auto& c : cases) {
    choice_.Set(c.choice);
    for (const std::string_view path : {kAct, kLater.path}) {
      SCOPED_TRACE(std::string(c.choice) + " of " + c.accepted + std::string(path));
      const TestResponse& response = CallAccepting(client, path, text, c.accepted);
      EXPECT_EQ(response.status(), 0);
      EXPECT_EQ(chosen_, c.want != nullptr);
      EXPECT_EQ(response.Field("grpc-encoding"), c.want == nullptr ? "" : c.want);
      const std::string flag = c.want == nullptr ? "0" : "1";
      EXPECT_EQ(Messages(response, c.choice), std::vector<std::string>{flag + text});
    }
  }
}

TEST_P(ServerCompressionTest, OneMessageCanBeKeptPlain) {
  START_SERVER();
  choice_.Set("gzip");
  plain_ = true;
  TestClient client(address());
  const TestResponse& response = CallAccepting(client, kAct, std::string(1000, 'c'), kAll);
  EXPECT_EQ(Messages(response, "gzip"), std::vector<std::string>{"0" + std::string(1000, 'c')});
  EXPECT_EQ(response.Field("grpc-encoding"), "");
}

TEST_P(ServerCompressionTest, EachMessageOfAStreamCanBeChosen) {
  START_SERVER();
  TestClient client(address());
  const std::string text(1000, 's');
  for (const char* name : {"gzip", "zstd"}) {
    SCOPED_TRACE(name);
    choice_.Set(name);
    const TestResponse& response = CallAccepting(client, kStream.path, text, kAll);
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.Field("grpc-encoding"), name);
    EXPECT_EQ(Messages(response, name),
              (std::vector<std::string>{"1" + text, "0" + text, "1" + text, "0" + text,
                                        "1" + text}));
    EXPECT_FALSE(chosen_late_) << "the head has named another";
  }
}

TEST_P(ServerCompressionTest, ShortMessagesAndThoseThatDoNotShrinkStayPlain) {
  START_SERVER();
  choice_.Set("gzip");
  TestClient client(address());
  std::string noise(1000, '\0');
  uint32_t seed = 7;
  for (char& c : noise) {  // some 6.5 bits an octet: no run, no word twice
    seed = seed * 1664525u + 1013904223u;
    c = static_cast<char>(' ' + (seed >> 24) % 95);
  }
  const struct {
    const char* name;
    std::string text;
    char flag;
  } cases[] = {
      {"one below compressed_bytes_min", std::string(97, 'x'), '0'},
      {"compressed_bytes_min", std::string(98, 'x'), '1'},
      {"noise", noise.substr(0, 120), '0'},
      {"a long message", std::string(kMiB, 'x'), '1'},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TestResponse& response = CallAccepting(client, kAct, c.text, "gzip");
    const std::vector<std::string> messages = Messages(response, "gzip");
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0][0], c.flag);
    EXPECT_TRUE(messages[0].substr(1) == c.text);
    EXPECT_EQ(response.Field("grpc-encoding"), c.flag == '1' ? "gzip" : "");
  }
}

TEST_P(ServerCompressionTest, AServerCanHaveADefault) {
  options_.compression = "zstd";
  START_SERVER();
  TestClient client(address());
  const std::string text(1000, 'd');
  const TestResponse& zstd = CallAccepting(client, kSay, text, kAll);
  EXPECT_EQ(zstd.Field("grpc-encoding"), "zstd");
  EXPECT_EQ(Messages(zstd, "zstd"), std::vector<std::string>{"1" + text});
  EXPECT_EQ(Messages(CallAccepting(client, kSay, text, "gzip"), ""),
            std::vector<std::string>{"0" + text});
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText(text))), text) << "and who says nothing";
  choice_.Set("gzip");
  EXPECT_EQ(CallAccepting(client, kAct, text, kAll).Field("grpc-encoding"), "gzip");
  choice_.Set("identity");
  EXPECT_EQ(CallAccepting(client, kAct, text, kAll).Field("grpc-encoding"), "");
}

TEST_P(ServerCompressionTest, AFailureNamesNoEncoding) {
  options_.compression = "gzip";
  act_ = [](Call&, const Text&, Text&) { return MakeStatus(StatusCode::kAborted, "no"); };
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = CallAccepting(client, kAct, "x", kAll);
  EXPECT_EQ(response.status(), 10);
  EXPECT_EQ(response.Field("grpc-encoding"), "");
}

TEST_P(ServerCompressionTest, TheContentTypeComesBackWithAnEncoding) {
  START_SERVER();
  choice_.Set("gzip");
  TestClient client(address());
  const std::string text(1000, 'j');
  Fields head = TestClient::HeadWith(kAct, "content-type", "application/grpc+proto");
  head.emplace_back("grpc-accept-encoding", "gzip");
  const TestResponse& response = client.CallWithHead(head, FramedText(text));
  EXPECT_EQ(response.Field("content-type"), "application/grpc+proto");
  EXPECT_EQ(Messages(response, "gzip"), std::vector<std::string>{"1" + text});
}

// --- A program's own

// "Compresses" by leaving out the first octet, which is always the same one.
class Beheader final : public wire::Compressor {
 public:
  bool Compress(std::span<const wire::Bytes> pieces, wire::ScratchBuffer& output) override {
    if (pieces.size() != 1 || pieces[0].empty()) return false;
    const wire::Bytes rest = pieces[0].subspan(1);
    std::copy(rest.begin(), rest.end(), output.RoomFor(rest.size()));
    output.Commit(rest.size());
    return true;
  }
  wire::DecompressResult Decompress(wire::Bytes input, wire::ScratchBuffer& output) override {
    if (input.size() + 1 >= output.bytes_max()) return wire::DecompressResult::kTooLarge;
    uint8_t* room = output.RoomFor(input.size() + 1);
    *room = 0x0a;
    std::copy(input.begin(), input.end(), room + 1);
    output.Commit(input.size() + 1);
    return wire::DecompressResult::kOk;
  }
};

TEST_P(ServerCompressionTest, AProgramCanBringItsOwn) {
  register_more_ = [](Registry& registry) {
    registry.AddCompression({"behead", [] { return std::make_unique<Beheader>(); }});
  };
  START_SERVER();
  choice_.Set("behead");
  TestClient client(address());
  const std::string text(1000, 'b'), packed = Framed(SerializedText(text).substr(1), 1);
  const TestResponse& response = client.Call(
      kAct, packed, {{"grpc-encoding", "behead"}, {"grpc-accept-encoding", "behead"}});
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(response.data, packed);
  EXPECT_EQ(response.Field("grpc-encoding"), "behead");
  EXPECT_EQ(response.Field("grpc-accept-encoding"), std::string(kAll) + ",behead");
}

TEST(ServerCompression, ADefaultThatIsNotThereIsSaidAtStart) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.compression = "brotli";
  Server server(options);
  const Status status = server.Start();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(status).find("brotli"), std::string_view::npos);
  EXPECT_NE(MessageOf(status).find("gzip"), std::string_view::npos);
}

}  // namespace
}  // namespace penstock::test
