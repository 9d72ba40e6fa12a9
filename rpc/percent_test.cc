#include "penstock/rpc/percent.h"

#include <gtest/gtest.h>

namespace penstock::rpc {
namespace {

using namespace std::string_literals;

// Read both ways: `text` encodes to `encoded`, which decodes to `text`.
struct Pair {
  const char* name;
  std::string text;
  std::string encoded;
};

const Pair kPairs[] = {
    {"nothing", "", ""},
    {"plain text", "not found", "not found"},
    {"a percent sign", "100%", "100%25"},
    {"percent signs that look like an escape", "%41", "%2541"},
    {"blank, the lowest that stays", " ", " "},
    {"unit separator, just below blank", "\x1f", "%1F"},
    {"tilde, the highest that stays", "~", "~"},
    {"delete, just above tilde", "\x7f", "%7F"},
    {"newline and return", "a\r\nb", "a%0D%0Ab"},
    {"tab", "a\tb", "a%09b"},
    {"NUL inside", "a\0b"s, "a%00b"},
    {"two octets of UTF-8", "\u00e4", "%C3%A4"},
    {"three octets of UTF-8", "\u2013", "%E2%80%93"},
    {"four octets of UTF-8", "\U0001F600", "%F0%9F%98%80"},
    {"the highest octet", "\xff", "%FF"},
    {"other signs of ASCII stay", "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}",
     "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}"},
};

TEST(Percent, EncodesWhatHeaderFieldsDoNotTake) {
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    EXPECT_EQ(PercentEncode(pair.text), pair.encoded);
  }
}

TEST(Percent, DecodesWhatItEncodes) {
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    EXPECT_EQ(PercentDecode(pair.encoded), pair.text);
  }
}

TEST(Percent, EveryOctetSurvivesTheRoundTrip) {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all.push_back(static_cast<char>(octet));
  const std::string encoded = PercentEncode(all);
  for (const char c : encoded) EXPECT_TRUE(c >= 0x20 && c <= 0x7e) << static_cast<int>(c);
  EXPECT_EQ(PercentDecode(encoded), all);
}

TEST(Percent, LowerCaseHexIsRead) { EXPECT_EQ(PercentDecode("%c3%a4%Fe"), "\u00e4\xfe"); }

TEST(Percent, BrokenEscapesStayAsTheyAre) {
  const struct {
    const char* name;
    std::string encoded;
    std::string want;
  } cases[] = {
      {"a sign at the end", "100%", "100%"},
      {"one digit at the end", "100%4", "100%4"},
      {"no digits", "%zz", "%zz"},
      {"second is no digit", "%4z", "%4z"},
      {"first is no digit", "%z4", "%z4"},
      {"a sign before an escape", "%%41", "%A"},
      {"half an escape before an escape", "%4%41", "%4A"},
      {"a sign of a number", "%+1%-1", "%+1%-1"},
      {"octets beyond ASCII", "\xc3\xa4", "\xc3\xa4"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(PercentDecode(c.encoded), c.want);
  }
}

}  // namespace
}  // namespace penstock::rpc
