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
