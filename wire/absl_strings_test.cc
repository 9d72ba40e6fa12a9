#include "penstock/wire/absl_strings.h"

#include <string>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(AbslStrings, ConversionKeepsTheSameOctetsInPlace) {
  const std::string text("a\0b\xff", 4);
  const absl::string_view there = ToAbsl(text);
  EXPECT_EQ(there.data(), text.data());
  EXPECT_EQ(there.size(), text.size());
  const std::string_view back = FromAbsl(there);
  EXPECT_EQ(back.data(), text.data());
  EXPECT_EQ(back, text);
}

TEST(AbslStrings, EmptyStaysEmpty) {
  EXPECT_TRUE(ToAbsl({}).empty());
  EXPECT_TRUE(FromAbsl({}).empty());
}

}  // namespace
}  // namespace penstock::wire
