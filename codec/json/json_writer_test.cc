#include "penstock/codec/json/json_writer.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendQuoted(text, &out);
  return out;
}

std::string Written(JsonLayout layout) {
  std::string out;
  JsonWriter json(&out, layout);
  json.BeginObject();
  json.Key("a");
  json.Integer32(int32_t{-7});
  json.Key("b");
  json.BeginArray();
  json.Integer64(~uint64_t{0});
  json.Bool(true);
  json.BeginObject();
  json.EndObject();
  json.BeginArray();
  json.EndArray();
  json.EndArray();
  json.Key("c");
  json.BeginObject();
  json.Key("d\"");
  json.Null();
  json.EndObject();
  json.Key("e");
  json.Value() += "1.5";
  json.EndObject();
  return out;
}

TEST(JsonWriter, CompactHasNoBlanks) {
  EXPECT_EQ(Written(JsonLayout::kCompact),
            R"({"a":-7,"b":["18446744073709551615",true,{},[]],"c":{"d\"":null},"e":1.5})");
}

TEST(JsonWriter, PrettyHasALineForEachMember) {
  EXPECT_EQ(Written(JsonLayout::kPretty), R"({
  "a": -7,
  "b": [
    "18446744073709551615",
    true,
    {},
    []
  ],
  "c": {
    "d\"": null
  },
  "e": 1.5
})");
}

TEST(JsonWriter, AValueMayStandAlone) {
  std::string out;
  JsonWriter(&out, JsonLayout::kPretty).String("x");
  EXPECT_EQ(out, "\"x\"");
}

TEST(JsonWriter, EscapesWhatMustBeAndNothingElse) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("a/b<c>'"), R"("a/b<c>'")");
  EXPECT_EQ(Quoted("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(Quoted(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(Quoted("\xc3\xa4\xf0\x9f\x98\x81"), "\"\xc3\xa4\xf0\x9f\x98\x81\"");
}

}  // namespace
}  // namespace penstock::codec::json
