// How long connections live, and how they end, on the server.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/reactor/wait.h"
#include "penstock/rpc/task.h"
#include "penstock/server/testing/simulated_session.h"

namespace penstock::server {
namespace {

using http2::ErrorCode;
using http2::kStreamIdMax;
using http2::testing::Data;
using http2::testing::GoAway;
using http2::testing::Ping;
using http2::testing::PingAck;
using Frames = std::vector<http2::testing::Frame>;

constexpr std::string_view kDraining = "draining";
constexpr std::string_view kSay = test::Echo::Say.path;

class LifetimeTest : public SimulatedSession {
 protected:
  LifetimeTest() {
    registry_.Handle(test::Echo::Say,
                     [](Call&, const test::Text&, test::Text&) { return OkStatus(); });
  }

  void Begin(uint32_t id) { Say(Head(id, kSay)); }
  void End(uint32_t id) { Say(Data(id, Framed("")).End()); }
  void Ask(uint32_t id) {
    Begin(id);
    End(id);
    Turn();
  }
  // The frames of a notice, which says `debug`.
  void ExpectNotice(std::string_view debug) {
    const Frames frames = TakeNotices();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0], GoAway(kStreamIdMax, ErrorCode::kNoError));
    EXPECT_EQ(frames[0].debug, debug);
    EXPECT_EQ(frames[1], Ping(kDraining));
  }
  void ExpectGoAway(uint32_t last_id, std::string_view debug) {
    const Frames frames = TakeNotices();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0], GoAway(last_id, ErrorCode::kNoError));
    EXPECT_EQ(frames[0].debug, debug);
  }
  void Answer(std::string_view opaque = kDraining) {
    Say(PingAck(opaque));
    Turn();
  }
  bool has_ended() {
    TakeTurns(2);
    return net_.newest().read_ended();
  }
};

// --- Drain

TEST_F(LifetimeTest, WhatTheClientSentBeforeItKnewIsServed) {
  Begin(1);
  Turn();
  session().Drain("bye");
  Turn();
  ExpectNotice("bye");
  Ask(3);
  EXPECT_EQ(status(3), "0");
  Answer();
  ExpectGoAway(3, "bye");
  EXPECT_FALSE(has_ended());
  End(1);
  Turn();
  EXPECT_EQ(status(1), "0");
  EXPECT_TRUE(has_ended());
  EXPECT_EQ(TakeNotices(), Frames{}) << "all has been said";
}

TEST_F(LifetimeTest, WhatIsOpenedAfterTheAnswerIsIgnored) {
  Begin(1);
  Turn();
  session().Drain("bye");
  Answer();
  TakeNotices();
  Ask(3);
  End(1);
  Turn();
  EXPECT_EQ(status(3), "");
  EXPECT_EQ(status(1), "0");
  EXPECT_EQ(state_->counters.calls_started, 1u);
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, AnIdleConnectionClosesAtTheAnswer) {
  Turn();
  session().Drain("bye");
  Turn();
  ExpectNotice("bye");
  EXPECT_FALSE(has_ended());
  Answer("whatever");
  EXPECT_FALSE(has_ended());
  Answer();
  ExpectGoAway(0, "bye");
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, AClientThatDoesNotAnswerIsRefusedAfterFiveSeconds) {
  Turn();
  session().Drain("bye");
  Turn();
  ExpectNotice("bye");
  Advance(5 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{});
  Advance(2 * kNsPerMs);
  EXPECT_TRUE(has_ended());
  ExpectGoAway(0, "bye");
}

TEST_F(LifetimeTest, WhenTheGraceIsOverCallsThatAreOpenAreCancelled) {
  Begin(1);
  Turn();
  session().Drain("bye", 10 * kNsPerSecond);
  Answer();
  TakeNotices();
  Advance(10 * kNsPerSecond - kNsPerMs);
  EXPECT_FALSE(has_ended());
  Advance(2 * kNsPerMs);
  EXPECT_TRUE(has_ended());
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
  ExpectGoAway(1, "bye");
}

TEST_F(LifetimeTest, TheSecondDrainOnlyShortensTheGrace) {
  Begin(1);
  Turn();
  session().Drain("first");
  session().Drain("second", kNsPerSecond);
  Turn();
  ExpectNotice("first");
  Advance(kNsPerSecond + kNsPerMs);
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, AClientThatHasNotSpokenYetIsServedFirst) {
  session().Drain("bye");
  shard_.Turn(0);
  EXPECT_FALSE(has_ended());
  Ask(1);
  EXPECT_EQ(status(1), "0");
  ExpectNotice("bye");
  Answer();
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, AClientThatHasJustConnectedHasASecondToOpenAStream) {
  session().Drain("bye");
  Turn();  // the preface and SETTINGS
  Advance(kNsPerSecond - 2 * kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{});
  Ask(1);
  EXPECT_EQ(status(1), "0");
  ExpectNotice("bye");
  Answer();
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, AClientThatOpensNothingIsToldAfterASecond) {
  session().Drain("bye");
  Turn();
  Advance(kNsPerSecond + 2 * kNsPerMs);
  ExpectNotice("bye");
  Answer();
  EXPECT_TRUE(has_ended());
}

TEST_F(LifetimeTest, WhoIsRefusedBeforeTheSecondIsOverIsNotToldOtherwise) {
  session().Drain("bye");
  shard_.Turn(0);
  net_.Advance(4 * kNsPerSecond + 500 * kNsPerMs);
  Turn();  // the preface and SETTINGS
  Advance(502 * kNsPerMs);
  ExpectGoAway(0, "bye");
  Advance(kNsPerSecond);
  EXPECT_EQ(TakeNotices(), Frames{});
  EXPECT_TRUE(has_ended());
}

class SilentTest : public LifetimeTest {
 protected:
  // A second connection, of a client that never speaks: the newest.
  void Connect() {
    auto* link = new Session::Link(shard_, http2::Role::kServer, options_.http2,
                                   &state_->workspace, {}, state_.get());
    link->Attach(shard_.Adopt(-1, link));
  }
};

TEST_F(SilentTest, AClientThatDoesNotSpeakAtAllIsClosedAfterFiveSeconds) {
  Connect();
  state_->sessions.ForEach([](Session& session) { session.Drain("bye"); });
  shard_.Turn(0);
  net_.Advance(5 * kNsPerSecond + kNsPerMs);
  shard_.Turn(0);
  shard_.Turn(0);
  EXPECT_TRUE(net_.newest().read_ended());
  EXPECT_EQ(net_.newest().TakeRead(), "");
}

TEST_F(SilentTest, WithoutADrainItIsClosedWhenThePrefaceIsDue) {
  Connect();
  net_.Advance(options_.http2.preface_timeout_ns - kNsPerMs);
  shard_.Turn(0);
  EXPECT_FALSE(net_.newest().read_ended());
  net_.Advance(2 * kNsPerMs);
  shard_.Turn(0);
  shard_.Turn(0);
  EXPECT_TRUE(net_.newest().read_ended());
}

}  // namespace
}  // namespace penstock::server
