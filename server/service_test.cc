// Generated service classes: virtual methods, and methods whose types say which form they have.
#include <gtest/gtest.h>

#include <string>

#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;

Task<Status> SpellOut(Call&, const Text& request, Writer<Text>& out) {
  Text letter;
  for (const char c : request.text()) {
    letter.set_text(std::string_view(&c, 1));
    co_await Try(co_await out.Write(letter));
  }
  co_return OkStatus();
}

Task<StatusOr<Text>> JoinAll(Call& call, Reader<Text>& in) {
  std::string all;
  while (const Text* text = co_await Try(co_await in.Next())) all += text->text();
  Text reply(&call.arena());
  reply.set_text(all);
  co_return reply;
}

Task<Status> RepeatEach(Call&, Reader<Text>& in, Writer<Text>& out) {
  while (const Text* text = co_await Try(co_await in.Next())) {
    co_await Try(co_await out.Write(*text));
  }
  co_return OkStatus();
}

class Virtual final : public KindsService {
  Status Say(Call&, const Text& request, Text& reply) override {
    reply.set_text(request.text());
    return OkStatus();
  }
  Task<Status> Spell(Call& call, const Text& request, Writer<Text>& out) override {
    return SpellOut(call, request, out);
  }
  Task<StatusOr<Text>> Join(Call& call, Reader<Text>& in) override { return JoinAll(call, in); }
  Task<Status> Repeat(Call& call, Reader<Text>& in, Writer<Text>& out) override {
    return RepeatEach(call, in, out);
  }
};

class Plain final : public KindsHandlers<Plain> {
 public:
  Status Say(Call&, const Text& request, Text& reply) {
    reply.set_text(request.text());
    return OkStatus();
  }
  Task<Status> Spell(Call& call, const Text& request, Writer<Text>& out) {
    return SpellOut(call, request, out);
  }
  Task<StatusOr<Text>> Join(Call& call, Reader<Text>& in) { return JoinAll(call, in); }
  Task<Status> Repeat(Call& call, Reader<Text>& in, Writer<Text>& out) {
    return RepeatEach(call, in, out);
  }
};

class Waiting final : public KindsHandlers<Waiting> {
 public:
  Task<StatusOr<Text>> Say(Call& call, const Text& request) {
    co_await Try(co_await Sleep(call, 1));
    Text reply(&call.arena());
    reply.set_text(request.text());
    co_return reply;
  }
  Task<Status> Spell(Call& call, const Text& request, Writer<Text>& out) {
    return SpellOut(call, request, out);
  }
  Task<StatusOr<Text>> Join(Call& call, Reader<Text>& in) { return JoinAll(call, in); }
  Task<Status> Repeat(Call& call, Reader<Text>& in, Writer<Text>& out) {
    return RepeatEach(call, in, out);
  }
};

// What streams waits where it stands, and so on workers.
class Blocking final : public KindsHandlers<Blocking> {
 public:
  Status Say(Call&, const Text& request, Text& reply) {
    reply.set_text(request.text());
    return OkStatus();
  }
  Status Spell(Call&, const Text& request, BlockingWriter<Text>& out) {
    Text letter;
    for (const char c : request.text()) {
      letter.set_text(std::string_view(&c, 1));
      if (Status status = out.Write(letter); !status.ok()) return status;
    }
    return OkStatus();
  }
  Status Join(Call&, BlockingReader<Text>& in, Text& reply) {
    std::string all;
    for (;;) {
      const StatusOr<const Text*> text = in.Next();
      if (!text.ok()) return text.status();
      if (*text == nullptr) break;
      all += (*text)->text();
    }
    reply.set_text(all);
    return OkStatus();
  }
  Status Repeat(Call&, BlockingReader<Text>& in, BlockingWriter<Text>& out) {
    for (;;) {
      const StatusOr<const Text*> text = in.Next();
      if (!text.ok() || *text == nullptr) return text.status();
      if (Status status = out.Write(**text); !status.ok()) return status;
    }
  }
};

template <typename ServiceType>
void ExpectAllKinds() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  Server server(options);
  server.Add<ServiceType>();
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses().front());
  EXPECT_EQ(TextOf(client.Call(Kinds::Say.path, FramedText("abc"))), "abc");
  const TestResponse& spelt = client.Call(Kinds::Spell.path, FramedText("abc"));
  EXPECT_EQ(spelt.status(), 0);
  const std::string letters = FramedText("a") + FramedText("b") + FramedText("c");
  EXPECT_EQ(spelt.data, letters);
  EXPECT_EQ(TextOf(client.Call(Kinds::Join.path, letters)), "abc");
  EXPECT_EQ(client.Call(Kinds::Repeat.path, letters).data, letters);
}

TEST(Service, HasVirtualMethods) { ExpectAllKinds<Virtual>(); }
TEST(Service, MayHavePlainMethods) { ExpectAllKinds<Plain>(); }
TEST(Service, MayHaveCoroutines) { ExpectAllKinds<Waiting>(); }
TEST(Service, MayHaveStreamsThatBlock) { ExpectAllKinds<Blocking>(); }

}  // namespace
}  // namespace penstock::test
