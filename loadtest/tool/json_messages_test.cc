#include "penstock/loadtest/tool/json_messages.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace penstock::loadtest::tool {
namespace {

TEST(JsonMessages, ValuesOneBehindTheOtherAreCutApart) {
  const struct {
    std::string text;
    std::vector<std::string_view> want;
  } kCases[] = {
      {"", {}},
      {" \n\t", {}},
      {"{}", {"{}"}},
      {"{}{}", {"{}", "{}"}},
      {" {\"a\": \"}{\"}\n\n{\"b\": [1, {}]} ", {"{\"a\": \"}{\"}", "{\"b\": [1, {}]}"}},
      {"1 \"2\" [3] null", {"1", "\"2\"", "[3]", "null"}},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.text);
    std::vector<std::string_view> messages;
    std::string why;
    EXPECT_TRUE(SplitJson(each.text, &messages, &why)) << why;
    EXPECT_EQ(messages, each.want);
  }
}

TEST(JsonMessages, WhatIsNoJsonIsNamedWithItsPlace) {
  for (const char* text : {"{} {", "{} }", "{}, {}", "{\"a\" 1}", "nul"}) {
    SCOPED_TRACE(text);
    std::vector<std::string_view> messages;
    std::string why;
    EXPECT_FALSE(SplitJson(text, &messages, &why));
    EXPECT_TRUE(why.starts_with("1:")) << why;
  }
}

}  // namespace
}  // namespace penstock::loadtest::tool
