#include "penstock/codec/compiler/lexer.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::codec::compiler {
namespace {

// "id:foo int:5 ..." for comparing.
std::string Kinds(const std::vector<Token>& tokens) {
  std::string out;
  for (const Token& token : tokens) {
    if (!out.empty()) out += " ";
    switch (token.kind) {
      case TokenKind::kIdentifier:
        out += "id:" + token.text;
        break;
      case TokenKind::kInteger:
        out += "int:" + std::to_string(token.integer);
        break;
      case TokenKind::kFloat:
        out += "float:" + std::to_string(token.number);
        break;
      case TokenKind::kString:
        out += "string:" + token.text;
        break;
      case TokenKind::kSymbol:
        out += token.text;
        break;
      case TokenKind::kEnd:
        out += "end";
        break;
    }
  }
  return out;
}

TEST(Lexer, CutsTokens) {
  struct {
    const char* source;
    const char* want;
  } const cases[] = {
      {"", "end"},
      {"\xef\xbb\xbf"
       "a",
       "id:a end"},
      {"syntax=\"proto3\";", "id:syntax = string:proto3 ; end"},
      {"a.b_c1 {}", "id:a . id:b_c1 { } end"},
      {"0 7 010 0x1F 0XfF", "int:0 int:7 int:8 int:31 int:255 end"},
      {"18446744073709551615", "int:18446744073709551615 end"},
      {"18446744073709551616", "float:18446744073709551616.000000 end"},
      {"1.5 .5 1e3 2.E-1 1.",
       "float:1.500000 float:0.500000 float:1000.000000 "
       "float:0.200000 float:1.000000 end"},
      {"- 5", "- int:5 end"},
      {"'a\"b' \"a'b\"", "string:a\"b string:a'b end"},
      {R"("\n\t\\\"\101\x41\u00e4\U0001F600")", "string:\n\t\\\"AA\u00e4\U0001F600 end"},
      {"a // b\n c /* d */ e", "id:a id:c id:e end"},
      {"[<>(),:]", "[ < > ( ) , : ] end"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    Diagnostics diagnostics;
    EXPECT_EQ(Kinds(Lex("a.proto", c.source, &diagnostics)), c.want);
    EXPECT_EQ(diagnostics.ToString(), "");
  }
}

TEST(Lexer, NamesThePlaceOfFaults) {
  struct {
    const char* source;
    const char* want;
  } const cases[] = {
      {"a\n  \"b", "a.proto:2:3: error: this string does not end on its line\n"},
      {"\"b\nc\"",
       "a.proto:1:1: error: this string does not end on its line\n"
       "a.proto:2:2: error: this string does not end on its line\n"},
      {"/* a", "a.proto:1:1: error: this comment does not end: */ is missing\n"},
      {"a # b", "a.proto:1:3: error: unexpected character '#'\n"},
      {"\xc3\xa4 b",
       "a.proto:1:1: error: a character that .proto files may have only in strings "
       "and comments\n"},
      {"09", "a.proto:1:1: error: \"09\" is not a number (a leading 0 means octal)\n"},
      {"0x", "a.proto:1:1: error: \"0x\" must be followed by hexadecimal digits\n"},
      {"0xfg", "a.proto:1:1: error: \"0xfg\" is not a number\n"},
      {"5a", "a.proto:1:1: error: \"5a\" is not a number: a blank is missing?\n"},
      {"1.5f", "a.proto:1:1: error: \"1.5f\" is not a number: a blank is missing?\n"},
      {"/* /* */", "a.proto:1:4: error: \"/*\" inside a comment: they cannot be nested\n"},
      {"1e", "a.proto:1:1: error: an exponent needs digits\n"},
      {R"("\q")", "a.proto:1:2: error: \"\\q\" is not an escape sequence\n"},
      {R"("\x")", "a.proto:1:2: error: \\x must be followed by hexadecimal digits\n"},
      {R"("\u12")",
       "a.proto:1:2: error: \\u must be followed by 4, \\U by 8 hexadecimal digits of "
       "a character\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    Diagnostics diagnostics;
    Lex("a.proto", c.source, &diagnostics);
    EXPECT_EQ(diagnostics.ToString(), c.want);
  }
}

TEST(Lexer, RefusesAnOctetZeroWhereverItStands) {
  struct {
    std::string source;
    const char* place;
  } const cases[] = {
      {std::string("\0", 1), "a.proto:1:1"},
      {std::string("a\n// b\0c\nd", 10), "a.proto:2:5"},
      {std::string("/*\n\0*/", 6), "a.proto:2:1"},
      {std::string("'\0'", 3), "a.proto:1:2"},
      {std::string("\xef\xbb\xbf\0", 4), "a.proto:1:4"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.place);
    Diagnostics diagnostics;
    EXPECT_EQ(Kinds(Lex("a.proto", c.source, &diagnostics)), "end");
    EXPECT_EQ(diagnostics.ToString(),
              std::string(c.place) +
                  ": error: an octet 0, which no text has: is this a .proto file, in UTF-8?\n");
  }
}

// "trailing|detached,detached|leading" of each gap, one line each.
std::string Gaps(const std::string& source) {
  Diagnostics diagnostics;
  std::string out;
  for (const Token& token : Lex("a.proto", source, &diagnostics)) {
    const Gap gap = token.gap == nullptr ? Gap() : *token.gap;
    out += gap.trailing + "|";
    for (const std::string& text : gap.detached) out += text + ",";
    out += "|" + gap.leading + "\n";
  }
  EXPECT_EQ(diagnostics.ToString(), "");
  return out;
}

TEST(Lexer, SortsCommentsByWhatTheyBelongTo) {
  struct {
    const char* name;
    const char* source;
    const char* want;  // for a, b and the end
  } const cases[] = {
      {"none", "a b", "||\n||\n||\n"},
      {"above the first token", "/* x */\na b", "|| x \n||\n||\n"},
      {"apart from the first token", "/* x */\n\na b", "| x ,|\n||\n||\n"},
      {"behind a token", "a /* x */\nb", "||\n x ||\n||\n"},
      {"between two tokens of a line it is nobody's", "a /* x */ b", "||\n||\n||\n"},
      {"above a token", "a\n/* x */\nb", "||\n|| x \n||\n"},
      {"with an empty line below, it is of the one before", "a\n/* x */\n\nb", "||\n x ||\n||\n"},
      {"between empty lines", "a\n\n/* x */\n\nb", "||\n| x ,|\n||\n"},
      {"all at once", "a /* 1 */\n/* 2 */\n\n/* 3 */\n/* 4 */\nb", "||\n 1 | 2 , 3 ,| 4 \n||\n"},
      {"before a closing brace", "a\n\n/* x */\n}", "||\n| x ,|\n||\n"},
      {"lines are one comment", "a\n\n//x\n  //y\nb", "||\n||x\ny\n\n||\n"},
      {"decoration is dropped", "/* x\n   * y\n   z */\na b", "|| x\n y\nz \n||\n||\n"},
      {"the end", "a b //x", "||\n||\nx||\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Gaps(c.source), c.want);
  }
}

TEST(Lexer, CountsColumnsAsSourceInfoDoes) {
  Diagnostics diagnostics;
  const std::vector<Token> tokens = Lex("a.proto", "\ta  \tbc\nd", &diagnostics);
  EXPECT_EQ(tokens[0].column, 8);
  EXPECT_EQ(tokens[0].location.column, 2);
  EXPECT_EQ(tokens[1].column, 16);
  EXPECT_EQ(tokens[1].end_column, 18);
  EXPECT_EQ(tokens[2].line(), 1);
  EXPECT_EQ(tokens[2].column, 0);
}

TEST(Lexer, ManyErrorsAreCountedNotKept) {
  Diagnostics diagnostics;
  Lex("a.proto", std::string(100000, '#'), &diagnostics);
  EXPECT_EQ(diagnostics.all().size(), Diagnostics::kErrorsMax);
  EXPECT_EQ(diagnostics.error_count(), 100000u);
}

}  // namespace
}  // namespace penstock::codec::compiler
