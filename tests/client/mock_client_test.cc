// The mocks of clients that are generated beside those of services, x.mock.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "penstock/client/stub.h"
#include "penstock/client/testing/root_coroutine.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/try.h"

#include "tests/client/echo.mock.h"

namespace penstock::test::client {
namespace {

using penstock::client::CallOptions;
using penstock::client::Scope;
using ::testing::_;
using ::testing::NiceMock;
using ::testing::Property;
using ::testing::Return;

// Code under test: knows nothing of mocks. Its end is seen by `*said`.
penstock::client::testing::RootCoroutine SayTwice(EchoClient& echo, Scope& scope,
                                                  const CallOptions& options, std::string* said) {
  Text request;
  for (const char* text : {"one", "two"}) {
    request.set_text(text);
    auto saying = echo.Say(scope, request, options);
    const StatusOr<Text> reply = co_await saying;
    *said += reply.ok() ? std::string(reply->text()) : std::string(MessageOf(reply.status()));
    *said += saying.trailing_metadata().Get("x-cost").value_or("") == "3" ? "(3) " : " ";
  }
  *said += "end";
}

class MockClientTest : public ::testing::Test {
 protected:
  reactor::Shard shard_{reactor::ShardOptions()};
  Scope scope_{&shard_};
  CallOptions options_;
  std::string said_;
};

TEST_F(MockClientTest, AnswersWhatTheTestSays) {
  MockEchoClient echo(&shard_);
  const auto say_reply = [](Call& call, const Text&, Text& reply) {
    EXPECT_EQ(call.metadata().Get("x-user"), "ada");
    EXPECT_TRUE(call.trailing_metadata().Add("x-cost", "3"));
    reply.set_text("hear, hear");
    return OkStatus();
  };
  EXPECT_CALL(echo, Say(_, Property(&Text::text, "one"), _)).WillOnce(say_reply);
  EXPECT_CALL(echo, Say(_, Property(&Text::text, "two"), _))
      .WillOnce(Return(MakeStatus(StatusCode::kAborted, "not now")));
  EXPECT_TRUE(options_.AddMetadata("x-user", "ada"));
  SayTwice(echo.client(), scope_, options_, &said_);
  EXPECT_EQ(said_, "hear, hear(3) not now end");
}

TEST_F(MockClientTest, IsOkWithoutExpectations) {
  NiceMock<MockEchoClient> echo(&shard_);
  SayTwice(echo.client(), scope_, options_, &said_);
  EXPECT_EQ(said_, "  end");
}

TEST_F(MockClientTest, WhatIsCancelledIsNotCalled) {
  MockEchoClient echo(&shard_);
  EXPECT_CALL(echo, Say).Times(0);
  scope_.Cancel(MakeStatus(StatusCode::kCancelled, "enough"));
  SayTwice(echo.client(), scope_, options_, &said_);
  EXPECT_EQ(said_, "enough enough end");
}

// A handler that asks another service.
Task<StatusOr<std::string>> PassOn(Call& call, EchoClient& echo) {
  Text request;
  request.set_text("and you?");
  const Text reply = co_await Try(co_await echo.Say(call, request));
  co_return "they said: " + std::string(reply.text());
}

TEST(MockClient, AnswersAHandlerUnderTest) {
  penstock::testing::FakeCall call;
  MockEchoClient echo(&call.shard());
  const auto say_reply = [](Call&, const Text&, Text& reply) {
    reply.set_text("well");
    return OkStatus();
  };
  EXPECT_CALL(echo, Say(_, Property(&Text::text, "and you?"), _))
      .WillOnce(say_reply)
      .WillOnce(Return(MakeStatus(StatusCode::kAborted, "not now")));
  EXPECT_EQ(*call.Run(PassOn(call, echo.client())), "they said: well");
  EXPECT_EQ(call.Run(PassOn(call, echo.client())).status().code(), StatusCode::kAborted);
}

}  // namespace
}  // namespace penstock::test::client
