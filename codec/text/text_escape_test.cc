#include "penstock/codec/text/text_escape.h"

#include "gtest/gtest.h"

namespace penstock::codec::text {
namespace {

std::string Escaped(std::string_view octets, bool keep_high) {
  std::string out;
  AppendEscaped(octets, keep_high, &out);
  return out;
}

TEST(TextEscape, EveryOctetAsTheTableSays) {
  EXPECT_EQ(Escaped("", false), R"("")");
  EXPECT_EQ(Escaped("a\n\r\t\"'\\z", false), R"("a\n\r\t\"\'\\z")");
  EXPECT_EQ(Escaped(std::string_view("\0\x01\x1f ~\x7f", 6), false), R"("\000\001\037 ~\177")");
  EXPECT_EQ(Escaped("\xc3\xa4\xff", false), R"("\303\244\377")");
  EXPECT_EQ(Escaped("\xc3\xa4\n", true), "\"\xc3\xa4\\n\"");
}

}  // namespace
}  // namespace penstock::codec::text
