#include "penstock/codec/number_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>

#include "gtest/gtest.h"

namespace penstock::codec {
namespace {

template <typename Number>
std::string Text(Number value) {
  std::string text;
  AppendNumber(value, &text);
  return text;
}

TEST(NumberText, DoublesAsTheTableSays) {
  struct Case {
    double value;
    const char* want;
  };
  const Case cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1, "1"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {123456789, "123456789"},
      {1e10, "10000000000"},
      {999999999999999.0, "999999999999999"},
      {1e15, "1e+15"},
      {1234567890123456.0, "1234567890123456"},
      {12345678901234567890.0, "1.2345678901234567e+19"},
      {1e100, "1e+100"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {5e-324, "5e-324"},
      {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
  };
  for (const Case& c : cases) EXPECT_EQ(Text(c.value), c.want);
}

TEST(NumberText, FloatsAsTheTableSays) {
  struct Case {
    float value;
    const char* want;
  };
  const Case cases[] = {
      {0.1f, "0.1"},
      {1e6f, "1e+06"},
      {100000, "100000"},
      {1234567, "1234567"},
      {16777216, "16777216"},
      {3.4028235e38f, "3.4028235e+38"},
      {1e-45f, "1e-45"},
      {-1.175494e-38f, "-1.175494e-38"},
      {0.00012345f, "0.00012345"},
  };
  for (const Case& c : cases) EXPECT_EQ(Text(c.value), c.want);
}

// Where the shortest digits are those that printf rounds to, the layout is printf's.
TEST(NumberText, LooksAsPrintfWhereItsDigitsSuffice) {
  std::minstd_rand random(5);
  for (int round = 0; round < 20000; ++round) {
    const double value = std::ldexp(static_cast<double>(random() % 100000), random() % 200) / 128;
    char want[64];
    std::snprintf(want, sizeof want, "%.15g", value);
    double back = 0;
    std::from_chars(want, want + sizeof want, back);
    if (back != value) continue;
    ASSERT_EQ(Text(value), want);
  }
}

TEST(NumberText, EveryNumberReadsBackAsItself) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 100000; ++round) {
    const auto wide = std::bit_cast<double>(random());
    const auto narrow = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (std::isfinite(wide)) {
      const std::string text = Text(wide);
      double back = 0;
      std::from_chars(text.data(), text.data() + text.size(), back);
      ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(wide)) << text;
    }
    if (std::isfinite(narrow)) {
      const std::string text = Text(narrow);
      float back = 0;
      std::from_chars(text.data(), text.data() + text.size(), back);
      ASSERT_EQ(std::bit_cast<uint32_t>(back), std::bit_cast<uint32_t>(narrow)) << text;
    }
  }
}

}  // namespace
}  // namespace penstock::codec
