// When a server takes its clients for gone, too old or too idle, and which of their PINGs it minds.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/server/lifespan.h"
#include "penstock/server/lifetime_options.h"
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

constexpr std::string_view kKeepalive = "keepaliv";
constexpr std::string_view kDraining = "draining";

class SilenceTest : public SimulatedSession {
 protected:
  SilenceTest() {
    registry_.Handle(test::Echo::Say,
                     [](Call&, const test::Text&, test::Text&) { return OkStatus(); });
  }
  void Begin(uint32_t id) {
    SimulatedSession::Say(Head(id, test::Echo::Say.path));
    Turn();
  }
  void End(uint32_t id) {
    SimulatedSession::Say(Data(id, Framed("")).End());
    Turn();
  }
  void Says(const Frame& frame) {
    SimulatedSession::Say(frame);
    Turn();
  }
  // And the tick by which timers may be late.
  void Pass(TimeNs ns) { Advance(ns + kNsPerMs); }
  bool has_ended() {
    TakeTurns(2);
    return net_.newest().read_ended() || net_.newest().closed();
  }
  // The first half of a graceful end, for this reason.
  void ExpectNotice(std::string_view debug) {
    const Frames frames = TakeNotices();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0], GoAway(kStreamIdMax, ErrorCode::kNoError));
    EXPECT_EQ(frames[0].debug, debug);
    EXPECT_EQ(frames[1], Ping(kDraining));
  }
};

// --- Keepalive

TEST_F(SilenceTest, AClientThatIsSilentForTwoHoursIsPingedAndThenClosed) {
  Begin(1);
  Advance(7200 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{});
  Pass(kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{Ping(kKeepalive)});
  Advance(19 * kNsPerSecond);
  EXPECT_FALSE(has_ended());
  Pass(kNsPerSecond);
  EXPECT_TRUE(has_ended());
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
}

TEST_F(SilenceTest, AClientThatAnswersIsKept) {
  Turn();
  for (int i = 0; i < 3; ++i) {
    Pass(7200 * kNsPerSecond);
    EXPECT_EQ(TakeNotices(), Frames{Ping(kKeepalive)});
    Says(PingAck(kKeepalive));
  }
  EXPECT_FALSE(has_ended());
}

TEST_F(SilenceTest, AClientThatIsNotReadFromIsNotTakenForSilent) {
  Turn();
  session().link().socket().PauseReceive();
  Pass(7200 * kNsPerSecond);
  EXPECT_EQ(TakeNotices(), Frames{});
  session().link().socket().ResumeReceive();
  Pass(7200 * kNsPerSecond);
  EXPECT_EQ(TakeNotices(), Frames{Ping(kKeepalive)});
}

// --- The client's PINGs

TEST_F(SilenceTest, TheThirdEarlyPingEndsTheConnectionAndTheLogSaysWhichOptionPermitsIt) {
  Begin(1);
  for (int i = 0; i < 3; ++i) {
    Says(Ping("12345678"));
    EXPECT_EQ(TakeNotices(), Frames{PingAck("12345678")});
    Advance(10 * kNsPerSecond);
  }
  ::testing::internal::CaptureStderr();
  Says(Ping("12345678"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "penstock: unknown was told too_many_pings and closed: its last PINGs were 10000 ms "
            "apart, and with a stream open 300000 ms are permitted, "
            "ServerOptions::http2.ping_interval_min_ns: lower that, or have the client's "
            "keepalive time raised (shard 0; 0 more since the line before)\n");
  const Frames frames = TakeNotices();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0], PingAck("12345678")) << "first of all";
  EXPECT_EQ(frames[1], GoAway(1, ErrorCode::kEnhanceYourCalm));
  EXPECT_EQ(frames[1].debug, "too_many_pings");
  EXPECT_TRUE(has_ended());
}

// --- Idleness

class IdleTest : public SilenceTest {
 protected:
  IdleTest() { options_.connection_idle_ns_max = 100 * kNsPerSecond; }
};

TEST_F(IdleTest, AConnectionThatNeverHadAStreamIsIdleFromItsBegin) {
  Turn();
  Advance(100 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{});
  Pass(kNsPerMs);
  ExpectNotice("max_idle");
  Says(PingAck(kDraining));
  EXPECT_TRUE(has_ended());
}

TEST_F(IdleTest, IdlenessBeginsWithTheEndOfTheLastStream) {
  Begin(1);
  Advance(150 * kNsPerSecond);
  Begin(3);
  End(1);
  Advance(20 * kNsPerSecond);
  End(3);
  Advance(60 * kNsPerSecond);
  SimulatedSession::Say(Head(5, test::Echo::Say.path));  // it begins and ends in one batch
  End(5);
  Says(Ping("12345678"));  // which is no stream
  Advance(100 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{PingAck("12345678")});
  Pass(kNsPerMs);
  ExpectNotice("max_idle");
}

// --- Age

class AgeTest : public SilenceTest {
 protected:
  AgeTest() {
    options_.connection_age_ns_max = 100 * kNsPerSecond;
    options_.connection_age_grace_ns = 30 * kNsPerSecond;
  }
};

TEST_F(AgeTest, AnOldConnectionIsEndedAndItsCallsHaveTheGrace) {
  Begin(1);
  Begin(3);
  Advance(90 * kNsPerSecond - kNsPerMs);
  EXPECT_EQ(TakeNotices(), Frames{});
  Pass(20 * kNsPerSecond + kNsPerMs);
  ExpectNotice("max_age");
  Says(PingAck(kDraining));
  End(1);
  EXPECT_EQ(status(1), "0");
  EXPECT_FALSE(has_ended());
  Pass(30 * kNsPerSecond);
  EXPECT_TRUE(has_ended());
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
}

TEST(Lifespan, AgesDifferByATenthAtMost) {
  EXPECT_EQ(WithJitter(1000, 0), 900);
  EXPECT_EQ(WithJitter(1000, 0.5), 1000);
  EXPECT_NEAR(static_cast<double>(WithJitter(1'000'000, 0.999)), 1'100'000, 200);
  EXPECT_EQ(WithJitter(kTimeNever, 0), kTimeNever);
}

TEST_F(AgeTest, TheJitterIsDrawnOfTheShard) {
  const double first = state_->DrawRandom();
  const double second = state_->DrawRandom();
  EXPECT_NE(first, second);
  for (const double random : {first, second}) {
    EXPECT_GE(random, 0);
    EXPECT_LT(random, 1);
  }
}

// --- Options

TEST(LifetimeOptions, WhatMakesNoSenseIsRefusedWithASentence) {
  EXPECT_TRUE(CheckLifetimes({}).ok());
  const struct {
    TimeNs ServerOptions::* option;
    TimeNs value_ns;
    const char* want;
  } cases[] = {
      {&ServerOptions::keepalive_time_ns, kNsPerMs,
       "ServerOptions::keepalive_time_ns is 1000000 ns: it is at least a second, or kTimeNever"},
      {&ServerOptions::keepalive_timeout_ns, 0,
       "ServerOptions::keepalive_timeout_ns is 0 ns: it is at least a millisecond, or kTimeNever"},
      {&ServerOptions::connection_idle_ns_max, 0,
       "ServerOptions::connection_idle_ns_max is 0 ns: it is at least a millisecond, or "
       "kTimeNever"},
      {&ServerOptions::connection_age_ns_max, -1,
       "ServerOptions::connection_age_ns_max is -1 ns: it is at least a millisecond, or "
       "kTimeNever"},
      {&ServerOptions::connection_age_grace_ns, -1,
       "ServerOptions::connection_age_grace_ns is -1 ns: it is at least 0, or kTimeNever"},
  };
  for (const auto& one : cases) {
    ServerOptions options;
    options.*one.option = one.value_ns;
    EXPECT_EQ(MessageOf(CheckLifetimes(options)), one.want);
  }
}

}  // namespace
}  // namespace penstock::server
