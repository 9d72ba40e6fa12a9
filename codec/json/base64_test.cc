#include "penstock/codec/json/base64.h"

#include <random>

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

std::string Encoded(std::string_view octets) {
  std::string text;
  AppendBase64(octets, &text);
  return text;
}

// Spec: RFC 4648, section 10.
TEST(Base64, WritesTheVectorsOfTheRfc) {
  EXPECT_EQ(Encoded(""), "");
  EXPECT_EQ(Encoded("f"), "Zg==");
  EXPECT_EQ(Encoded("fo"), "Zm8=");
  EXPECT_EQ(Encoded("foo"), "Zm9v");
  EXPECT_EQ(Encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(Encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(Encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Encoded("\xff\xfe\xfb"), "//77");
}

TEST(Base64, ReadsBothAlphabetsWithAndWithoutPadding) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zg", "f"},
      {"Zm8=", "fo"},
      {"Zm8", "fo"},
      {"//77", "\xff\xfe\xfb"},
      {"__77", "\xff\xfe\xfb"},
      {"_/77", "\xff\xfe\xfb"},
      {"-_", "\xfb"},
      {"+/", "\xfb"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::string octets;
    EXPECT_TRUE(DecodeBase64(c.text, &octets));
    EXPECT_EQ(octets, c.want);
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zm9vY", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zg==Zg==",
                           "Zm 8", "Zm8=\n", "Zm\n9", "Z\xc3\xa4", "Zm9*", "Z=8="}) {
    SCOPED_TRACE(text);
    std::string octets;
    EXPECT_FALSE(DecodeBase64(text, &octets));
  }
}

TEST(Base64, EveryLengthComesBack) {
  std::minstd_rand random(3);
  for (size_t bytes = 0; bytes < 200; ++bytes) {
    std::string octets(bytes, '\0');
    for (char& c : octets) c = static_cast<char>(random());
    std::string text = Encoded(octets);
    std::string back;
    ASSERT_TRUE(DecodeBase64(text, &back));
    ASSERT_EQ(back, octets);
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    back.clear();
    ASSERT_TRUE(DecodeBase64(text, &back));
    ASSERT_EQ(back, octets);
  }
}

}  // namespace
}  // namespace penstock::codec::json
