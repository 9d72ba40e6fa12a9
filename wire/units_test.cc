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
                           "10000000000000h", ".", ".s", "5S", "0.3333333333s",
                           "0.0000000000000000000000001s"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseDuration(text).has_value());
  }
}

TEST(ParseSpan, TakesABareNumberForSeconds) {
  EXPECT_EQ(ParseSpan("30"), 30 * kNsPerSecond);
  EXPECT_EQ(ParseSpan("1.5"), 1'500'000'000);
  EXPECT_EQ(ParseSpan("0"), 0);
  EXPECT_EQ(ParseSpan("1m30s"), 90 * kNsPerSecond);
  for (const char* text : {"", ".", "1.2.3", "5x", "-5", "30s5", "10000000000000000000"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseSpan(text).has_value());
  }
}

TEST(ParseCount, TakesThousands) {
  EXPECT_EQ(ParseCount("0"), 0);
  EXPECT_EQ(ParseCount("10"), 10);
  EXPECT_EQ(ParseCount("10k"), 10'000);
  EXPECT_EQ(ParseCount("1.5M"), 1'500'000);
  EXPECT_EQ(ParseCount("2G"), 2'000'000'000);
  for (const char* text : {"", "k", "1.5", "1000000.5", "-1", "1K", "1kk", "0x10", " 1",
                           "99999999999G"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseCount(text).has_value());
  }
}

TEST(ParseCount, IsExactToTheLast) {
  EXPECT_EQ(ParseCount("9223372036854775807"), 9'223'372'036'854'775'807);
  EXPECT_EQ(ParseCount("9007199254740993"), 9'007'199'254'740'993) << "2^53 and one";
  EXPECT_EQ(ParseCount("9223372036.854775807G"), 9'223'372'036'854'775'807);
  EXPECT_FALSE(ParseCount("9223372036854775808").has_value());
  EXPECT_FALSE(ParseCount("9223372036.854775808G").has_value());
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
      {1, "1ns"},
      {50 * kNsPerUs, "50us"},
      {1'234'567, "1.234567ms"},
      {59'123'456'789, "59.123456789s"},
      {60 * kNsPerSecond + 1, "1m0.000000001s"},
  };
  for (const auto& [ns, want] : cases) {
    SCOPED_TRACE(want);
    EXPECT_EQ(FormatSpan(ns), want);
    EXPECT_EQ(ParseDuration(want), ns);
  }
}

TEST(FormatSpan, IsTakenBackFromANanosecondToCenturies) {
  for (TimeNs power = 1; power <= 100'000'000'000'000'000; power *= 10) {
    for (const TimeNs ns : {power, power - 1, power + 1, 7 * power}) {
      EXPECT_EQ(ParseDuration(FormatSpan(ns)), ns) << FormatSpan(ns);
    }
  }
  EXPECT_EQ(ParseDuration(FormatSpan(kTimeNever - 1)), kTimeNever - 1);
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
