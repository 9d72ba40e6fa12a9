// The mocks that are generated beside services, x.mock.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "penstock/server/server.h"
#include "penstock/server/testing/server_fixture.h"

#include "server/testing/echo.mock.h"

namespace penstock::test {
namespace {

using ::testing::_;
using ::testing::NiceMock;
using ::testing::Property;
using ::testing::Return;

ServerOptions OnLoopback() {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  return options;
}

TEST(MockService, AnswersWhatTheTestSays) {
  Server server(OnLoopback());
  auto& echo = server.Add<MockEchoService>();
  const auto say_reply = [](Call&, const Text&, Text& reply) {
    reply.set_text("hear, hear");
    return OkStatus();
  };
  EXPECT_CALL(echo, Say(_, Property(&Text::text, "hear"), _)).WillOnce(say_reply);
  EXPECT_CALL(echo, Act).WillOnce(Return(MakeStatus(StatusCode::kAborted, "not now")));
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses().front());
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("hear"))), "hear, hear");
  EXPECT_EQ(client.Call(kAct, FramedText("")).status_message(), "not now");
  server.Stop();
}

TEST(MockService, MayReadAndWrite) {
  Server server(OnLoopback());
  auto& kinds = server.Add<MockKindsService>();
  const auto repeat = [](Call&, Reader<Text>& in, Writer<Text>& out) -> Task<Status> {
    const Text* text = co_await Try(co_await in.Next());
    co_return co_await out.Write(*text);
  };
  EXPECT_CALL(kinds, Repeat).WillOnce(repeat);
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses().front());
  const std::string framed = FramedText("x");
  EXPECT_EQ(client.Call(Kinds::Repeat.path, framed).data, framed);
  server.Stop();
}

TEST(MockService, StreamsAreOkWithoutExpectations) {
  Server server(OnLoopback());
  server.Add<NiceMock<MockKindsService>>();
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses().front());
  for (const std::string_view path :
       {Kinds::Spell.path, Kinds::Join.path, Kinds::Repeat.path}) {
    EXPECT_EQ(client.Call(path, FramedText("x")).status(), 0) << path;
  }
  server.Stop();
}

TEST(MockService, IsOkWithoutExpectations) {
  Server server(OnLoopback());
  server.Add<NiceMock<MockEchoService>>();
  ASSERT_TRUE(server.Start().ok());
  TestClient client(server.addresses().front());
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("x"))), "");
  server.Stop();
}

}  // namespace
}  // namespace penstock::test
