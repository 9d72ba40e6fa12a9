#include "penstock/codec/json/time_text.h"

#include <random>

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

constexpr int64_t kFirst = -62135596800;
constexpr int64_t kLast = 253402300799;

TEST(TimestampText, ReadsWhatItWrites) {
  struct {
    SecondsAndNanos time;
    const char* text;
  } const cases[] = {
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{0, 1}, "1970-01-01T00:00:00.000000001Z"},
      {{0, 10'000'000}, "1970-01-01T00:00:00.010Z"},
      {{0, 10'000}, "1970-01-01T00:00:00.000010Z"},
      {{0, 10}, "1970-01-01T00:00:00.000000010Z"},
      {{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z"},
      {{-11, 500'000'000}, "1969-12-31T23:59:49.500Z"},
      {{729302400, 0}, "1993-02-10T00:00:00Z"},
      {{951782400, 0}, "2000-02-29T00:00:00Z"},
      {{kFirst, 0}, "0001-01-01T00:00:00Z"},
      {{kFirst + 86399, 0}, "0001-01-01T23:59:59Z"},
      {{kLast, 999'999'999}, "9999-12-31T23:59:59.999999999Z"},
      {{63072020, 21'000'000}, "1972-01-01T00:00:20.021Z"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::string text;
    EXPECT_TRUE(AppendTimestamp(c.time, &text));
    EXPECT_EQ(text, c.text);
    SecondsAndNanos time;
    EXPECT_TRUE(ParseTimestamp(c.text, &time));
    EXPECT_EQ(time, c.time);
  }
}

TEST(TimestampText, ReadsOffsetsAndAnyFraction) {
  struct {
    const char* text;
    SecondsAndNanos time;
  } const cases[] = {
      {"1970-01-01T08:00:01+08:00", {1, 0}},
      {"1969-12-31T16:00:01-08:00", {1, 0}},
      {"1970-01-01T00:00:00-11:30", {41400, 0}},
      {"1970-01-02T01:00:00+02:00", {82800, 0}},
      {"1970-01-01T00:00:00-00:00", {0, 0}},
      {"0001-01-01T00:00:00-00:01", {kFirst + 60, 0}},
      {"9999-12-31T23:59:59+00:01", {kLast - 60, 0}},
      {"1970-01-01T00:00:00.5Z", {0, 500'000'000}},
      {"1970-01-01T00:00:00.000000000Z", {0, 0}},
      {"1970-01-01T00:00:00.12345678+00:00", {0, 123'456'780}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    SecondsAndNanos time;
    EXPECT_TRUE(ParseTimestamp(c.text, &time));
    EXPECT_EQ(time, c.time);
  }
}

TEST(TimestampText, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "1970",
                           "0000-01-01T00:00:00Z",
                           "10000-01-01T00:00:00Z",
                           "00001-01-01T00:00:00Z",
                           "999-01-01T00:00:00Z",
                           "0001-01-01T00:00:00",
                           "0001-01-01 00:00:00Z",
                           "0001-01-01T00:00:00z",
                           "0001-01-01t00:00:00Z",
                           "1970-01-01T08:00:01+0800",
                           "1970-01-01T08:00:01+08",
                           "1970-13-01T00:00:00Z",
                           "1970-00-01T00:00:00Z",
                           "1970-01-32T00:00:00Z",
                           "1970-01-00T00:00:00Z",
                           "1970-01-01T24:00:00Z",
                           "1970-01-01T00:60:00Z",
                           "1970-01-01T00:00:60Z",
                           "1970-01-01T00:00:00+24:00",
                           "1970-01-01T00:00:00+00:60",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "1970-01-01T00:00:00.1234567890Z",
                           "1970-01-01T00:00:00.123aZ",
                           "1970-01-01T00:00:00.Z",
                           "1970-1-01T00:00:00Z",
                           "1970-01-1T00:00:00Z",
                           "2001-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "1970-01-01T00:00:00Z ",
                           " 1970-01-01T00:00:00Z",
                           "-970-01-01T00:00:00Z",
                           "1970-01-01T00:00:00ZZ",
                           "1970-01-01T-1:00:00Z"}) {
    SecondsAndNanos time;
    EXPECT_FALSE(ParseTimestamp(text, &time)) << text;
  }
}

TEST(TimestampText, WritesNoneBeyondTheRange) {
  for (const SecondsAndNanos time :
       {SecondsAndNanos{kFirst - 1, 0}, SecondsAndNanos{kLast + 1, 0}, SecondsAndNanos{5000, -1},
        SecondsAndNanos{5000, 1'000'000'000}, SecondsAndNanos{INT64_MIN, 0},
        SecondsAndNanos{INT64_MAX, 0}}) {
    std::string text;
    EXPECT_FALSE(AppendTimestamp(time, &text)) << time.seconds << " " << time.nanos;
    EXPECT_EQ(text, "");
  }
}

TEST(TimestampText, EverySecondComesBack) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20000; ++round) {
    const SecondsAndNanos time = {
        kFirst + static_cast<int64_t>(random() % static_cast<uint64_t>(kLast - kFirst + 1)),
        static_cast<int32_t>(random() % 1'000'000'000)};
    std::string text;
    ASSERT_TRUE(AppendTimestamp(time, &text));
    SecondsAndNanos back;
    ASSERT_TRUE(ParseTimestamp(text, &back)) << text;
    ASSERT_EQ(back, time) << text;
  }
}

TEST(DurationText, ReadsWhatItWrites) {
  struct {
    SecondsAndNanos time;
    const char* text;
  } const cases[] = {
      {{0, 0}, "0s"},
      {{1, 500'000'000}, "1.500s"},
      {{-1, -500'000'000}, "-1.500s"},
      {{0, -500'000'000}, "-0.500s"},
      {{-5, 0}, "-5s"},
      {{1, 10'000}, "1.000010s"},
      {{1, 10}, "1.000000010s"},
      {{315576000000, 999'999'999}, "315576000000.999999999s"},
      {{-315576000000, -999'999'999}, "-315576000000.999999999s"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::string text;
    EXPECT_TRUE(AppendDuration(c.time, &text));
    EXPECT_EQ(text, c.text);
    SecondsAndNanos time;
    EXPECT_TRUE(ParseDuration(c.text, &time));
    EXPECT_EQ(time, c.time);
  }
}

TEST(DurationText, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "s",
                           "1",
                           "1 s",
                           "+1s",
                           ".5s",
                           "1.s",
                           "-s",
                           "--1s",
                           "1.5",
                           "1S",
                           "1ss",
                           "1e3s",
                           "315576000001s",
                           "-315576000001.000000000s",
                           "99999999999999999999s",
                           "1.0000000001s",
                           "1.-5s",
                           " 1s",
                           "1s ",
                           "0x1s",
                           "1,5s"}) {
    SecondsAndNanos time;
    EXPECT_FALSE(ParseDuration(text, &time)) << text;
  }
}

TEST(DurationText, WritesNoneBeyondTheRangeOrOfTwoSigns) {
  for (const SecondsAndNanos time :
       {SecondsAndNanos{315576000001, 0}, SecondsAndNanos{-315576000001, 0}, SecondsAndNanos{1, -1},
        SecondsAndNanos{-1, 1}, SecondsAndNanos{-1, -1'000'000'000},
        SecondsAndNanos{1, 1'000'000'000}, SecondsAndNanos{0, 1'000'000'000},
        SecondsAndNanos{INT64_MIN, INT32_MIN}}) {
    std::string text;
    EXPECT_FALSE(AppendDuration(time, &text)) << time.seconds << " " << time.nanos;
    EXPECT_EQ(text, "");
  }
}

}  // namespace
}  // namespace penstock::codec::json
