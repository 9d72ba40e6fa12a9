#include "penstock/wire/units.h"

#include <gtest/gtest.h>

namespace penstock::wire {
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

TEST(FormatByteSize, IsWhatParseByteSizeTakesBack) {
  const struct {
    uint64_t bytes;
    const char* want;
  } cases[] = {
      {0, "0"},
      {1000, "1000"},
      {1024, "1KiB"},
      {1536, "1536"},
      {256 * 1024, "256KiB"},
      {4 << 20, "4MiB"},
      {uint64_t{8} << 30, "8GiB"},
  };
  for (const auto& [bytes, want] : cases) {
    SCOPED_TRACE(want);
    EXPECT_EQ(FormatByteSize(bytes), want);
    EXPECT_EQ(ParseByteSize(want), static_cast<int64_t>(bytes));
  }
}

}  // namespace
}  // namespace penstock::wire
