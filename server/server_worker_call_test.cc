// What a handler that streams on a worker says beside its messages: metadata, compression, and what
// interceptors around it see.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/task.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr ServerStreamingMethod<Text, Text> kGive{"/penstock.test.Workers/Give"};
constexpr ClientStreamingMethod<Text, Text> kTake{"/penstock.test.Workers/Take"};
constexpr BidiStreamingMethod<Text, Text> kChat{"/penstock.test.Workers/Chat"};

class ServerWorkerCallTest : public ServerTest {
 protected:
  ServerWorkerCallTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.compressed_bytes_min = 0;
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambdas.
      registry.Handle(kGive, [this](Call& call, const Text& request, BlockingWriter<Text>& out) {
        return Give(call, request, out);
      });
      registry.Handle(kTake, [](Call& call, BlockingReader<Text>& in, Text& reply) {
        return Take(call, in, reply);
      });
      registry.Handle(kChat, [this](Call& call, BlockingReader<Text>& in,
                                    BlockingWriter<Text>& out) {
        (void)call.initial_metadata().Add("x-first", "1");
        out.SendHead();
        out.SendHead();  // once
        (void)call.initial_metadata().Add("x-late", "1");
        const StatusOr<const Text*> next = in.Next();
        read_ok_ = next.ok();
        return next.status();
      });
    };
  }

  // The request, plain, the same, the same after SetCompression("identity"), and again as before.
  Status Give(Call& call, const Text& request, BlockingWriter<Text>& out) {
    (void)call.initial_metadata().Add("x-first", call.metadata().Get("x-user").value_or(""));
    call.SetCompression("gzip");
    Status status = out.Write(request);
    call.KeepNextPlain();
    if (status.ok()) status = out.Write(request);
    if (status.ok()) status = out.Write(request);
    call.SetCompression("identity");
    if (status.ok()) status = out.Write(request);
    chosen_late_ = call.SetCompression("deflate");
    call.SetCompression("gzip");
    if (status.ok()) status = out.Write(request);
    (void)call.trailing_metadata().Add("x-last", "2");
    sent_count_ = call.messages_sent_count();
    return status;
  }

  static Status Take(Call& call, BlockingReader<Text>& in, Text& reply) {
    for (;;) {
      const StatusOr<const Text*> next = in.Next();
      if (!next.ok()) return next.status();
      if (*next == nullptr) break;
    }
    (void)call.initial_metadata().Add("x-first", "1");
    (void)call.trailing_metadata().Add("x-last", "2");
    reply.set_text(std::to_string(call.messages_received_count()));
    return OkStatus();
  }

  std::atomic<bool> read_ok_{false};
  std::atomic<bool> chosen_late_{true};
  std::atomic<uint64_t> sent_count_{0};
};
INSTANTIATE_SERVER_TEST(ServerWorkerCallTest);

// The flags of the messages of `data`, one after the other.
std::string FlagsOf(const std::string& data) {
  std::string flags;
  for (size_t at = 0; at + 5 <= data.size();) {
    flags += data[at] == 0 ? '0' : '1';
    const auto octet = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(data[i])); };
    at += 5 + (octet(at + 1) << 24) + (octet(at + 2) << 16) + (octet(at + 3) << 8) + octet(at + 4);
  }
  return flags;
}

TEST_P(ServerWorkerCallTest, MetadataGoesBothWays) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& given = client.Call(kGive.path, FramedText("a"), {{"x-user", "anna"}});
  EXPECT_EQ(given.status(), 0);
  EXPECT_EQ(given.Field("x-first"), "anna");
  EXPECT_EQ(given.Field("x-last"), "2");
  EXPECT_EQ(sent_count_, 5u);
  const TestResponse& taken = client.Call(kTake.path, FramedText("a") + FramedText("b"));
  EXPECT_EQ(TextOf(taken), "2");
  EXPECT_EQ(taken.Field("x-first"), "1");
  EXPECT_EQ(taken.Field("x-last"), "2");
}

TEST_P(ServerWorkerCallTest, TheHeadMayGoAhead) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kChat.path));
  while (client.response(id).head.empty()) client.Ping();
  EXPECT_EQ(client.response(id).Field("x-first"), "1");
  EXPECT_EQ(client.response(id).Field("x-late"), "");
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 0);
  EXPECT_TRUE(read_ok_);
}

TEST_P(ServerWorkerCallTest, MessagesAreCompressedAsWasSaidWhenTheyWereWritten) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response =
      client.Call(kGive.path, FramedText(std::string(5'000, 'z')),
                  {{"grpc-accept-encoding", "gzip,deflate"}});
  EXPECT_EQ(response.status(), 0);
  EXPECT_EQ(response.Field("grpc-encoding"), "gzip");
  EXPECT_EQ(FlagsOf(response.data), "10101");
  EXPECT_FALSE(chosen_late_) << "the head has named another";
}

TEST_P(ServerWorkerCallTest, InterceptorsStandAroundIt) {
  const auto handlers = register_more_;
  Shared<std::string> seen;
  register_more_ = [&](Registry& registry) {
    handlers(registry);
    // The test outlives the server, and so the lambda's captures; the coroutine captures nothing.
    struct Around {
      Shared<std::string>* seen;
      Task<Status> operator()(Call& call, Next next) const {
        (void)call.initial_metadata().Add("x-before", "1");
        Status status = co_await next();
        seen->Set(std::to_string(call.messages_received_count()) + " in, " +
                  std::to_string(call.messages_sent_count()) + " out");
        (void)call.trailing_metadata().Add("x-after", "2");
        co_return status;
      }
    };
    registry.Intercept(Around{&seen});
  };
  START_SERVER();
  TestClient client(address());
  const TestResponse& given = client.Call(kGive.path, FramedText("a"));
  EXPECT_EQ(given.Field("x-before"), "1");
  EXPECT_EQ(given.Field("x-after"), "2");
  EXPECT_EQ(seen.Get(), "1 in, 5 out");
  const TestResponse& taken = client.Call(kTake.path, FramedText("a") + FramedText("b"));
  EXPECT_EQ(TextOf(taken), "2");
  EXPECT_EQ(taken.Values("x-first").size(), 1u);
  EXPECT_EQ(taken.Field("x-before"), "1");
  EXPECT_EQ(seen.Get(), "2 in, 1 out");
  Stop();
}

}  // namespace
}  // namespace penstock::test
