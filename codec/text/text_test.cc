#include "penstock/codec/text/text.h"

#include <limits>

#include "gtest/gtest.h"

#include "penstock/codec/limits.h"
#include "penstock/codec/message.h"
#include "penstock/wire/bytes.h"

#include "codec/json/testing/known.penstock.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::text {
namespace {

namespace rich2 = testing::rich2;
namespace rich3 = testing::rich3;
using json::testing::known::Known;

TEST(Text, ALineForEachField) {
  rich3::Rich message;
  message.set_a_double(1.5);
  message.set_a_float(std::numeric_limits<float>::infinity());
  message.set_an_int32(-7);
  message.set_a_bool(true);
  message.set_a_string("\xc3\xa4\n\"");
  message.set_some_bytes(std::string_view("\0\xff", 2));
  message.set_a_mood(rich3::MOOD_BELOW);
  message.mutable_inner()->set_number(3);
  message.mutable_inner()->mutable_again();
  message.add_int32s(1);
  message.add_int32s(2);
  message.add_moods(static_cast<rich3::Mood>(9));
  (*message.mutable_int32_map())[10] = 1;
  (*message.mutable_int32_map())[-2] = 0;
  EXPECT_EQ(ToText(message), R"(a_double: 1.5
a_float: inf
an_int32: -7
a_bool: true
a_string: "\303\244\n\""
some_bytes: "\000\377"
a_mood: MOOD_BELOW
inner {
  number: 3
  again {
  }
}
int32s: 1
int32s: 2
moods: 9
int32_map {
  key: -2
  value: 0
}
int32_map {
  key: 10
  value: 1
}
)");
}

TEST(Text, EverythingOnOneLine) {
  rich3::Rich message;
  EXPECT_EQ(ToText(message, {.single_line = true}), "");
  message.set_an_int32(1);
  message.mutable_inner()->mutable_again();
  message.add_inners()->set_number(2);
  EXPECT_EQ(ToText(message, {.single_line = true}),
            "an_int32: 1 inner { again { } } inners { number: 2 }");
}

TEST(Text, GroupsAreCalledAsTheirTypes) {
  rich2::Rich message;
  message.mutable_grouped()->set_number(1);
  message.add_many()->add_texts("x");
  EXPECT_EQ(ToText(message, {.single_line = true}), "Grouped { number: 1 } Many { texts: \"x\" }");
}

TEST(Text, LettersStayWhereAsked) {
  rich3::Rich message;
  message.set_a_string("\xc3\xa4");
  message.set_some_bytes("\xc3\xa4");
  EXPECT_EQ(ToText(message, {.single_line = true, .keep_utf8 = true}),
            "a_string: \"\xc3\xa4\" some_bytes: \"\\303\\244\"");
}

TEST(Text, AnyShowsWhatItHolds) {
  google::protobuf::Duration duration;
  duration.set_seconds(5);
  Known message;
  message.mutable_any()->set_type_url("type.googleapis.com/google.protobuf.Duration");
  message.mutable_any()->set_value(duration.SerializeAsString());
  EXPECT_EQ(ToText(message, {.single_line = true}),
            "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 5 } }");
  const char* const raw =
      "any { type_url: \"type.googleapis.com/google.protobuf.Duration\" value: \"\\010\\005\" }";
  EXPECT_EQ(ToText(message, {.single_line = true, .expand_any = false}), raw);
  message.mutable_any()->set_type_url("x/a.B");
  EXPECT_EQ(ToText(message, {.single_line = true}),
            "any { type_url: \"x/a.B\" value: \"\\010\\005\" }");
}

TEST(Text, UnknownFieldsStandBehindTheOthers) {
  constexpr std::string_view kWire(
      "\x08\x05"                  // 1: varint
      "\xa5\x06\x0c\x00\x00\x00"  // 100: fixed32
      "\xa9\x06\x0c\x00\x00\x00\x00\x00\x00\x00"
      "\xa2\x06\x02\x08\x07"  // 100: looks like a message
      "\xa2\x06\x02\xff\xff"
      "\xa2\x06\x00"
      "\xa3\x06\x08\x01\xa4\x06",  // 100: a group
      2 + 6 + 10 + 5 + 5 + 3 + 6);
  rich3::Rich::Inner message;
  ASSERT_TRUE(message.ParseFrom(wire::AsBytes(kWire)).ok());
  EXPECT_EQ(ToText(message), R"(number: 5
100: 0x0000000c
101: 0x000000000000000c
100 {
  1: 7
}
100: "\377\377"
100: ""
100 {
  1: 1
}
)");
  EXPECT_EQ(ToText(message, {.print_unknown_fields = false}), "number: 5\n");
}

TEST(Text, WhatIsTooDeepIsLeftOut) {
  rich3::Rich message;
  rich3::Rich* innermost = &message;
  for (int i = 0; i < kParseDepthMax; ++i) innermost = innermost->mutable_inner()->mutable_again();
  const std::string text = ToText(message, {.single_line = true});
  EXPECT_NE(text.find("{ ... }"), std::string::npos) << text;
  // Unknown groups inside each other, too.
  std::string wire;
  for (int i = 0; i < 90; ++i) wire += "\x0b";
  for (int i = 0; i < 90; ++i) wire += "\x0c";
  google::protobuf::Empty empty;
  ASSERT_TRUE(empty.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_NE(ToText(empty).find("1 {"), std::string::npos);
}

}  // namespace
}  // namespace penstock::codec::text
