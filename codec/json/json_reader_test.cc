#include "penstock/codec/json/json_reader.h"

#include <memory>

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

// What a reader sees, in a notation without blanks: strings as <text>.
void Trace(JsonReader& json, std::string* out) {
  std::string_view text;
  switch (const JsonKind kind = json.Peek()) {
    case JsonKind::kNothing:
      return;
    case JsonKind::kObject:
      *out += '{';
      if (!json.EnterObject()) return;
      while (json.NextMember(&text)) {
        out->append("<").append(text).append(">:");
        Trace(json, out);
        *out += ';';
      }
      *out += '}';
      return;
    case JsonKind::kArray:
      *out += '[';
      if (!json.EnterArray()) return;
      while (json.NextElement()) {
        Trace(json, out);
        *out += ';';
      }
      *out += ']';
      return;
    case JsonKind::kString:
      if (json.ReadString(&text)) out->append("<").append(text).append(">");
      return;
    case JsonKind::kNumber:
      if (json.ReadNumber(&text)) *out += text;
      return;
    default:
      if (json.ReadWord(kind)) *out += NameWithArticle(kind);
      return;
  }
}

// The trace, or the fault with its place. The text lies in an allocation of its own size, so that
// a sanitizer sees a read past its end.
std::string Read(std::string_view text) {
  const auto exact = std::make_unique<char[]>(text.size());
  text.copy(exact.get(), text.size());
  JsonReader json(std::string_view(exact.get(), text.size()));
  std::string trace;
  Trace(json, &trace);
  return json.Finish() ? trace : json.Describe();
}

bool Skips(std::string_view text) {
  JsonReader json(text);
  return json.SkipValue() && json.Finish();
}

TEST(JsonReader, ReadsWhatTheTableSays) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {"{}", "{}"},
      {" [ ] ", "[]"},
      {"\t\r\n null \n", "null"},
      {"true", "true"},
      {"false", "false"},
      {"-0.5e+10", "-0.5e+10"},
      {R"("")", "<>"},
      {R"({"a":1,"b" : [ true , {"c":null} ,-2]})", "{<a>:1;<b>:[true;{<c>:null;};-2;];}"},
      {R"({"":{},"a":[]})", "{<>:{};<a>:[];}"},
      {R"("\"\\\/\b\f\n\r\t")", "<\"\\/\b\f\n\r\t>"},
      {R"({"\u0061\u00e4\u20AC":"\uD83D\uDE01"})", "{<a\xc3\xa4\xe2\x82\xac>:<\xf0\x9f\x98\x81>;}"},
      {"\"\xc3\xa4\x7f\"", "<\xc3\xa4\x7f>"},
      {R"(["\ud7ff","\ue000","\uDBFF\uDFFF"])",
       "[<\xed\x9f\xbf>;<\xee\x80\x80>;<\xf4\x8f\xbf\xbf>;]"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Read(c.text), c.want);
    EXPECT_TRUE(Skips(c.text)) << c.text;
  }
  EXPECT_EQ(Read(R"("a\u0000b")"), std::string("<a\0b>", 5));
}

TEST(JsonReader, SaysWhatIsWrongAndWhere) {
  struct {
    const char* text;
    const char* want;
  } const cases[] = {
      {"", "1:1: the text ends where a value should stand"},
      {" \n  ", "2:3: the text ends where a value should stand"},
      {"{", "1:2: the text ends where a member's name in quotes should stand"},
      {"[1,", "1:4: the text ends where a value should stand"},
      {R"({"a")", "1:5: the text ends where a colon should stand"},
      {R"({"a":1)", "1:7: the text ends where a comma or } should stand"},
      {"[1", "1:3: the text ends where a comma or ] should stand"},
      {R"({"a":1,})", "1:8: a comma stands before the closing bracket"},
      {"[1 , ]", "1:6: a comma stands before the closing bracket"},
      {"[,1]", "1:2: a value should stand here"},
      {"[1,,2]", "1:4: a value should stand here"},
      {"{,}", "1:2: a member's name in quotes should stand here"},
      {R"({"a" 1})", "1:6: a colon should stand here"},
      {R"({"a":1 "b":2})", "1:8: a comma or } should stand here"},
      {"{\n  \"a\": 1\n  \"b\": 2}", "3:3: a comma or } should stand here"},
      {"[1 2]", "1:4: a comma or ] should stand here"},
      {"[1}", "1:3: a comma or ] should stand here"},
      {R"({a:1})", "1:2: a member's name in quotes should stand here"},
      {R"({1:1})", "1:2: a member's name in quotes should stand here"},
      {R"({null:1})", "1:2: a member's name in quotes should stand here"},
      {R"({'a':1})", "1:2: a member's name in quotes should stand here"},
      {"'a'", "1:1: a value should stand here"},
      {"True", "1:1: a value should stand here"},
      {"NaN", "1:1: a value should stand here"},
      {"nul", "1:1: null should stand here"},
      {"truex", "1:5: something follows the value"},
      {"{} {}", "1:4: something follows the value"},
      {"/* a */ 1", "1:1: a value should stand here"},
      {"[1, // one\n2]", "1:5: a value should stand here"},
      {"+1", "1:1: a value should stand here"},
      {"01", "1:1: this is not how JSON spells a number"},
      {"-01", "1:1: this is not how JSON spells a number"},
      {"[1.]", "1:2: this is not how JSON spells a number"},
      {"[1e]", "1:2: this is not how JSON spells a number"},
      {"-Infinity", "1:1: this is not how JSON spells a number"},
      {"0x10", "1:2: something follows the value"},
      {R"("a)", "1:1: the string does not end"},
      {R"("a\)", "1:3: there is no such escape in JSON"},
      {R"("a\"b)", "1:1: the string does not end"},
      {"\"a\nb\"", "1:3: the string does not end on its line"},
      {"\"\\n\tb\"", "1:4: a control character stands in a string: escape it"},
      {R"("\x41")", "1:2: there is no such escape in JSON"},
      {R"("\U8C37")", "1:2: there is no such escape in JSON"},
      {R"("\u8C3")", "1:2: \\u wants four hexadecimal digits"},
      {R"("\uXXXX")", "1:2: \\u wants four hexadecimal digits"},
      {R"("\uD83D\uXXXX")", "1:8: \\u wants four hexadecimal digits"},
      {R"("\uD800")", "1:2: half of a surrogate pair stands alone"},
      {R"("\uDC00")", "1:2: half of a surrogate pair stands alone"},
      {R"("\uDE01\uD83D")", "1:2: half of a surrogate pair stands alone"},
      {R"("\uD83D\u0041")", "1:2: half of a surrogate pair stands alone"},
      {R"("\uD83Dx")", "1:2: half of a surrogate pair stands alone"},
      {"[\"\xc3\xa4\", x]", "1:7: a value should stand here"},
      {"[\"\xc3\xa4\", \"\xff\"]", "1:8: the text is not UTF-8 here"},
      {"[\"\xed\xa0\x80\"]", "1:3: the text is not UTF-8 here"},
      {"\"\xc3", "1:2: the text is not UTF-8 here"},
      {"\xef\xbb\xbf{}", "1:1: the text begins with a byte order mark: leave it out"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Read(c.text), c.want) << c.text;
    EXPECT_FALSE(Skips(c.text)) << c.text;
  }
  EXPECT_EQ(Read(std::string_view("\0", 1)), "1:1: a value should stand here");
}

TEST(JsonReader, EveryFrontOfATextIsFaulty) {
  constexpr std::string_view kText =
      R"({"a\u00e4":[1,-2.5e+10,{"b":null},true,false,"\uD83D\uDE01\n"],"c":{"d":[[]]}})";
  EXPECT_TRUE(Skips(kText));
  for (size_t bytes = 0; bytes < kText.size(); ++bytes) {
    const std::string_view front = kText.substr(0, bytes);
    EXPECT_NE(Read(front).find(": "), std::string::npos) << front;
    EXPECT_FALSE(Skips(front)) << front;
  }
}

TEST(JsonReader, NestsToItsLimitAndNoFurther) {
  for (const bool objects : {false, true}) {
    const auto nested = [objects](int depth) {
      std::string text;
      for (int i = 0; i < depth; ++i) text += objects && i > 0 ? R"({"a":)" : "[";
      text += "1";
      for (int i = depth; i > 0; --i) text += objects && i > 1 ? "}" : "]";
      return text;
    };
    EXPECT_TRUE(Skips(nested(kNestingMax)));
    EXPECT_FALSE(Skips(nested(kNestingMax + 1)));
    EXPECT_NE(Read(nested(kNestingMax + 1)).find("nested more than 100 deep"), std::string::npos);
    EXPECT_FALSE(Skips(nested(100000)));
  }
}

TEST(JsonReader, ReadsAgainFromAPlaceItKept) {
  JsonReader json(R"({"a":[{"b":1}],"c":2})");
  std::string_view name;
  ASSERT_EQ(json.Peek(), JsonKind::kObject);
  ASSERT_TRUE(json.EnterObject());
  const JsonReader::Place begin = json.place();
  int member_count = 0;
  while (json.NextMember(&name) && json.SkipValue()) ++member_count;
  EXPECT_EQ(member_count, 2);
  json.ReturnTo(begin);
  ASSERT_TRUE(json.NextMember(&name));
  EXPECT_EQ(name, "a");
  ASSERT_TRUE(json.SkipValue());
  ASSERT_TRUE(json.NextMember(&name));
  EXPECT_EQ(name, "c");
  ASSERT_TRUE(json.SkipValue());
  EXPECT_FALSE(json.NextMember(&name));
  EXPECT_TRUE(json.Finish());
}

TEST(JsonReader, TheFirstFaultStays) {
  JsonReader json("[1 2]");
  EXPECT_FALSE(json.SkipValue());
  EXPECT_FALSE(json.Fail(0, "another"));
  EXPECT_EQ(json.Peek(), JsonKind::kNothing);
  EXPECT_EQ(json.Describe(), "1:4: a comma or ] should stand here");
}

}  // namespace
}  // namespace penstock::codec::json
