#include "penstock/rpc/drain.h"

#include <gtest/gtest.h>

namespace penstock::rpc {
namespace {

using Step = Drain::Step;
constexpr TimeNs kNow = 100 * kNsPerSecond;

TEST(Drain, RefusesOnceThePeerHasAnsweredItsPing) {
  Drain drain;
  EXPECT_FALSE(drain.begun());
  EXPECT_FALSE(drain.ReceivePingAck(Drain::kPingOpaque)) << "nobody asked";
  drain.Begin(kNow, kTimeNever);
  EXPECT_TRUE(drain.begun());
  EXPECT_FALSE(drain.ReceivePingAck(1)) << "of another PING";
  EXPECT_FALSE(drain.refuses());
  EXPECT_TRUE(drain.ReceivePingAck(Drain::kPingOpaque));
  EXPECT_TRUE(drain.refuses());
  EXPECT_FALSE(drain.ReceivePingAck(Drain::kPingOpaque)) << "once";
  EXPECT_EQ(drain.next_expiry(), kTimeNever);
}

TEST(Drain, RefusesAfterFiveSecondsWithoutAnAnswer) {
  Drain drain;
  drain.Begin(kNow, kTimeNever);
  EXPECT_EQ(drain.next_expiry(), kNow + 5 * kNsPerSecond);
  EXPECT_EQ(drain.Expire(drain.next_expiry() - 1), Step::kNone);
  EXPECT_EQ(drain.Expire(drain.next_expiry()), Step::kRefuse);
  EXPECT_EQ(drain.Expire(kTimeNever - 1), Step::kNone);
}

TEST(Drain, ForcesWhenTheGraceIsOver) {
  for (const bool answered : {false, true}) {
    Drain drain;
    drain.Begin(kNow, 20 * kNsPerSecond);
    if (answered) EXPECT_TRUE(drain.ReceivePingAck(Drain::kPingOpaque));
    if (!answered) EXPECT_EQ(drain.Expire(kNow + 5 * kNsPerSecond), Step::kRefuse);
    EXPECT_EQ(drain.next_expiry(), kNow + 20 * kNsPerSecond);
    EXPECT_EQ(drain.Expire(drain.next_expiry()), Step::kForce);
    EXPECT_EQ(drain.next_expiry(), kTimeNever);
  }
}

TEST(Drain, AGraceBelowFiveSecondsSkipsTheSecondStep) {
  Drain drain;
  drain.Begin(kNow, kNsPerSecond);
  EXPECT_EQ(drain.Expire(kNow + kNsPerSecond), Step::kForce);
}

TEST(Drain, BegunAgainItTakesTheShorterGraceAndKeepsItsStep) {
  Drain drain;
  drain.Begin(kNow, 20 * kNsPerSecond);
  EXPECT_TRUE(drain.ReceivePingAck(Drain::kPingOpaque));
  drain.Begin(kNow + kNsPerSecond, 30 * kNsPerSecond);
  EXPECT_TRUE(drain.refuses());
  EXPECT_EQ(drain.next_expiry(), kNow + 20 * kNsPerSecond);
  drain.Begin(kNow + kNsPerSecond, 0);
  EXPECT_EQ(drain.next_expiry(), kNow + kNsPerSecond);
}

}  // namespace
}  // namespace penstock::rpc
