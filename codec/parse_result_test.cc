#include "penstock/codec/parse_result.h"

#include "gtest/gtest.h"

namespace penstock::codec {
namespace {

TEST(ParseResult, DescribesErrorAndPlace) {
  EXPECT_EQ(Describe({ParseError::kTruncated, 17}), "the message ends inside a field, at octet 17");
  EXPECT_EQ(Describe({ParseError::kNone, 0}), "the message is well formed");
  EXPECT_EQ(Name(ParseError::kInvalidUtf8), "kInvalidUtf8");
}

TEST(ParseResult, IsOkUnlessSaidOtherwise) {
  EXPECT_TRUE(ParseResult().ok());
  EXPECT_FALSE((ParseResult{ParseError::kTooDeep, 0}).ok());
}

}  // namespace
}  // namespace penstock::codec
