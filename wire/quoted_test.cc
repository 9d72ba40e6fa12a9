#include "penstock/wire/quoted.h"

#include <gtest/gtest.h>

namespace penstock::wire {
namespace {

TEST(Quoted, KeepsPrintableAsciiAndNothingElse) {
  EXPECT_EQ(Quoted("/a.B/C d~"), "/a.B/C d~");
  EXPECT_EQ(Quoted(std::string_view("a\n\r\t\0\x1b[31m\x7f\xc3\xa4", 13)), "a?????[31m???");
  EXPECT_EQ(Quoted(""), "");
}

TEST(Quoted, IsCutPastItsLimit) {
  const std::string most(kQuotedBytesMax, 'x');
  EXPECT_EQ(Quoted(most), most);
  EXPECT_EQ(Quoted(most + "y"), most + "...");
  EXPECT_EQ(Quoted("abc", 2), "ab...");
}

}  // namespace
}  // namespace penstock::wire
