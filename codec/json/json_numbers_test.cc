#include "penstock/codec/json/json_numbers.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

constexpr NumberFault kGood = NumberFault::kNone;

template <typename Number>
struct Case {
  const char* spelling;
  NumberFault fault;
  Number want = 0;
};

template <typename Number, size_t kCount>
void Check(const Case<Number> (&cases)[kCount]) {
  for (const Case<Number>& c : cases) {
    SCOPED_TRACE(c.spelling);
    Number value = 0;
    EXPECT_EQ(ParseNumber(c.spelling, &value), c.fault);
    if (c.fault == kGood) EXPECT_EQ(value, c.want);
  }
}

TEST(JsonNumbers, SpellingsThatAreNoNumbers) {
  for (const char* spelling :
       {"",         "-",         "+1",   "01",  "-01",  "00",    "1.",      ".5", "-.5",
        "1e",       "1e+",       "1E-",  "e5",  "0x10", "1 ",    " 1",      "1a", "NaN",
        "Infinity", "-Infinity", "1.e5", "--1", "1..2", "1e5.5", "\xd9\xa1"}) {
    SCOPED_TRACE(spelling);
    int64_t integer = 0;
    double number = 0;
    EXPECT_EQ(ParseNumber(spelling, &integer), NumberFault::kNoNumber);
    EXPECT_EQ(ParseNumber(spelling, &number), NumberFault::kNoNumber);
  }
}

TEST(JsonNumbers, TheNumberThatATextBeginsWith) {
  struct {
    const char* text;
    size_t bytes;
  } const cases[] = {{"0", 1},   {"01", 1}, {"-12,", 3}, {"1.50]", 4},  {"1e5}", 3},  {"1.x", 0},
                     {"1ex", 0}, {"-x", 0}, {"x", 0},    {"12e-7 ", 5}, {"0.0e0", 5}, {"-0", 2}};
  for (const auto& c : cases) EXPECT_EQ(NumberBytes(c.text), c.bytes) << c.text;
}

TEST(JsonNumbers, Int32AsTheTableSays) {
  const Case<int32_t> cases[] = {
      {"0", kGood, 0},
      {"-0", kGood, 0},
      {"-0.000e7", kGood, 0},
      {"0e999999999999999999999", kGood, 0},
      {"1.0", kGood, 1},
      {"100000.000", kGood, 100000},
      {"1e5", kGood, 100000},
      {"12.50e1", kGood, 125},
      {"1200e-2", kGood, 12},
      {"2147483647", kGood, 2147483647},
      {"2.147483647e9", kGood, 2147483647},
      {"-2.147483648E+9", kGood, std::numeric_limits<int32_t>::min()},
      {"2147483648", NumberFault::kOutOfRange},
      {"-2147483649", NumberFault::kOutOfRange},
      {"1e10", NumberFault::kOutOfRange},
      {"0.5", NumberFault::kFraction},
      {"1e-1", NumberFault::kFraction},
      {"2147483647.5", NumberFault::kFraction},
      {"1e-99999999999999999999", NumberFault::kFraction},
  };
  Check(cases);
}

TEST(JsonNumbers, SixtyFourBitsAreExact) {
  const Case<int64_t> signed_cases[] = {
      {"9223372036854775807", kGood, std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", kGood, std::numeric_limits<int64_t>::min()},
      {"9223372036854774784", kGood, 9223372036854774784},
      {"9223372036854775808", NumberFault::kOutOfRange},
      {"-9223372036854775809", NumberFault::kOutOfRange},
      {"922337203685477580.7e1", kGood, std::numeric_limits<int64_t>::max()},
  };
  Check(signed_cases);
  const Case<uint64_t> cases[] = {
      {"18446744073709551615", kGood, ~uint64_t{0}},
      {"1.8446744073709551615e19", kGood, ~uint64_t{0}},
      {"18446744073709551616", NumberFault::kOutOfRange},
      {"99999999999999999999", NumberFault::kOutOfRange},
      {"100000000000000000000", NumberFault::kOutOfRange},
      {"-1", NumberFault::kOutOfRange},
      {"-0", kGood, 0},
      {"1e536870000", NumberFault::kOutOfRange},
      {"1e99999999999999999999999", NumberFault::kOutOfRange},
  };
  Check(cases);
  const Case<uint32_t> narrow[] = {
      {"4294967295", kGood, 4294967295u},
      {"4.294967295e9", kGood, 4294967295u},
      {"4294967296", NumberFault::kOutOfRange},
  };
  Check(narrow);
}

TEST(JsonNumbers, ALongRowOfZerosIsStillOne) {
  const std::string spelling = "1" + std::string(1000, '0') + "e-1000";
  int32_t value = 0;
  EXPECT_EQ(ParseNumber(spelling, &value), kGood);
  EXPECT_EQ(value, 1);
  const std::string small = "0." + std::string(1000, '0') + "1e1001";
  EXPECT_EQ(ParseNumber(small, &value), kGood);
  EXPECT_EQ(value, 1);
}

TEST(JsonNumbers, FloatsRoundOnceAndRefuseWhatIsTooLarge) {
  const Case<float> cases[] = {
      {"3.402823e+38", kGood, 3.402823e38f},
      {"3.4028235e38", kGood, std::numeric_limits<float>::max()},
      {"-3.502823e+38", NumberFault::kOutOfRange},
      {"3.502823e+38", NumberFault::kOutOfRange},
      {"1e400", NumberFault::kOutOfRange},
      {"1e-400", kGood, 0},
      {"1.175494e-38", kGood, 1.175494e-38f},
      {"1e-45", kGood, 1e-45f},
      // Twice rounded, by way of a double, this is one bit less.
      {"1.00000017881393432617187500001", kGood, 1.00000023841857910f},
  };
  Check(cases);
}

TEST(JsonNumbers, DoublesRefuseWhatIsTooLargeAndKeepTheSignOfZero) {
  const Case<double> cases[] = {
      {"1.7976931348623157e308", kGood, std::numeric_limits<double>::max()},
      {"-1.89769e+308", NumberFault::kOutOfRange},
      {"1e99999999999999999999", NumberFault::kOutOfRange},
      {"1e-99999999999999999999", kGood, 0},
      {"0e99999999999999999999", kGood, 0},
      {"5e-324", kGood, 5e-324},
  };
  Check(cases);
  for (const char* spelling : {"-0", "-0.0e5", "-1e-400"}) {
    double value = 1;
    EXPECT_EQ(ParseNumber(spelling, &value), kGood);
    EXPECT_TRUE(value == 0 && std::signbit(value)) << spelling;
  }
}

}  // namespace
}  // namespace penstock::codec::json
