// The well-known types as JSON, of generated classes and of dynamic messages, in every place.
#include <limits>
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/json/json.h"
#include "penstock/codec/message.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/wire/bytes.h"

#include "codec/json/testing/known.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::json {
namespace {

using testing::known::Known;
using testing::known::Names;

template <typename M>
std::string Printed(const M& message, const JsonPrintOptions& options = {}) {
  std::string text;
  const JsonStatus status = ToJson(message, &text, options);
  return status.ok() ? text : "failed: " + status.message();
}

std::string DynamicAgain(std::string_view text, const JsonParseOptions& options) {
  static const auto* const pool = [] {
    auto* made = new reflection::DescriptorPool;
    std::string error;
    PENSTOCK_CHECK(made->AddEmbedded(MessageAccess::File<Known>(), &error) != nullptr,
                   error.c_str());
    return made;
  }();
  static const auto* const types = new reflection::DynamicTypes(*pool);
  reflection::DynamicMessage message(*types->FindType(Known::kFullName));
  const JsonStatus status = FromJson(text, message.ref(), options);
  if (!status.ok()) return status.message();
  std::string printed;
  const JsonStatus print_status = ToJson(message.ref(), &printed);
  return print_status.ok() ? printed : "failed: " + print_status.message();
}

// Parsed and printed again, or the fault: the same of both kinds of message.
std::string Again(std::string_view text, const JsonParseOptions& options = {}) {
  Known message;
  const JsonStatus status = FromJson(text, &message, options);
  const std::string again = status.ok() ? Printed(message) : status.message();
  EXPECT_EQ(DynamicAgain(text, options), again);
  if (status.ok()) {
    Known from_wire;
    EXPECT_TRUE(from_wire.ParseFrom(wire::AsBytes(message.SerializeAsString())).ok()) << text;
    EXPECT_EQ(from_wire, message);
  }
  return again;
}

TEST(WellKnownJson, EachHasAFormOfItsOwn) {
  for (const char* text : {
           R"({"timestamp":"1970-01-01T00:00:00.010Z"})",
           R"({"timestamps":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z"]})",
           R"({"duration":"-1.500s","durations":["0s","315576000000.999999999s"]})",
           R"({"mask":"foo,barBaz","masks":["","user.displayName"]})",
           R"({"fields":{"a":null,"b":1.5,"c":true,"d":"x","e":[1,"y",[],{}],"f":{"g":0}}})",
           R"({"value":null})",
           R"({"value":-0})",
           R"({"value":""})",
           R"({"value":false})",
           R"({"value":[]})",
           R"({"value":{}})",
           R"({"list":[null],"values":[null,1,[[]],{"a":{"b":null}}],"lists":[[],["a"]]})",
           R"({"empty":{}})",
           R"({"aBool":false,"anInt32":0,"aUint32":0,"anInt64":"0","aUint64":"0"})",
           R"({"aFloat":0,"aDouble":0,"aString":"","someBytes":""})",
           R"({"aFloat":"NaN","aDouble":"-Infinity","aString":"x","someBytes":"AA=="})",
           R"({"structs":[{},{"a":1}],"nulls":[null,null],"numbers":[0,1]})",
           R"({"valueMap":{"a":null,"b":[1]},"nullMap":{"a":null},"durationMap":{"-1":"1s"}})",
           R"({"textMap":{"a":"","b":"x"}})",
           R"({"choiceNull":null})",
           R"({"choiceValue":null})",
           R"({"choiceDuration":"0s"})",
           R"({"choiceBool":false})",
           R"({"nested":{"nested":{"value":1}}})",
       }) {
    EXPECT_EQ(Again(text), text);
  }
}

TEST(WellKnownJson, AnyHoldsItsTypeAndWhatItIs) {
  for (const char* text : {
           R"({"any":{}})",
           R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})",
           R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}})",
           R"({"any":{"@type":"x/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}})",
           R"({"any":{"@type":"x/google.protobuf.FieldMask","value":"foo,barBaz"}})",
           R"({"any":{"@type":"x/google.protobuf.Struct","value":{"foo":1}}})",
           R"({"any":{"@type":"x/google.protobuf.Value","value":{"foo":1}}})",
           R"({"any":{"@type":"x/google.protobuf.Value","value":null}})",
           R"({"any":{"@type":"x/google.protobuf.ListValue","value":[1]}})",
           R"({"any":{"@type":"x/google.protobuf.Int32Value","value":12345}})",
           R"({"any":{"@type":"x/google.protobuf.Any","value":{"@type":)"
           R"("x/google.protobuf.BoolValue","value":true}}})",
           R"({"any":{"@type":"x/google.protobuf.Any","value":{}}})",
           R"({"anyMap":{"true":{"@type":"x/penstock.codec.json.testing.known.Names",)"
           R"("fieldname1":1}}})",
           R"({"anys":[{"@type":"x/penstock.codec.json.testing.known.Known","any":{"@type":)"
           R"("x/penstock.codec.json.testing.known.Known","anInt32":7}}]})",
       }) {
    EXPECT_EQ(Again(text), text);
  }
}

TEST(WellKnownJson, TheTypeOfAnAnyMayStandAnywhere) {
  EXPECT_EQ(Again(R"({"any":{"value":"1s","@type":"x/google.protobuf.Duration"}})"),
            R"({"any":{"@type":"x/google.protobuf.Duration","value":"1s"}})");
  EXPECT_EQ(Again(R"({"any":{"nested":{"any":{"value":"a","@type":"x/google.protobuf.StringValue"}},
                             "@type":"x/penstock.codec.json.testing.known.Known"}})"),
            R"({"any":{"@type":"x/penstock.codec.json.testing.known.Known","nested":{"any":)"
            R"({"@type":"x/google.protobuf.StringValue","value":"a"}}}})");
  EXPECT_EQ(Again(R"({"any":{"@type":"x/google.protobuf.Empty","value":{}}})"),
            R"({"any":{"@type":"x/google.protobuf.Empty"}})");
}

TEST(WellKnownJson, OtherSpellingsAreRead) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {R"({"timestamp":"1970-01-01T08:00:01+08:00"})", R"({"timestamp":"1970-01-01T00:00:01Z"})"},
      {R"({"duration":"1.000000000s"})", R"({"duration":"1s"})"},
      {R"({"choiceNull":"NULL_VALUE"})", R"({"choiceNull":null})"},
      {R"({"choiceNull":0})", R"({"choiceNull":null})"},
      {R"({"nulls":["NULL_VALUE",null,0]})", R"({"nulls":[null,null,null]})"},
      {R"({"null":null})", "{}"},
      {R"({"nulls":[77,null]})", R"({"nulls":[77,null]})"},
      {R"({"anInt64":5,"aDouble":"1.5","aUint32":"1e2"})",
       R"({"aUint32":100,"anInt64":"5","aDouble":1.5})"},
      {R"({"aliased":"MOO"})", R"({"aliased":"ALIAS_BAZ"})"},
      {R"({"aliased":"mOo"})", R"({"aliased":"ALIAS_BAZ"})"},
      {R"({"aliased":"bAz"})", R"({"aliased":"ALIAS_BAZ"})"},
      {R"({"aliased":"alias_bar"})", R"({"aliased":"ALIAS_BAR"})"},
      {R"({"timestamp":null,"duration":null,"mask":null,"fields":null,"list":null,"any":null,
           "empty":null,"aBool":null,"anInt32":null,"values":null,"valueMap":null})",
       "{}"},
      {R"({"choiceDuration":null,"choiceBool":true})", R"({"choiceBool":true})"},
  };
  for (const auto& c : cases) EXPECT_EQ(Again(c.text), c.want);
}

TEST(WellKnownJson, FaultsHaveAPlaceAndAWay) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {R"({"timestamp":"1970-01-01T00:00:00"})",
       "1:14: timestamp: this is no time of the years 1 to 9999 as RFC 3339 writes it: "
       "\"1972-01-01T10:00:20.021Z\""},
      {R"({"timestamp":0})",
       "1:14: timestamp: a string with a time should stand here, not a number"},
      {R"({"durations":["1s","1"]})",
       "1:20: durations[1]: this is no duration of up to 10000 years: \"-1.5s\""},
      {R"({"durations":[null]})", "1:15: durations[0]: an element is never null"},
      {R"({"mask":"foo,bar_bar"})",
       "1:9: mask: a path of a field mask is lowerCamelCase, without underscores"},
      {R"({"mask":",a"})",
       "1:9: mask: a path of a field mask is lowerCamelCase, without underscores"},
      {R"({"fields":[]})",
       "1:11: fields: an object of keys and values should stand here, not an "
       "array"},
      {R"({"fields":{"a":1,"a":2}})", "1:18: fields[\"a\"]: the key stands here twice"},
      {R"({"value":1e999})", "1:10: value: 1e999 is out of the range of a double"},
      {R"({"value":[1,]})", "1:13: value: a comma stands before the closing bracket"},
      {R"({"list":{}})", "1:9: list: an array should stand here, not an object"},
      {R"({"aBool":1})", "1:10: aBool: true or false should stand here, not a number"},
      {R"({"anInt32":[1]})",
       "1:12: anInt32: a signed integer of 32 bits should stand here, not an array"},
      {R"({"numbers":[null]})", "1:13: numbers[0]: an element is never null"},
      {R"({"textMap":{"a":null}})", "1:17: textMap[\"a\"]: a map's value is never null"},
      {R"({"empty":{"x":1}})", "1:11: empty: \"x\" is no field of google.protobuf.Empty"},
      {R"({"choiceNull":null,"choiceBool":true})",
       "1:20: choiceBool: its oneof has a value already: \"choiceNull\""},
      {R"({"any":1})", "1:8: any: an object with an \"@type\" should stand here, not a number"},
      {R"({"any":{"value":1}})", "1:8: any: an Any needs an \"@type\""},
      {R"({"any":{"@type":1}})",
       "1:17: any: a string with the URL of a type should stand here, not a number"},
      {R"({"any":{"@type":"","value":""}})",
       "1:17: any: the type \"\" is not known: give it with JsonParseOptions::types"},
      {R"({"any":{"@type":"not_a_url","value":""}})",
       "1:17: any: the type \"not_a_url\" is not known: give it with JsonParseOptions::types"},
      {R"({"any":{"@type":"x/a.B"}})",
       "1:17: any: the type \"x/a.B\" is not known: give it with JsonParseOptions::types"},
      {R"({"any":{"@type":"x/google.protobuf.Empty","@type":"x/google.protobuf.Empty"}})",
       "1:43: any: \"@type\" stands here twice"},
      {R"({"any":{"@type":"x/google.protobuf.Duration"}})",
       "1:46: any: an Any of google.protobuf.Duration needs a \"value\""},
      {R"({"any":{"@type":"x/google.protobuf.Duration","value":"1"}})",
       "1:54: any.value: this is no duration of up to 10000 years: \"-1.5s\""},
      {R"({"any":{"@type":"x/google.protobuf.Duration","value":"1s","value":"1s"}})",
       "1:59: any: an Any of google.protobuf.Duration holds one \"value\" and nothing else"},
      {R"({"any":{"@type":"x/google.protobuf.Duration","value":"1s","a":1}})",
       "1:59: any: an Any of google.protobuf.Duration holds one \"value\" and nothing else"},
      {R"({"any":{"@type":"x/penstock.codec.json.testing.known.Known","anInt32":"x"}})",
       "1:71: any.anInt32: \"x\" is no number"},
  };
  for (const auto& c : cases) EXPECT_EQ(Again(c.text), c.want);
}

TEST(WellKnownJson, UnknownMembersOfAnAnyAreLeftOutWhereAsked) {
  EXPECT_EQ(Again(R"({"any":{"a":1,"@type":"x/google.protobuf.Duration","value":"1s"}})",
                  {.ignore_unknown_fields = true}),
            R"({"any":{"@type":"x/google.protobuf.Duration","value":"1s"}})");
}

TEST(WellKnownJson, ValuesNestAsDeepAsTheWireCarriesThem) {
  const auto lists = [](size_t depth) {
    return R"({"value":)" + std::string(depth, '[') + "1" + std::string(depth, ']') + "}";
  };
  const auto objects = [](size_t depth) {
    std::string text = R"({"fields":)";
    for (size_t i = 0; i < depth; ++i) text += R"({"n":)";
    return text + "1" + std::string(depth, '}') + "}";
  };
  // A list takes two messages, an object three.
  EXPECT_EQ(Again(lists(49)), lists(49));
  EXPECT_NE(Again(lists(50)).find("nested more than 100 deep"), std::string::npos);
  EXPECT_EQ(Again(objects(33)), objects(33));
  EXPECT_NE(Again(objects(34)).find("nested more than 100 deep"), std::string::npos);
  EXPECT_NE(Again(lists(200)).find("nested more than 100 deep"), std::string::npos);
  EXPECT_NE(Again(objects(200)).find("nested more than 100 deep"), std::string::npos);
}

TEST(WellKnownJson, AnysNestToTheLimit) {
  const auto anys = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += R"({"@type":"x/google.protobuf.Any","value":)";
    return R"({"any":)" + text + "{}" + std::string(static_cast<size_t>(depth), '}') + "}";
  };
  EXPECT_EQ(Again(anys(25)), anys(25));
  EXPECT_NE(Again(anys(200)).find("nested more than 100 deep"), std::string::npos);
  // An Any in an Any is a message in octets: nothing but the printer counts these.
  google::protobuf::Any any;
  for (int i = 0; i < 200; ++i) {
    google::protobuf::Any around;
    around.set_type_url("x/google.protobuf.Any");
    around.set_value(any.SerializeAsString());
    any = around;
  }
  EXPECT_NE(Printed(any).find("messages are nested more than 100 deep"), std::string::npos);
}

TEST(WellKnownJson, EachMayStandAlone) {
  google::protobuf::Value value;
  ASSERT_TRUE(FromJson(" [1, null] ", &value).ok());
  EXPECT_EQ(Printed(value), "[1,null]");
  ASSERT_TRUE(FromJson("null", &value).ok());
  EXPECT_EQ(Printed(value), "null");
  google::protobuf::Timestamp timestamp;
  ASSERT_TRUE(FromJson(R"("1970-01-01T00:00:05Z")", &timestamp).ok());
  EXPECT_EQ(timestamp.seconds(), 5);
  EXPECT_EQ(Printed(timestamp), R"("1970-01-01T00:00:05Z")");
  google::protobuf::Int64Value number;
  ASSERT_TRUE(FromJson("5", &number).ok());
  EXPECT_EQ(Printed(number), R"("5")");
  EXPECT_FALSE(FromJson("null", &number).ok());
}

TEST(WellKnownJson, WhatHasNoFormIsNotPrinted) {
  Known message;
  message.mutable_timestamp()->set_seconds(-62135596801);
  EXPECT_EQ(Printed(message),
            "failed: timestamp: -62135596801 seconds and 0 nanos are no "
            "google.protobuf.Timestamp: it reaches from year 1 to 9999, with nanos from 0 to "
            "999999999");
  message.Clear();
  message.add_durations()->set_seconds(1);
  message.mutable_durations(0)->set_nanos(-1);
  EXPECT_EQ(Printed(message),
            "failed: durations[0]: 1 seconds and -1 nanos are no google.protobuf.Duration: it "
            "reaches to 10000 years, and both have one sign");
  message.Clear();
  message.mutable_mask()->add_paths("fooBar");
  EXPECT_EQ(Printed(message),
            "failed: mask.paths[0]: the path \"fooBar\" has no lowerCamelCase form that leads back "
            "to it");
  message.Clear();
  message.mutable_value();
  EXPECT_EQ(Printed(message),
            "failed: value: a google.protobuf.Value has no value: set one of its kinds");
  for (const double number :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    message.mutable_value()->set_number_value(number);
    EXPECT_EQ(Printed(message),
              "failed: value: a google.protobuf.Value is NaN or infinite, which JSON has no number "
              "for");
  }
  message.Clear();
  message.mutable_any()->set_type_url("x/a.B");
  EXPECT_EQ(Printed(message),
            "failed: any: the type \"x/a.B\" in an Any is not known: give it with "
            "JsonPrintOptions::types");
  message.mutable_any()->set_type_url("x/google.protobuf.Duration");
  message.mutable_any()->set_value("\x08");
  EXPECT_EQ(Printed(message),
            "failed: any: the google.protobuf.Duration in an Any does not parse: the message ends "
            "inside a field, at octet 1");
}

TEST(WellKnownJson, TypesOfAnAnyMayComeFromElsewhere) {
  const reflection::MessageType& type = reflection::TypeOf<codec::testing::rich3::Rich>();
  const std::string text = R"({"any":{"@type":"x/penstock.codec.testing.rich3.Rich","anInt32":7}})";
  reflection::DescriptorPool pool;
  std::string error;
  ASSERT_NE(pool.AddEmbedded(MessageAccess::File<Known>(), &error), nullptr) << error;
  const reflection::DynamicTypes types(pool);
  reflection::DynamicMessage message(*types.FindType(Known::kFullName));
  EXPECT_FALSE(FromJson(text, message.ref()).ok()) << "the pool does not have it";
  ASSERT_TRUE(FromJson(text, message.ref(), {.types = &type.source()}).ok());
  std::string printed;
  EXPECT_FALSE(ToJson(message.ref(), &printed).ok());
  ASSERT_TRUE(ToJson(message.ref(), &printed, {.types = &type.source()}).ok());
  EXPECT_EQ(printed, text);
}

TEST(JsonNames, AreThoseOfTheDescriptorOrOfTheProto) {
  const char* const printed =
      R"({"fieldname1":1,"fieldName2":2,"FieldName3":3,"fieldName4":4,"field0name5":5,)"
      R"("field0Name6":6,"fieldName7":7,"FieldName8":8,"fieldName9":9,"FieldName10":10,)"
      R"("FIELDNAME11":11,"FIELDName12":12,"FieldName13":13,"FieldName14":14,"fieldName15":15,)"
      R"("fieldName16":16,"fieldName17":17,"FieldName18":18,"@other/name":19})";
  Names message;
  ASSERT_TRUE(FromJson(printed, &message).ok());
  EXPECT_EQ(message.field_name18__(), 18);
  EXPECT_EQ(Printed(message), printed);
  const std::string original = Printed(message, {.preserve_proto_names = true});
  EXPECT_NE(original.find(R"("_field_name3":3,"field__name4_":4)"), std::string::npos) << original;
  Names again;
  ASSERT_TRUE(FromJson(original, &again).ok());
  EXPECT_EQ(again, message);
}

}  // namespace
}  // namespace penstock::codec::json
