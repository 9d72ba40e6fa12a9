#include "penstock/codec/compiler/parser.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace penstock::codec::compiler {
namespace {

std::unique_ptr<FileDescriptor> ParseWell(const std::string& body) {
  Diagnostics diagnostics;
  auto file = ParseFile("a.proto", "syntax = \"proto3\";\n" + body, &diagnostics);
  EXPECT_EQ(diagnostics.ToString(), "");
  return file;
}

TEST(Parser, AnEmptyProto3File) {
  const auto file = ParseWell("");
  EXPECT_EQ(file->path, "a.proto");
  EXPECT_EQ(file->syntax, "proto3");
  EXPECT_TRUE(file->messages.empty());
}

TEST(Parser, PackageImportsAndOptions) {
  const auto file = ParseWell(
      "package a.b;\n"
      "import \"x.proto\"; import public \"y.proto\"; import weak \"z\" \".proto\";\n"
      "option java_package = \"com\"; option (my.opt).sub = -5; option (o) = { a: 1 b { c: \"d\" } "
      "};\n"
      "option optimize_for = SPEED; option (p) = 1.5; option (q) = -inf;");
  EXPECT_EQ(file->package, "a.b");
  ASSERT_EQ(file->imports.size(), 3u);
  EXPECT_FALSE(file->imports[0].is_public);
  EXPECT_TRUE(file->imports[1].is_public);
  EXPECT_TRUE(file->imports[2].is_weak);
  EXPECT_EQ(file->imports[2].path, "z.proto");
  ASSERT_EQ(file->options.size(), 6u);
  EXPECT_EQ(file->options[0].text, "com");
  EXPECT_EQ(file->options[1].name, "(my.opt).sub");
  EXPECT_EQ(file->options[1].integer, 5u);
  EXPECT_TRUE(file->options[1].negative);
  EXPECT_EQ(file->options[2].kind, Option::Kind::kAggregate);
  ASSERT_EQ(file->options[2].values.size(), 2u);
  EXPECT_EQ(file->options[2].values[0].name, "a");
  EXPECT_EQ(file->options[2].values[1].values.at(0).text, "d");
  EXPECT_EQ(file->options[3].text, "SPEED");
  EXPECT_EQ(file->options[4].number, 1.5);
  EXPECT_EQ(file->options[5].text, "-inf");
}

TEST(Parser, FieldsOfEveryForm) {
  const auto file = ParseWell(
      "message M {\n"
      "  int32 a = 1;\n"
      "  optional string b = 2;\n"
      "  repeated .x.Y c = 3 [packed = false, json_name = \"C\"];\n"
      "  map<string, x.Y> foo_bar = 4;\n"
      "  oneof o { bytes d = 5; E e = 0x6; }\n"
      "  reserved 7, 10 to 12, 1000 to max; reserved \"f\", \"g\";\n"
      "  enum E { option allow_alias = true; Z = 0; N = -1 [deprecated = true]; reserved -9 to -2; "
      "}\n"
      "  message Inner {}\n"
      "  ;\n"
      "}");
  ASSERT_EQ(file->messages.size(), 1u);
  const MessageDescriptor& m = *file->messages[0];
  ASSERT_EQ(m.fields.size(), 6u);
  EXPECT_EQ(m.fields[0].type, FieldType::kInt32);
  EXPECT_EQ(m.fields[0].label, FieldDescriptor::Label::kSingular);
  EXPECT_EQ(m.fields[1].label, FieldDescriptor::Label::kOptional);
  EXPECT_EQ(m.fields[2].type_name, ".x.Y");
  EXPECT_TRUE(m.fields[2].repeated());
  EXPECT_EQ(m.fields[2].json_name, "C");
  EXPECT_TRUE(m.fields[3].is_map);
  EXPECT_EQ(m.fields[3].json_name, "fooBar");
  EXPECT_EQ(m.fields[4].oneof_index, 0);
  EXPECT_EQ(m.fields[5].number, 6u);
  ASSERT_EQ(m.messages.size(), 2u) << "the map's entry and Inner";
  EXPECT_EQ(m.messages[0]->full_name, "M.FooBarEntry");
  EXPECT_TRUE(m.messages[0]->is_map_entry);
  EXPECT_EQ(m.messages[0]->fields[1].type_name, "x.Y");
  ASSERT_EQ(m.reserved_ranges.size(), 3u);
  EXPECT_EQ(m.reserved_ranges[2].last, 536870911);
  EXPECT_EQ(m.reserved_names[1].name, "g");
  ASSERT_EQ(m.enums.size(), 1u);
  EXPECT_EQ(m.enums[0]->values[1].number, -1);
  EXPECT_EQ(m.enums[0]->reserved_ranges[0].first, -9);
}

TEST(Parser, WordsOfTheLanguageAreNamesElsewhere) {
  const auto file = ParseWell(
      "package message.enum;\n"
      "message message { string syntax = 1; int32 message = 2; map map = 3; bool reserved = 4; }\n"
      "message map {}\n"
      "service service { rpc rpc(stream) returns (stream.x); rpc s(stream stream) returns (a); }\n"
      "message stream {}");
  ASSERT_EQ(file->messages.size(), 3u);
  EXPECT_EQ(file->messages[0]->fields[2].type_name, "map");
  const ServiceDescriptor& service = file->services[0];
  EXPECT_EQ(service.methods[0].input_name, "stream");
  EXPECT_FALSE(service.methods[0].client_streaming);
  EXPECT_TRUE(service.methods[0].server_streaming) << "as protoc reads it";
  EXPECT_EQ(service.methods[0].output_name, ".x");
  EXPECT_TRUE(service.methods[1].client_streaming);
}

TEST(Parser, ServicesHaveFourShapes) {
  const auto file = ParseWell(
      "service S {\n"
      "  option deprecated = true;\n"
      "  rpc A(M) returns (M);\n"
      "  rpc B(M) returns (stream M) {}\n"
      "  rpc C(stream M) returns (M) { option idempotency_level = IDEMPOTENT; }\n"
      "  rpc D(stream .p.M) returns (stream M);\n"
      "}");
  const ServiceDescriptor& service = file->services.at(0);
  ASSERT_EQ(service.methods.size(), 4u);
  EXPECT_FALSE(service.methods[0].client_streaming || service.methods[0].server_streaming);
  EXPECT_TRUE(!service.methods[1].client_streaming && service.methods[1].server_streaming);
  EXPECT_TRUE(service.methods[2].client_streaming && !service.methods[2].server_streaming);
  EXPECT_TRUE(service.methods[3].client_streaming && service.methods[3].server_streaming);
  EXPECT_EQ(service.methods[2].options.size(), 1u);
  EXPECT_EQ(service.methods[3].input_name, ".p.M");
}

TEST(Parser, CommentsStayWithWhatTheyDescribe) {
  const auto file = ParseWell(
      "// of nothing\n"
      "\n"
      "// of M\n"
      "message M {  // behind M\n"
      "  // of a\n"
      "  int32 a = 1;  // behind a\n"
      "  int32 b = 2;\n"
      "}\n");
  const MessageDescriptor& m = *file->messages.at(0);
  EXPECT_EQ(m.comments.leading, " of M\n");
  EXPECT_EQ(m.comments.trailing, " behind M\n");
  EXPECT_EQ(m.fields[0].comments.leading, " of a\n");
  EXPECT_EQ(m.fields[0].comments.trailing, " behind a\n");
  EXPECT_EQ(m.fields[1].comments.leading, "");
}

TEST(Parser, ErrorsNamePlaceCauseAndRemedy) {
  struct {
    const char* name;
    const char* source;  // behind a first line with the syntax statement
    const char* want;
  } const cases[] = {
      {"missing semicolon", "message M {\n  int32 a = 1\n  int32 b = 2;\n}",
       "a.proto:3:14: error: expected \";\" at the end of field \"a\", found \"int32\"\n"},
      {"missing number", "message M {\n  int32 a;\n}",
       "a.proto:3:10: error: expected \"=\" and a number after the field's name, found \";\"\n"},
      {"number zero", "message M { int32 a = 0; }",
       "a.proto:2:23: error: the field's number must be from 1 to 536870911\n"},
      {"number too large", "message M { int32 a = 536870912; }",
       "a.proto:2:23: error: the field's number must be from 1 to 536870911\n"},
      {"several at once", "message M {\n  int32 = 1;\n  int32 b = 2;\n  string c = x;\n}\nfoo",
       "a.proto:3:9: error: expected the field's name, found \"=\"\n"
       "a.proto:5:14: error: expected the field's number, found \"x\"\n"
       "a.proto:7:1: error: expected \"message\", \"enum\", \"service\", \"extend\", \"import\", "
       "\"option\" or \"package\", found \"foo\"\n"},
      {"brace missing", "message M {\n  int32 a = 1;",
       "a.proto:3:15: error: expected \"}\" at the end of message \"M\", found the end of the "
       "file\n"},
      {"brace too many", "message M {}\n}\nmessage N {}",
       "a.proto:3:1: error: \"}\" closes nothing\n"},
      {"label in a oneof", "message M { oneof o { repeated int32 a = 1; } }",
       "a.proto:2:23: error: fields of a oneof have no label\n"},
      {"map in a oneof", "message M { oneof o { map<int32, int32> a = 1; } }",
       "a.proto:2:23: error: a map cannot be in a oneof\n"},
      {"empty oneof", "message M { oneof o { } }",
       "a.proto:2:19: error: a oneof needs at least one field\n"},
      {"map key", "message M { map<float, int32> a = 1; }",
       "a.proto:2:17: error: the key of a map is an integer, a bool or a string\n"},
      {"repeated map", "message M { repeated map<int32, int32> a = 1; }",
       "a.proto:2:22: error: a map has no label\n"},
      {"required", "message M { required int32 a = 1; }",
       "a.proto:2:13: error: required fields do not exist in proto3\n"},
      {"group", "message M { optional group G = 1 { int32 a = 1; } }",
       "a.proto:2:22: error: groups do not exist in proto3\n"},
      {"empty extend", "extend M {}",
       "a.proto:2:11: error: expected at least one field, found \"}\"\n"},
      {"map as extension", "extend M { map<int32, int32> a = 1; }",
       "a.proto:2:12: error: an extension cannot be a map\n"},
      {"list in a value", "message M { int32 a = 1 [b = {c: [1 2] d {}}]; } foo",
       "a.proto:2:37: error: expected \"]\" at the end of the list, found \"2\"\n"
       "a.proto:2:50: error: expected \"message\", \"enum\", \"service\", \"extend\", \"import\", "
       "\"option\" or \"package\", found \"foo\"\n"},
      {"two packages", "package a;\npackage b;",
       "a.proto:3:1: error: a file has one package statement\n"},
      {"import without quotes", "import a.proto;",
       "a.proto:2:8: error: expected the path of the imported file, in quotes, found \"a\"\n"},
      {"import twice", "import \"b\"; import \"b\";",
       "a.proto:2:20: error: import \"b\" stands here twice\n"},
      {"reversed range", "message M { reserved 9 to 5; }",
       "a.proto:2:22: error: this range ends before it begins\n"},
      {"no rpc", "service S { void f(); }",
       "a.proto:2:13: error: expected \"rpc\" or \"option\", found \"void\"\n"},
      {"no returns", "service S { rpc f(M); }",
       "a.proto:2:21: error: expected \"returns\" after the request's type, found \";\"\n"},
      {"option without value", "option a = ;",
       "a.proto:2:12: error: expected the option's value, found \";\"\n"},
      {"enum number", "enum E { A = 2147483648; }",
       "a.proto:2:14: error: the enum value's number must be from -2147483648 to 2147483647\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    ParseFile("a.proto", std::string("syntax = \"proto3\";\n") + c.source, &diagnostics);
    EXPECT_EQ(diagnostics.ToString(), c.want);
  }
}

TEST(Parser, ReadsTheSyntaxOrEdition) {
  struct {
    const char* source;
    const char* syntax;
    const char* want;
  } const cases[] = {
      {"message M {}", "proto2",
       "a.proto:1:1: warning: no syntax statement, which means proto2: begin with syntax = "
       "\"proto2\"; or syntax = \"proto3\";\n"},
      {"syntax = \"proto2\";", "proto2", ""},
      {"syntax = 'proto3';", "proto3", ""},
      {"edition = \"2023\";", "editions", ""},
      {"syntax = \"proto4\";", "proto3",
       "a.proto:1:10: error: unknown syntax \"proto4\": write syntax = \"proto3\"; or syntax = "
       "\"proto2\";\n"},
      {"edition = \"2024\";", "editions",
       "a.proto:1:11: error: unknown edition \"2024\": penstockc knows \"2023\"\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    Diagnostics diagnostics;
    EXPECT_EQ(ParseFile("a.proto", c.source, &diagnostics)->syntax, c.syntax);
    EXPECT_EQ(diagnostics.ToString(), c.want);
  }
}

TEST(Parser, WordsOfAnotherSyntaxAreExplained) {
  struct {
    const char* source;
    const char* want;
  } const cases[] = {
      {"syntax = \"proto2\"; message M { int32 a = 1; }",
       "a.proto:1:32: error: a field of proto2 begins with \"optional\", \"required\" or "
       "\"repeated\"\n"},
      {"syntax = \"proto2\"; message M { optional group g = 1 {} }",
       "a.proto:1:47: error: the name of a group begins with a capital letter\n"},
      {"edition = \"2023\"; message M { optional int32 a = 1; }",
       "a.proto:1:31: error: there is no \"optional\" in editions: fields are, unless features say "
       "otherwise\n"},
      {"edition = \"2023\"; message M { required int32 a = 1; }",
       "a.proto:1:31: error: there is no \"required\" in editions: write "
       "[features.field_presence = LEGACY_REQUIRED]\n"},
      {"edition = \"2023\"; message M { reserved \"a\"; }",
       "a.proto:1:40: error: reserved names stand without quotes in editions\n"},
      {"edition = \"2023\"; message M { group G = 1 {} }",
       "a.proto:1:31: error: there is no \"group\" in editions: write a message with "
       "[features.message_encoding = DELIMITED]\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    Diagnostics diagnostics;
    ParseFile("a.proto", c.source, &diagnostics);
    EXPECT_EQ(diagnostics.ToString(), c.want);
  }
}

TEST(Parser, NestingOfValuesHasABound) {
  std::string deep = "syntax = \"proto3\"; option (a) = ";
  for (int i = 0; i < 10000; ++i) deep += "{ b: ";
  Diagnostics diagnostics;
  ParseFile("a.proto", deep, &diagnostics);
  EXPECT_EQ(diagnostics.all().at(0).message, "values are nested more than 64 deep");
}

TEST(Parser, NestingHasABound) {
  std::string deep = "syntax = \"proto3\";\n";
  for (int i = 0; i < 10000; ++i) deep += "message M {";
  Diagnostics diagnostics;
  ParseFile("a.proto", deep, &diagnostics);
  EXPECT_EQ(diagnostics.all().at(0).message, "messages are nested more than 32 deep");
}

TEST(Parser, EveryPrefixOfAFileEndsInAnErrorOrParses) {
  const std::string whole =
      "syntax = \"proto3\"; package a.b; import \"c\"; option (d) = { e: \"f\" };\n"
      "message M { map<int32, M> g = 1 [h = 2]; oneof i { M j = 3; } reserved 4 to max, 5; }\n"
      "enum E { F = 0 [(x) = 'y']; } service S { rpc T(stream M) returns (M) { option u = 1; } }\n";
  for (size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    Diagnostics diagnostics;
    EXPECT_NE(ParseFile("a.proto", whole.substr(0, bytes), &diagnostics), nullptr);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      EXPECT_GT(diagnostic.location.line, 0) << diagnostic.ToString();
    }
  }
}

}  // namespace
}  // namespace penstock::codec::compiler
