#include "penstock/loadtest/units.h"

#include <gtest/gtest.h>

namespace penstock::loadtest {
namespace {

TEST(ParseDuration, TakesNumbersWithUnits) {
  const struct {
    const char* text;
    TimeNs want;
  } cases[] = {
      {"0", 0},
      {"0s", 0},
      {"5s", 5 * kNsPerSecond},
      {"500ms", 500 * kNsPerMs},
      {"1.5s", 1'500 * kNsPerMs},
      {"250us", 250 * kNsPerUs},
      {"7ns", 7},
      {"2m", 120 * kNsPerSecond},
      {"1m30s", 90 * kNsPerSecond},
      {"1h", 3600 * kNsPerSecond},
  };
  for (const auto& [text, want] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ParseDuration(text), want);
  }
}

TEST(ParseDuration, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5x", "1.2.3s", "5s6", "0.5ns", "1e3s",
                           "10000000000000h", ".", "5S"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseDuration(text).has_value());
  }
}

TEST(ParseCount, TakesThousands) {
  EXPECT_EQ(ParseCount("0"), 0);
  EXPECT_EQ(ParseCount("10"), 10);
  EXPECT_EQ(ParseCount("10k"), 10'000);
  EXPECT_EQ(ParseCount("1.5M"), 1'500'000);
  EXPECT_EQ(ParseCount("2G"), 2'000'000'000);
  for (const char* text : {"", "k", "1.5", "-1", "1K", "1kk", "0x10", " 1", "99999999999G"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseCount(text).has_value());
  }
}

TEST(ParseByteSize, KnowsThousandsFromTwoToTheTenth) {
  EXPECT_EQ(ParseByteSize("64"), 64);
  EXPECT_EQ(ParseByteSize("64B"), 64);
  EXPECT_EQ(ParseByteSize("64kB"), 64'000);
  EXPECT_EQ(ParseByteSize("64KiB"), 65'536);
  EXPECT_EQ(ParseByteSize("1.5MiB"), 1'572'864);
  EXPECT_EQ(ParseByteSize("1GB"), 1'000'000'000);
  for (const char* text : {"", "64k", "64K", "1.5", "0.3B", "KiB", "-1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseByteSize(text).has_value());
  }
}

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

TEST(FormatSpan, IsWhatParseDurationTakesBack) {
  const struct {
    TimeNs ns;
    const char* want;
  } cases[] = {
      {0, "0s"},
      {4 * kNsPerSecond, "4s"},
      {1'500 * kNsPerMs, "1.5s"},
      {250 * kNsPerMs, "250ms"},
      {90 * kNsPerSecond, "1m30s"},
      {3600 * kNsPerSecond, "1h"},
      {60'500 * kNsPerMs, "1m0.5s"},
  };
  for (const auto& [ns, want] : cases) {
    SCOPED_TRACE(want);
    EXPECT_EQ(FormatSpan(ns), want);
    EXPECT_EQ(ParseDuration(want), ns);
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
