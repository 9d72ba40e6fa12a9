#include "penstock/codec/compiler/linker.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::codec::compiler {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

// The errors of linking a.proto; every file gets the syntax statement as its first line.
std::string Link(Files files) {
  for (auto& [path, text] : files) text.insert(0, "syntax = \"proto3\";\n");
  MemorySourceTree tree(std::move(files));
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  EXPECT_NE(linker.Load("a.proto"), nullptr);
  return diagnostics.ToString();
}

TEST(Linker, ResolvesNamesFromTheInsideOut) {
  Files files = {
      {"a.proto",
       "syntax = \"proto3\"; package p.q;\n"
       "message M { message N {} N a = 1; M.N b = 2; p.q.M.N c = 3; .p.q.N d = 4; q.N e = 5; }\n"
       "message N { E e = 1; } enum E { Z = 0; }\n"}};
  MemorySourceTree tree(files);
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load("a.proto");
  ASSERT_EQ(diagnostics.ToString(), "");
  const MessageDescriptor& m = *file->messages[0];
  EXPECT_EQ(m.fields[0].message, m.messages[0].get());
  EXPECT_EQ(m.fields[1].message, m.messages[0].get());
  EXPECT_EQ(m.fields[2].message, m.messages[0].get());
  EXPECT_EQ(m.fields[3].message, file->messages[1].get());
  EXPECT_EQ(m.fields[4].message, file->messages[1].get());
  EXPECT_EQ(file->messages[1]->fields[0].type, FieldType::kEnum);
  EXPECT_EQ(file->messages[1]->fields[0].enumeration, file->enums[0].get());
}

TEST(Linker, PublicImportsReachThrough) {
  const char* a = "import \"b.proto\"; message M { C c = 1; }";
  EXPECT_EQ(
      Link(
          {{"a.proto", a}, {"b.proto", "import public \"c.proto\";"}, {"c.proto", "message C {}"}}),
      "");
  EXPECT_EQ(Link({{"a.proto", a}, {"b.proto", "import \"c.proto\";"}, {"c.proto", "message C {}"}}),
            "a.proto:2:31: error: \"C\" is defined in c.proto, which a.proto does not import\n");
}

struct Case {
  const char* name;
  Files files;
  const char* want;
};

void CheckErrors(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Link(c.files), c.want);
  }
}

TEST(Linker, ErrorsOfNamesSayPlaceCauseAndRemedy) {
  CheckErrors({
      {"unknown type",
       {{"a.proto", "message M { Foo a = 1; }"}},
       "a.proto:2:13: error: unknown type \"Foo\"\n"},
      {"misspelt type",
       {{"a.proto", "package p;\nmessage Request { Requset a = 1; }"}},
       "a.proto:3:19: error: unknown type \"Requset\"; did you mean \"Request\"?\n"},
      {"misspelt scalar",
       {{"a.proto", "message M { int23 a = 1; sting b = 2; }"}},
       "a.proto:2:13: error: unknown type \"int23\"; did you mean \"int32\"?\n"
       "a.proto:2:26: error: unknown type \"sting\"; did you mean \"string\"?\n"},
      {"misspelt import",
       {{"a.proto", "import \"helo.proto\";"}, {"hello.proto", ""}},
       "a.proto:2:8: error: import \"helo.proto\" was not found; did you mean \"hello.proto\"?\n"},
      {"missing import and its types",
       {{"a.proto", "import \"x/y.proto\"; message M { Y y = 1; }"}},
       "a.proto:2:8: error: import \"x/y.proto\" was not found\n"
       "a.proto:2:33: error: unknown type \"Y\" (an import was not found)\n"},
      {"circle",
       {{"a.proto", "import \"b.proto\";"}, {"b.proto", "import \"a.proto\";"}},
       "b.proto:2:8: error: files import each other in a circle: a.proto -> b.proto -> a.proto\n"},
      {"imports itself",
       {{"a.proto", "import \"a.proto\";"}},
       "a.proto:2:8: error: files import each other in a circle: a.proto -> a.proto\n"},
      {"two of a name",
       {{"a.proto", "message M {}\nenum M { A = 0; }"}},
       "a.proto:3:6: error: \"M\" is already a message in line 2\n"},
      {"of a name in two files",
       {{"a.proto", "import \"b.proto\"; message M {}"}, {"b.proto", "message M {}"}},
       "a.proto:2:27: error: \"M\" is already a message in b.proto\n"},
      {"two fields of a name",
       {{"a.proto", "message M { int32 a = 1;\n int32 a = 2; }"}},
       "a.proto:3:8: error: \"M.a\" is already a field in line 2\n"},
  });
}

TEST(Linker, ErrorsOfNumbersSayPlaceCauseAndRemedy) {
  CheckErrors({
      {"two fields of a number",
       {{"a.proto", "message M { int32 a = 1; int32 b = 1; }"}},
       "a.proto:2:36: error: number 1 is already that of \"a\"\n"},
      {"same JSON name",
       {{"a.proto", "message M { int32 a_b = 1; int32 aB = 2; }"}},
       "a.proto:2:34: error: \"aB\" has the same JSON name as \"a_b\": \"aB\"\n"},
      {"reserved number",
       {{"a.proto", "message M { reserved 2 to 5;\n int32 a = 3; }"}},
       "a.proto:3:12: error: number 3 is reserved in line 2\n"},
      {"reserved name",
       {{"a.proto", "message M { reserved \"a\"; int32 a = 3; }"}},
       "a.proto:2:33: error: the name \"a\" is reserved\n"},
      {"numbers of implementations",
       {{"a.proto", "message M { int32 a = 19500; }"}},
       "a.proto:2:23: error: numbers 19000 to 19999 belong to implementations of Protocol "
       "Buffers\n"},
      {"overlapping ranges",
       {{"a.proto", "message M { reserved 1 to 5, 5; }"}},
       "a.proto:2:30: error: this reserved range overlaps the one in line 2\n"},
      {"default",
       {{"a.proto", "message M { int32 a = 1 [default = 5]; }"}},
       "a.proto:2:26: error: default values do not exist in proto3\n"},
      {"packed string",
       {{"a.proto", "message M { repeated string a = 1 [packed = true]; }"}},
       "a.proto:2:36: error: only repeated fields of numbers, bools and enums can be packed\n"},
      {"empty enum",
       {{"a.proto", "enum E {}"}},
       "a.proto:2:6: error: enum \"E\" needs at least one value\n"},
      {"enum without zero",
       {{"a.proto", "enum E { A = 1; }"}},
       "a.proto:2:10: error: the first value of an enum must be 0 in proto3\n"},
      {"enum alias",
       {{"a.proto", "enum E { A = 0; B = 0; }"}},
       "a.proto:2:17: error: number 0 is already that of \"A\"; if that is meant, add: option "
       "allow_alias = true;\n"},
      {"enum values stand beside their enum",
       {{"a.proto", "enum E { A = 0; }\nenum F { A = 0; }"}},
       "a.proto:3:10: error: \"A\" is already an enum value in line 2\n"},
      {"method of an enum",
       {{"a.proto", "enum E { A = 0; } service S { rpc M(E) returns (E); }"}},
       "a.proto:2:37: error: \"E\" is an enum; a method takes and returns messages\n"
       "a.proto:2:49: error: \"E\" is an enum; a method takes and returns messages\n"},
      {"a service is no type",
       {{"a.proto", "service S {} message M { S s = 1; }"}},
       "a.proto:2:26: error: \"S\" is a service, not a type\n"},
  });
}

}  // namespace
}  // namespace penstock::codec::compiler
