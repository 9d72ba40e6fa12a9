#include "penstock/rpc/timeout.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock::rpc {
namespace {

constexpr TimeNs kNsPerMinute = 60 * kNsPerSecond;
constexpr TimeNs kNsPerHour = 60 * kNsPerMinute;

std::string Format(TimeNs timeout_ns) {
  char text[kTimeoutBytesMax];
  const size_t bytes = FormatTimeout(timeout_ns, text);
  EXPECT_LE(bytes, kTimeoutBytesMax);
  return {text, bytes};
}

// Read both ways. Each unit up to its last value, and the first one of the next unit.
const struct {
  TimeNs timeout_ns;
  const char* text;
} kPairs[] = {
    {1, "1n"},
    {99'999'999, "99999999n"},
    {100'000 * kNsPerUs, "100000u"},
    {99'999'999 * kNsPerUs, "99999999u"},
    {100'000 * kNsPerMs, "100000m"},
    {99'999'999 * kNsPerMs, "99999999m"},
    {100'000 * kNsPerSecond, "100000S"},
    {99'999'999 * kNsPerSecond, "99999999S"},
    {1'666'667 * kNsPerMinute, "1666667M"},
    {99'999'999 * kNsPerMinute, "99999999M"},
    {1'666'667 * kNsPerHour, "1666667H"},
};

TEST(Timeout, IsWrittenInTheFinestUnitThatFits) {
  for (const auto& pair : kPairs) EXPECT_EQ(Format(pair.timeout_ns), pair.text);
}

TEST(Timeout, IsReadAsItWasWritten) {
  for (const auto& pair : kPairs) EXPECT_EQ(ParseTimeout(pair.text), pair.timeout_ns) << pair.text;
}

TEST(Timeout, IsRoundedUpNeverDown) {
  EXPECT_EQ(Format(100'000'000), "100000u");
  EXPECT_EQ(Format(100'000'001), "100001u");
  EXPECT_EQ(Format(99'999'999 * kNsPerUs + 1), "100000m");
  EXPECT_EQ(Format(kTimeNever), "2562048H");
}

TEST(Timeout, EveryUnitIsRead) {
  const struct {
    const char* text;
    TimeNs want;
  } cases[] = {
      {"7n", 7},
      {"7u", 7 * kNsPerUs},
      {"7m", 7 * kNsPerMs},
      {"7S", 7 * kNsPerSecond},
      {"7M", 7 * kNsPerMinute},
      {"7H", 7 * kNsPerHour},
      {"0n", 0},
      {"0H", 0},
      {"00000000S", 0},
      {"00000001m", kNsPerMs},
      {"2562047H", 2'562'047 * kNsPerHour},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseTimeout(c.text), c.want) << c.text;
}

TEST(Timeout, HoursBeyondNanosecondsAreNever) {
  EXPECT_EQ(ParseTimeout("2562048H"), kTimeNever);
  EXPECT_EQ(ParseTimeout("99999999H"), kTimeNever);
}

TEST(Timeout, WhatIsMalformedIsRefused) {
  const char* cases[] = {"",     "1",    "n",   "123456789n", "000000001S", "1x",       "1s",
                         "1N",   "1ms",  "-1S", "+1S",        " 1S",        "1S ",      "1 S",
                         "1.5S", "0x1S", "1,S", "S1",         "١S",         "99999999", "1\nS"};
  for (const char* text : cases) EXPECT_EQ(ParseTimeout(text), std::nullopt) << text;
}

}  // namespace
}  // namespace penstock::rpc
