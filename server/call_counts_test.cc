// What a shard counts of calls, also of those that end early: for /metrics, and for channelz.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "penstock/rpc/task.h"
#include "penstock/server/builtin/shard_report.h"
#include "penstock/server/testing/deaf_waits.h"
#include "penstock/server/testing/simulated_session.h"

namespace penstock::server {
namespace {

using http2::testing::Data;
using http2::testing::Headers;
using http2::testing::RstStream;

constexpr char kPath[] = "/penstock.test.Kinds/Say";

class CallCountsTest : public SimulatedSession {
 protected:
  CallCountsTest() {
    registry_.Handle(test::Kinds::Say,
                     [this](Call&, const test::Text&) -> Task<StatusOr<test::Text>> {
                       return Hold(this);
                     });
  }
  void TearDown() override {
    EndHandlers();
    SimulatedSession::TearDown();
  }

  static Task<StatusOr<test::Text>> Hold(CallCountsTest* test) {
    co_await test->held_.Next();
    co_return test::Text();
  }
  void EndHandlers() {
    held_.WakeAll();
    Turn();
  }

  void SayCall(uint32_t id) {
    Say(Head(id, kPath));
    Say(Data(id, Framed("")).End());
    Turn();
  }
  uint64_t ReceivedCount() {
    const auto report = ReportOf(*state_, session().link().socket().id());
    return report ? report->messages_received_count : 0;
  }
  const MethodMetrics& known() { return state_->metrics.Of(registry_.Find(kPath)->index); }

  DeafWaits held_{&shard_};
};

TEST_F(CallCountsTest, AMalformedTimeoutIsAFailureOfItsMethodOrOfTheUnknown) {
  Say(Head(1, kPath).Field("grpc-timeout", "soon").End());
  Say(Head(3, "/penstock.test.Kinds/Nothing").Field("grpc-timeout", "soon").End());
  Turn();
  constexpr auto kInternal = static_cast<size_t>(StatusCode::kInternal);
  EXPECT_EQ(known().started_count, 1u);
  EXPECT_EQ(known().handled_counts[kInternal], 1u);
  EXPECT_EQ(state_->metrics.unknown().started_count, 1u);
  EXPECT_EQ(state_->metrics.unknown().handled_counts[kInternal], 1u);
}

TEST_F(CallCountsTest, WhatMeansToBeACallAndIsNotAPostCountsAndAConnectDoesNot) {
  Say(Headers(1).Get("/nothing").Field("content-type", "application/grpc").End());
  Say(Headers(3).Field(":method", "CONNECT").Field(":authority", "x:1"));
  Turn();
  EXPECT_EQ(state_->metrics.unknown().started_count, 1u);
  EXPECT_EQ(state_->metrics.unknown().handled_count(), 1u);
  EXPECT_EQ(state_->counters.calls_failed, 2u);
}

TEST_F(CallCountsTest, MessagesStayReceivedWhenTheirCallIsCancelledBeforeItsHandlerEnds) {
  SayCall(1);
  EXPECT_EQ(ReceivedCount(), 1u) << "of the open call";
  Say(RstStream(1, http2::ErrorCode::kCancel));
  Turn();
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
  EXPECT_EQ(ReceivedCount(), 1u) << "while the handler is at work";
  EndHandlers();
  EXPECT_EQ(ReceivedCount(), 1u);
  SayCall(3);
  EndHandlers();
  EXPECT_EQ(status(3), "0");
  EXPECT_EQ(ReceivedCount(), 2u);
}

TEST_F(CallCountsTest, TheShardKnowsWhenItsLatestCallBegan) {
  Advance(kNsPerSecond);
  EXPECT_EQ(state_->call_started_at, 0);
  SayCall(1);
  const TimeNs began_at = shard_.now();
  EXPECT_EQ(state_->call_started_at, began_at);
  net_.Advance(kNsPerSecond);
  EndHandlers();
  Say(http2::testing::Ping("12345678"));
  Turn();
  EXPECT_EQ(state_->call_started_at, began_at) << "an answer and a PING are no calls";
  SayCall(3);
  EXPECT_EQ(state_->call_started_at, began_at + kNsPerSecond);
}

}  // namespace
}  // namespace penstock::server
