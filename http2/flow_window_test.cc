#include "penstock/http2/flow_window.h"

#include "gtest/gtest.h"

namespace penstock::http2 {
namespace {

TEST(FlowWindow, StartsAtTheDefaultOfTheProtocol) { EXPECT_EQ(FlowWindow().available(), 65'535); }

TEST(FlowWindow, ShrinkingSettingsMayMakeItNegative) {
  FlowWindow window(65'535);
  window.Spend(60'000);
  EXPECT_TRUE(window.Grant(10'000 - 65'535));
  EXPECT_EQ(window.available(), -50'000);
  EXPECT_TRUE(window.Grant(50'001));
  EXPECT_EQ(window.available(), 1);
}

TEST(FlowWindow, NeverExceedsItsLimit) {
  FlowWindow window(1);
  EXPECT_FALSE(window.Grant(kWindowBytesLimit));
  EXPECT_EQ(window.available(), 1);
  EXPECT_TRUE(window.Grant(kWindowBytesLimit - 1));
  EXPECT_FALSE(window.Grant(1));
  EXPECT_EQ(window.available(), kWindowBytesLimit);
}

TEST(FlowWindow, TheLowestWindowThatCanBeIsHeld) {
  FlowWindow window(kWindowBytesLimit);
  window.Spend(kWindowBytesLimit);
  EXPECT_TRUE(window.Grant(-kWindowBytesLimit));
  EXPECT_EQ(window.available(), -kWindowBytesLimit);
}

}  // namespace
}  // namespace penstock::http2
