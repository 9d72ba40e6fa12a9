#include "penstock/rpc/keepalive.h"

#include <gtest/gtest.h>

namespace penstock::rpc {
namespace {

using Step = Keepalive::Step;
constexpr TimeNs kS = kNsPerSecond;

// Begins at 0 s: pings after 60 s, and waits 20 s.
Keepalive Begun(bool without_calls = false) {
  Keepalive keepalive;
  keepalive.Begin(0, {60 * kS, 20 * kS, without_calls});
  return keepalive;
}

TEST(Keepalive, WithoutATimeItNeverExpires) {
  Keepalive keepalive;
  EXPECT_EQ(keepalive.next_expiry(), kTimeNever);
  keepalive.Begin(0, {});
  EXPECT_EQ(keepalive.next_expiry(), kTimeNever);
  EXPECT_FALSE(keepalive.dormant());
}

TEST(Keepalive, SilenceIsMeasuredFromTheLastOctetRead) {
  Keepalive keepalive = Begun();
  EXPECT_EQ(keepalive.next_expiry(), 60 * kS);
  EXPECT_EQ(keepalive.Expire(59 * kS, 0, true), Step::kNone);
  EXPECT_EQ(keepalive.Expire(60 * kS, 45 * kS, true), Step::kNone);
  EXPECT_EQ(keepalive.next_expiry(), 105 * kS);
  EXPECT_EQ(keepalive.Expire(105 * kS, 45 * kS, true), Step::kPing);
}

TEST(Keepalive, APeerThatAnswersNothingIsLostAfterTheTimeout) {
  Keepalive keepalive = Begun();
  EXPECT_EQ(keepalive.Expire(60 * kS, 0, true), Step::kPing);
  EXPECT_EQ(keepalive.next_expiry(), 80 * kS);
  EXPECT_EQ(keepalive.Expire(80 * kS, 0, true), Step::kLost);
  EXPECT_EQ(keepalive.next_expiry(), kTimeNever);
}

TEST(Keepalive, AnyOctetAnswersAndTheNextPingIsATimeAfterIt) {
  Keepalive keepalive = Begun();
  EXPECT_EQ(keepalive.Expire(60 * kS, 0, true), Step::kPing);
  EXPECT_EQ(keepalive.Expire(80 * kS, 61 * kS, true), Step::kNone);
  EXPECT_EQ(keepalive.next_expiry(), 121 * kS);
  EXPECT_EQ(keepalive.Expire(121 * kS, 61 * kS, true), Step::kPing);
}

TEST(Keepalive, ATimeBelowTheTimeoutIsKept) {
  Keepalive keepalive;
  keepalive.Begin(0, {10 * kS, 20 * kS, false});
  EXPECT_EQ(keepalive.Expire(10 * kS, 0, true), Step::kPing);
  EXPECT_EQ(keepalive.Expire(20 * kS, 10 * kS, true), Step::kPing) << "answered at once";
  EXPECT_EQ(keepalive.Expire(30 * kS, 10 * kS, true), Step::kNone);
  EXPECT_EQ(keepalive.Expire(40 * kS, 10 * kS, true), Step::kLost);
}

TEST(Keepalive, WithoutCallsItIsDormantUntilOneBegins) {
  Keepalive keepalive = Begun();
  EXPECT_EQ(keepalive.Expire(60 * kS, 0, false), Step::kNone);
  EXPECT_TRUE(keepalive.dormant());
  EXPECT_EQ(keepalive.next_expiry(), kTimeNever);
  EXPECT_TRUE(keepalive.Wake(1000 * kS, 0)) << "a PING before the call";
  EXPECT_FALSE(keepalive.dormant());
  EXPECT_EQ(keepalive.Expire(1020 * kS, 0, true), Step::kLost);
}

TEST(Keepalive, WokenAfterAnOctetItOnlyCountsOn) {
  Keepalive keepalive = Begun();
  EXPECT_EQ(keepalive.Expire(60 * kS, 0, false), Step::kNone);
  EXPECT_FALSE(keepalive.Wake(100 * kS, 90 * kS));
  EXPECT_EQ(keepalive.next_expiry(), 150 * kS);
}

TEST(Keepalive, WithoutCallsItGoesOnWhereThatIsAskedFor) {
  Keepalive keepalive = Begun(true);
  EXPECT_EQ(keepalive.Expire(60 * kS, 0, false), Step::kPing);
  EXPECT_FALSE(keepalive.dormant());
}

}  // namespace
}  // namespace penstock::rpc
