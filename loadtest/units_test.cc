#include "penstock/loadtest/units.h"

#include <gtest/gtest.h>

namespace penstock::loadtest {
namespace {

TEST(FormatDuration, HasThreeSignificantDigits) {
  const struct {
    double ns;
    const char* want;
  } cases[] = {
      {0, "0ns"},          {850, "850ns"},        {9'120, "9.12us"},      {182'000, "182us"},
      {999'900, "1.00ms"}, {1'900'000, "1.90ms"}, {12'340'000, "12.3ms"}, {9'996'000, "10.0ms"},
      {1.5e9, "1.50s"},    {123.4e9, "123s"},     {1234.5e9, "1234s"},    {0.1544, "0.15ns"},
  };
  for (const auto& [ns, want] : cases) {
    SCOPED_TRACE(want);
    EXPECT_EQ(FormatDuration(ns), want);
  }
}

TEST(FormatRate, HasFourSignificantDigits) {
  EXPECT_EQ(FormatRate(0), "0");
  EXPECT_EQ(FormatRate(950), "950");
  EXPECT_EQ(FormatRate(12.345), "12.35");
  EXPECT_EQ(FormatRate(50'000), "50.00k");
  EXPECT_EQ(FormatRate(512'340), "512.3k");
  EXPECT_EQ(FormatRate(8'613'000), "8.613M");
  EXPECT_EQ(FormatRate(999'999), "1.000M");
}

TEST(FormatBytes, CountsIn1024s) {
  EXPECT_EQ(FormatBytes(7), "7 B");
  EXPECT_EQ(FormatBytes(640), "640 B");
  EXPECT_EQ(FormatBytes(1024), "1.00 KiB");
  EXPECT_EQ(FormatBytes(12.3 * 1024 * 1024), "12.3 MiB");
}

}  // namespace
}  // namespace penstock::loadtest
