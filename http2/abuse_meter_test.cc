// Each limit of the meter exactly at its bound, where nothing trips, and one above.
#include "penstock/http2/abuse_meter.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace penstock::http2 {
namespace {

const Limits kLimits;

// How often `take` says yes, up to 100,000 times.
template <typename Take>
int CountOf(Take take) {
  int count = 0;
  while (count < 100'000 && take()) ++count;
  return count;
}

TEST(AbuseMeter, AThousandResetsAtOnce) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeReset(kLimits, 0); }), 1000);
}

TEST(AbuseMeter, AHundredResetsASecondForever) {
  AbuseMeter meter;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(meter.TakeReset(kLimits, i * 10 * kNsPerMs)) << i;
}

TEST(AbuseMeter, TwoHundredResetsForFaultsAtOnce) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeFaultReset(kLimits, 0); }), 200);
  EXPECT_EQ(CountOf([&] { return meter.TakeFaultReset(kLimits, kNsPerSecond); }), 33);
}

TEST(AbuseMeter, AThousandGlitchesAtOnce) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeGlitch(kLimits, 0); }), 1000);
  EXPECT_EQ(CountOf([&] { return meter.TakeGlitch(kLimits, kNsPerSecond); }), 100);
}

TEST(AbuseMeter, FiftySettingsASecond) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeSettings(kLimits, 0); }), 50);
  EXPECT_EQ(CountOf([&] { return meter.TakeSettings(kLimits, kNsPerSecond); }), 50);
}

TEST(AbuseMeter, AHundredEmptyFrames) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeEmptyFrame(kLimits); }), 100);
}

// --- The share of streams reset within a second

struct Loop {
  AbuseMeter meter;
  uint32_t id = 1;

  void Open(int count = 1) {
    for (int i = 0; i < count; ++i, id += 2) meter.OnStreamOpened();
  }
  bool OpenAndReset(TimeNs now) {
    Open();
    return meter.TakeResetShare(kLimits, id - 2, now);
  }
};

TEST(AbuseMeter, FewStreamsCountAsFiveHundred) {
  Loop loop;
  EXPECT_EQ(CountOf([&] { return loop.OpenAndReset(0); }), 250);
}

TEST(AbuseMeter, HalfOfManyStreamsMayBeReset) {
  Loop loop;
  EXPECT_TRUE(loop.OpenAndReset(0));  // the second begins
  loop.Open(9'000);
  // r resets of 9,000 + r - 1 streams: r may be 8,999.
  EXPECT_EQ(1 + CountOf([&] { return loop.OpenAndReset(kNsPerMs); }), 8'999);
}

TEST(AbuseMeter, EverySecondBeginsAnew) {
  Loop loop;
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 250; ++i) ASSERT_TRUE(loop.OpenAndReset(second * kNsPerSecond)) << i;
  }
}

TEST(AbuseMeter, StreamsThatLivedLongerDoNotCount) {
  Loop loop;
  loop.Open(1000);
  EXPECT_TRUE(loop.meter.TakeResetShare(kLimits, loop.id - 2, 10 * kNsPerSecond));
  for (uint32_t id = 1; id < loop.id - 2; id += 2) {
    ASSERT_TRUE(loop.meter.TakeResetShare(kLimits, id, 10 * kNsPerSecond)) << id;
  }
}

TEST(AbuseMeter, EightyResetsASecondTripNothingEvenIfEveryCallIsReset) {
  Loop loop;
  for (int i = 0; i < 80 * 60; ++i) {
    const TimeNs now = i * (kNsPerSecond / 80);
    ASSERT_TRUE(loop.OpenAndReset(now) && loop.meter.TakeReset(kLimits, now)) << i;
  }
}

// --- The two formulas

TEST(AbuseMeter, WindowUpdatesGoWithStreamsAndWithTheDataThatWeSend) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakeWindowUpdate(kLimits); }), 5);

  AbuseMeter used;
  for (int i = 0; i < 3; ++i) used.OnStreamOpened();
  for (int i = 0; i < 4; ++i) used.OnDataSent();
  EXPECT_EQ(CountOf([&] { return used.TakeWindowUpdate(kLimits); }), 5 + 2 * (3 + 10 * 4));
}

TEST(AbuseMeter, PrioritiesGoWithStreams) {
  AbuseMeter meter;
  EXPECT_EQ(CountOf([&] { return meter.TakePriority(kLimits); }), 100);

  AbuseMeter used;
  for (int i = 0; i < 3; ++i) used.OnStreamOpened();
  EXPECT_EQ(CountOf([&] { return used.TakePriority(kLimits); }), 400);
}

// --- PING

constexpr TimeNs kMinute = 60 * kNsPerSecond;

TEST(AbuseMeter, TwoStrikesAreForgiven) {
  AbuseMeter meter;
  // The first is none.
  EXPECT_EQ(CountOf([&] { return meter.TakePing(kLimits, true, 0); }), 3);
}

TEST(AbuseMeter, APingThatKeepsItsDistanceIsNoStrike) {
  AbuseMeter meter;
  for (TimeNs i = 0; i < 100; ++i) {
    ASSERT_TRUE(meter.TakePing(kLimits, false, i * 5 * kMinute));
  }
  for (TimeNs i = 0; i < 100; ++i) {
    ASSERT_TRUE(meter.TakePing(kLimits, true, 600 * kMinute + i * 120 * kMinute));
  }
  AbuseMeter early;
  TimeNs now = 0;
  EXPECT_EQ(CountOf([&] { return early.TakePing(kLimits, false, now += 5 * kMinute - 1); }), 3);
  AbuseMeter idle;
  EXPECT_EQ(CountOf([&] { return idle.TakePing(kLimits, true, now += 120 * kMinute - 1); }), 3);
}

TEST(AbuseMeter, WhatIsSentSetsThePingsBack) {
  AbuseMeter meter;
  for (int i = 0; i < 100; ++i) {
    i % 2 == 0 ? meter.OnHeadSent() : meter.OnDataSent();
    for (int pings = 0; pings < 3; ++pings) ASSERT_TRUE(meter.TakePing(kLimits, false, 0));
  }
  EXPECT_FALSE(meter.TakePing(kLimits, false, 0));
}

// --- Small DATA

TEST(AbuseMeter, TheBudgetOfSmallDataIsExact) {
  AbuseMeter meter;
  uint32_t debt = 0;
  // 25,600 / 255: a hundred frames of one octet and a bit.
  EXPECT_EQ(CountOf([&] { return meter.TakeSmallData(kLimits, 1, &debt); }), 100);

  AbuseMeter exact;
  debt = 0;
  EXPECT_EQ(CountOf([&] { return exact.TakeSmallData(kLimits, 0, &debt); }), 100);
  EXPECT_EQ(debt, 25'600u + 256u);
}

TEST(AbuseMeter, DataOfTheSizeThatCountsAsWholeCostsNothing) {
  AbuseMeter meter;
  uint32_t debt = 0;
  EXPECT_EQ(CountOf([&] { return meter.TakeSmallData(kLimits, 256, &debt); }), 100'000);
  EXPECT_EQ(debt, 0u);
  EXPECT_EQ(CountOf([&] { return meter.TakeSmallData(kLimits, 255, &debt); }), 25'600);
}

TEST(AbuseMeter, AMillionSmallFramesThatAreReadCostNothing) {
  AbuseMeter meter;
  uint32_t debt = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    ASSERT_TRUE(meter.TakeSmallData(kLimits, 6, &debt)) << i;
    meter.ReturnSmallData(&debt);
  }
}

}  // namespace
}  // namespace penstock::http2
