// Messages of generated classes as JSON: both directions, options, and every fault's sentence.
#include "penstock/codec/json/json.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

#include "penstock/codec/json/json_limits.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"

#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::json {
namespace {

namespace rich2 = testing::rich2;
namespace rich3 = testing::rich3;

template <typename M>
std::string Printed(const M& message, const JsonPrintOptions& options = {}) {
  std::string text;
  const JsonStatus status = ToJson(message, &text, options);
  return status.ok() ? text : "failed: " + status.message();
}

// Parsed and printed again, or the fault.
template <typename M = rich3::Rich>
std::string Again(std::string_view text, const JsonParseOptions& options = {}) {
  M message;
  const JsonStatus status = FromJson(text, &message, options);
  return status.ok() ? Printed(message) : status.message();
}

TEST(Json, TheEmptyMessageIsAnEmptyObject) {
  EXPECT_EQ(Printed(rich3::Rich()), "{}");
  EXPECT_EQ(Again(" { } "), "{}");
}

TEST(Json, EveryKindOfFieldComesBackAsItWas) {
  for (const char* text : {
           R"({"aDouble":-1.5})",
           R"({"aFloat":0.1})",
           R"({"aDouble":"NaN","aFloat":"-Infinity"})",
           R"({"aFloat":"NaN","doubles":["Infinity","-Infinity",-0,1e+100]})",
           R"({"anInt32":-2147483648,"anInt64":"-9223372036854775808","aUint32":4294967295})",
           R"({"aUint64":"18446744073709551615","aSint32":-1,"aSint64":"-1"})",
           R"({"aFixed32":7,"aFixed64":"7","anSfixed32":-7,"anSfixed64":"-7"})",
           R"({"aBool":true,"aString":"\"\\\n\u0000ä😁","someBytes":"AQL/"})",
           R"({"aMood":"MOOD_BELOW"})",
           R"({"aMood":77,"moods":["MOOD_UNKNOWN","MOOD_GOOD",-1]})",
           R"({"inner":{}})",
           R"({"inner":{"number":1,"again":{"inner":{"kind":"KIND_SOME"}},"runs":["1","2"]}})",
           R"({"maybeNumber":0,"maybeText":"","maybeMood":"MOOD_UNKNOWN","maybeInner":{}})",
           R"({"bools":[true,false],"strings":["","x"],"blobs":["","AA=="],"inners":[{},{}]})",
           R"({"int32Map":{"-7":-7,"0":0,"10":1},"int64Map":{"-9":"-9","8":"8"}})",
           R"({"uint32Map":{"4294967295":0},"uint64Map":{"18446744073709551615":"0"}})",
           R"({"boolMap":{"false":true,"true":false},"stringMap":{"":"","a\"b":"c"}})",
           R"({"bytesMap":{"x":"AA=="},"floatMap":{"1":0.1},"doubleMap":{"1":0.1}})",
           R"({"moodMap":{"a":"MOOD_BAD","b":5},"innerMap":{"a":{},"b":{"number":1}}})",
           R"({"choiceNumber":0})",
           R"({"choiceText":""})",
           R"({"choiceBytes":""})",
           R"({"choiceInner":{}})",
           R"({"choiceMood":"MOOD_UNKNOWN"})",
           R"({"choiceDouble":0})",
           R"({"choiceBool":false})",
           R"({"choiceFixed64":"0"})",
       }) {
    EXPECT_EQ(Again(text), text);
  }
}

TEST(Json, Proto2PrintsWhatIsSetAndNoDefaults) {
  for (
      const char* text : {
          "{}",
          R"({"defaultInt32":0,"defaultString":"","defaultMood":"MOOD_GOOD"})",
          R"({"aMood":"MOOD_BAD","moods":["MOOD_GOOD"],"sparseMap":{"x":"SPARSE_LOW"}})",
          R"({"grouped":{"number":1,"deeper":{"text":"x"}},"many":[{"number":1},{"texts":["y"]}]})",
          R"({"choicegroup":{"number":"5"}})",
      }) {
    EXPECT_EQ(Again<rich2::Rich>(text), text);
  }
}

TEST(Json, OtherSpellingsAreRead) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {R"({"an_int32":1,"a_string":"x"})", R"({"anInt32":1,"aString":"x"})"},
      {R"({"\u0061nInt32":1})", R"({"anInt32":1})"},
      {R"({"anInt32":"12","aUint64":1.0e3,"aSint64":"-1.50e1"})",
       R"({"anInt32":12,"aUint64":"1000","aSint64":"-15"})"},
      {R"({"aDouble":"1.5","aFloat":"1e-2"})", R"({"aDouble":1.5,"aFloat":0.01})"},
      {R"({"aMood":1})", R"({"aMood":"MOOD_GOOD"})"},
      {R"({"aMood":2.0,"moods":["mood_bad","Mood_Good"]})",
       R"({"aMood":"MOOD_BAD","moods":["MOOD_BAD","MOOD_GOOD"]})"},
      {R"({"someBytes":"-_8"})", R"({"someBytes":"+/8="})"},
      {R"({"int32Map":{"\u0031":1,"1e1":2}})", R"({"int32Map":{"1":1,"10":2}})"},
      {R"({"aDouble":-0})", R"({"aDouble":-0})"},
      {R"({"anInt32":-0})", "{}"},
      {R"({"anInt32":0,"aString":"","doubles":[],"int32Map":{}})", "{}"},
  };
  for (const auto& c : cases) EXPECT_EQ(Again(c.text), c.want);
}

TEST(Json, NullIsNotThere) {
  EXPECT_EQ(Again(R"({"anInt32":null,"aString":null,"aMood":null,"inner":null,"maybeNumber":null,
                      "doubles":null,"inners":null,"int32Map":null,"choiceInner":null})"),
            "{}");
  EXPECT_EQ(Again(R"({"choiceNumber":null,"choiceText":"x","choiceInner":null})"),
            R"({"choiceText":"x"})");
}

TEST(Json, FaultsOfFieldsHaveAPlaceAndAWay) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {"", "1:1: the text ends where a value should stand"},
      {"[]", "1:1: an object of penstock.codec.testing.rich3.Rich should stand here, not an array"},
      {"null", "1:1: an object of penstock.codec.testing.rich3.Rich should stand here, not null"},
      {R"({"anInt32":1}x)", "1:14: something follows the value"},
      {R"({"anInt33":1})",
       "1:2: \"anInt33\" is no field of penstock.codec.testing.rich3.Rich: did you mean "
       "\"anInt32\"?"},
      {R"({"inner":{"zzzzzzzz":1}})",
       "1:11: inner: \"zzzzzzzz\" is no field of penstock.codec.testing.rich3.Rich.Inner"},
      {R"({"[a.b]":1})", "1:2: \"[a.b]\" is no field of penstock.codec.testing.rich3.Rich"},
      {R"({"anInt32":1,"anInt32":1})", "1:14: the field \"anInt32\" stands here twice"},
      {R"({"anInt32":1,"an_int32":1})", "1:14: the field \"an_int32\" stands here twice"},
      {R"({"inner":{},"inner":null})", "1:13: the field \"inner\" stands here twice"},
      {R"({"choiceNumber":1,"choiceText":"x"})",
       "1:19: choiceText: its oneof has a value already: \"choiceNumber\""},
      {R"({"anInt32":true})",
       "1:12: anInt32: a signed integer of 32 bits should stand here, not true"},
      {R"({"anInt32":"3x3"})", "1:12: anInt32: \"3x3\" is no number"},
      {R"({"anInt32":""})", "1:12: anInt32: \"\" is no number"},
      {R"({"anInt32":" 1"})", "1:12: anInt32: \" 1\" is no number"},
      {R"({"anInt32":0.5})",
       "1:12: anInt32: 0.5 is not whole, as a signed integer of 32 bits must be"},
      {R"({"anInt32":2147483648})",
       "1:12: anInt32: 2147483648 is out of the range of a signed integer of 32 bits"},
      {R"({"aUint64":-1})",
       "1:12: aUint64: -1 is out of the range of an unsigned integer of 64 bits"},
      {R"({"aFloat":3.502823e+38})", "1:11: aFloat: 3.502823e+38 is out of the range of a float"},
      {R"({"aDouble":"nan"})", "1:12: aDouble: \"nan\" is no number"},
      {R"({"aBool":"true"})", "1:10: aBool: true or false should stand here, not a string"},
      {R"({"aBool":1})", "1:10: aBool: true or false should stand here, not a number"},
      {R"({"aString":12345})", "1:12: aString: a string should stand here, not a number"},
      {R"({"someBytes":"%"})", "1:14: someBytes: the string is no base64"},
      {R"({"aMood":"MOOD_ODD"})",
       "1:10: aMood: \"MOOD_ODD\" is no value of penstock.codec.testing.rich3.Mood"},
      {R"({"aMood":"1"})", "1:10: aMood: \"1\" is no value of penstock.codec.testing.rich3.Mood"},
      {R"({"aMood":true})",
       "1:10: aMood: the name or number of an enum value should stand here, not true"},
      {R"({"aMood":["MOOD_BAD"]})",
       "1:10: aMood: the name or number of an enum value should stand here, not an array"},
      {R"({"inner":1})",
       "1:10: inner: an object of penstock.codec.testing.rich3.Rich.Inner should stand here, not a "
       "number"},
      {R"({"int32s":1})", "1:11: int32s: an array should stand here, not a number"},
      {R"({"int32s":[1,null]})",
       "1:14: int32s[1]: a signed integer of 32 bits should stand here, not null"},
      {R"({"inners":[{},null]})", "1:15: inners[1]: an element is never null"},
      {R"({"inners":[{"number":1},2]})",
       "1:25: inners[1]: an object of penstock.codec.testing.rich3.Rich.Inner should stand here, "
       "not a number"},
      {R"({"int32s":[1,2,]})", "1:16: int32s: a comma stands before the closing bracket"},
      {R"({"int32Map":[]})",
       "1:13: int32Map: an object of keys and values should stand here, not an array"},
      {R"({"int32Map":{"x":1}})", "1:14: int32Map[\"x\"]: \"x\" is no number"},
      {R"({"int32Map":{"1":1,"1.0":1}})", "1:20: int32Map[\"1.0\"]: the key stands here twice"},
      {R"({"int32Map":{"0":null}})",
       "1:18: int32Map[\"0\"]: a signed integer of 32 bits should stand here, not null"},
      {R"({"innerMap":{"a":null}})", "1:18: innerMap[\"a\"]: a map's value is never null"},
      {R"({"boolMap":{"True":true}})",
       "1:13: boolMap[\"True\"]: a key is \"true\" or \"false\" here"},
      {"{\n  \"innerMap\": {\"ä\": {\"again\": {\"inners\": [{}, {\"number\": \"x\"}]}}}}",
       "2:58: innerMap[\"ä\"].again.inners[1].number: \"x\" is no number"},
  };
  for (const auto& c : cases) EXPECT_EQ(Again(c.text), c.want);
}

TEST(Json, ClosedEnumsTakeNoOtherNumbers) {
  EXPECT_EQ(Again<rich2::Rich>(R"({"aMood":7})"),
            "1:10: aMood: 7 is no value of penstock.codec.testing.rich2.Mood");
  EXPECT_EQ(Again<rich2::Rich>(R"({"aMood":7,"moods":[1,9,2]})", {.ignore_unknown_fields = true}),
            R"({"moods":["MOOD_GOOD","MOOD_BAD"]})");
}

TEST(Json, UnknownMembersAndEnumNamesAreLeftOutWhereAsked) {
  const JsonParseOptions ignoring = {.ignore_unknown_fields = true};
  EXPECT_EQ(Again(R"({"x":{"y":[1,"\uD83D\uDE01",null]},"anInt32":1,"":2,"[a.b]":3})", ignoring),
            R"({"anInt32":1})");
  EXPECT_EQ(Again(R"({"aMood":"ODD","moods":["MOOD_BAD","ODD","MOOD_GOOD"],
                      "moodMap":{"a":"ODD","b":"MOOD_BAD"},"choiceMood":"ODD"})",
                  ignoring),
            R"({"moods":["MOOD_BAD","MOOD_GOOD"],"moodMap":{"b":"MOOD_BAD"}})");
  // What is left out is JSON none the less.
  EXPECT_EQ(Again(R"({"x":[1,]})", ignoring), "1:9: a comma stands before the closing bracket");
}

TEST(Json, RequiredFieldsMustBeThere) {
  EXPECT_EQ(Again<rich2::Needy>(R"({"id":1,"name":"x"})"), R"({"id":1,"name":"x"})");
  EXPECT_EQ(Again<rich2::Needy>(R"({"id":1,"deeper":{"name":"x"}})"),
            "1:31: required fields are missing: name, deeper.id");
}

TEST(Json, TheContentIsReplaced) {
  rich3::Rich message;
  message.set_an_int32(1);
  message.add_int32s(1);
  message.mutable_inner()->set_number(3);
  message.set_choice_text("x");
  ASSERT_TRUE(FromJson(R"({"int32s":[2],"choiceNumber":1})", &message).ok());
  EXPECT_EQ(Printed(message), R"({"int32s":[2],"choiceNumber":1})");
}

TEST(Json, OptionsChangeWhatIsPrinted) {
  rich3::Rich::Inner message;
  message.set_kind(rich3::Rich::Inner::KIND_SOME);
  EXPECT_EQ(Printed(message, {.enums_as_numbers = true}), R"({"kind":3})");
  EXPECT_EQ(Printed(message, {.print_fields_without_presence = true}),
            R"({"number":0,"text":"","kind":"KIND_SOME","runs":[]})");
  EXPECT_EQ(Printed(message, {.pretty = true}), "{\n  \"kind\": \"KIND_SOME\"\n}");
  rich3::Rich rich;
  rich.set_an_int32(1);
  EXPECT_EQ(Printed(rich, {.preserve_proto_names = true}), R"({"an_int32":1})");
}

TEST(Json, WhatIsNoUtf8IsNotPrinted) {
  rich2::Rich message;
  message.mutable_inner()->set_text("\xff");
  std::string text = "before";
  const JsonStatus status = ToJson(message, &text);
  EXPECT_EQ(status.message(), "inner.text: the string is not UTF-8, and JSON has no other text");
  EXPECT_EQ(text, "before");
  rich2::Rich again;
  (*again.mutable_string_map())[1] = "\xc3";
  EXPECT_EQ(Printed(again),
            "failed: stringMap[\"1\"]: the string is not UTF-8, and JSON has no other text");
}

// inner.again.inner.again...: two messages for each pair of names.
std::string Nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += i % 2 == 0 ? R"({"inner":)" : R"({"again":)";
  return text + "{}" + std::string(static_cast<size_t>(depth), '}');
}

TEST(Json, NestsToTheLimitAndNoFurther) {
  EXPECT_EQ(Again(Nested(kNestingMax - 1)), Nested(kNestingMax - 1));
  EXPECT_NE(Again(Nested(kNestingMax)).find("nested more than 100 deep"), std::string::npos);
  // An entry of a map is a message around its value, as it is on the wire.
  const auto in_maps = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += R"({"innerMap":{"x":{"again":)";
    text += "{}";
    for (int i = 0; i < depth; ++i) text += "}}}";
    return text;
  };
  const int levels = kParseDepthMax / 3;
  static_assert(kParseDepthMax >= kNestingMax);
  EXPECT_EQ(Again(in_maps(levels)), in_maps(levels));
  EXPECT_NE(Again(in_maps(levels + 1)).find("nested more than 100 deep"), std::string::npos);
}

TEST(Json, AMessageBuiltTooDeepIsNotPrinted) {
  rich3::Rich message;
  rich3::Rich* innermost = &message;
  for (int i = 0; i < kParseDepthMax / 2; ++i)
    innermost = innermost->mutable_inner()->mutable_again();
  EXPECT_EQ(Printed(message).substr(0, 2), "{\"");
  innermost->mutable_inner();
  EXPECT_NE(Printed(message).find("messages are nested more than 100 deep"), std::string::npos);
}

TEST(Json, MemoryStaysBelowTheArenasCap) {
  std::string text = R"({"strings":[")" + std::string(100, 'x');
  for (int i = 0; i < 10000; ++i) text += R"(","abcdefghijklmnopqrstuvwxyz)";
  text += R"("]})";
  wire::Arena arena;
  arena.set_bytes_max(64 * 1024);
  auto* message = arena.New<rich3::Rich>(&arena);
  const JsonStatus status = FromJson(text, message);
  EXPECT_NE(status.message().find("needs more memory than its arena may take"), std::string::npos)
      << status.message();
  EXPECT_LE(arena.block_bytes(), 64u * 1024);
}

}  // namespace
}  // namespace penstock::codec::json
