// What is said about options: the place, the cause, the remedy. Which options are errors at all is
// compared with protoc in protoc_verdict_test.
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::codec::compiler {
namespace {

constexpr const char* kDeclarations = R"(syntax = "proto2";
import "google/protobuf/descriptor.proto";
message Sub { optional int32 number = 1; required bool flag = 2; repeated Sub subs = 3; }
enum E { ONE = 1; TWO = 2; }
extend google.protobuf.MessageOptions {
  optional int32 int_option = 50000;
  optional Sub sub = 50001;
  optional E e = 50002;
  repeated Sub subs = 50003;
}
extend google.protobuf.FieldOptions { optional int32 of_field = 50000; }
)";

// What is said about a.proto, whose first line this is behind its imports.
std::string Said(const std::string& source) {
  MemorySourceTree tree({{"options.proto", kDeclarations},
                         {"a.proto", "syntax = \"proto2\"; import \"options.proto\";\n" + source}});
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  linker.Load("a.proto");
  return diagnostics.ToString();
}

TEST(Options, ErrorsSayPlaceCauseAndRemedy) {
  struct {
    const char* source;
    const char* want;
  } const cases[] = {
      {"message M { option depricated = true; }",
       "a.proto:2:20: error: unknown option \"depricated\"; did you mean \"deprecated\"?\n"},
      {"message M { option deprecated = 1; }",
       "a.proto:2:33: error: \"deprecated\" takes true or false\n"},
      {"option optimize_for = SPED;",
       "a.proto:2:23: error: enum \"google.protobuf.FileOptions.OptimizeMode\" has no value "
       "\"SPED\"; did you mean \"SPEED\"?\n"},
      {"message M { option (int_opton) = 1; }",
       "a.proto:2:20: error: unknown extension (int_opton): declare it with \"extend "
       "google.protobuf.MessageOptions\", or import the file that does\n"},
      {"message M { option (of_field) = 1; }",
       "a.proto:2:20: error: (of_field) extends \"google.protobuf.FieldOptions\", not "
       "\"google.protobuf.MessageOptions\"\n"},
      {"message M { option (Sub) = 1; }",
       "a.proto:2:20: error: (Sub) is a message, not an extension\n"},
      {"message M { option (int_option) = \"1\"; }",
       "a.proto:2:35: error: \"(int_option)\" takes an integer of type int32\n"},
      {"message M { option (int_option) = 3000000000; }",
       "a.proto:2:35: error: this number does not fit the type of \"(int_option)\", int32\n"},
      {"message M { option (sub) = 1; }",
       "a.proto:2:28: error: \"(sub)\" is a message: write { field: value ... }, or set one field "
       "as (sub).field = value\n"},
      {"message M { option (sub).nmuber = 1; }",
       "a.proto:2:20: error: unknown field \"nmuber\" of \"Sub\"; did you mean \"number\"?\n"},
      {"message M { option (sub) = { flag: true\n subs { flg: true } }; }",
       "a.proto:3:9: error: unknown field \"flg\" of \"Sub\"; did you mean \"flag\"?\n"},
      {"message M { option (sub) = { number: 1 }; }",
       "a.proto:2:28: error: the required field \"flag\" of \"Sub\" is missing\n"},
      {"message M { option (sub).number = 1; option (sub).number = 2; }",
       "a.proto:2:45: error: option \"(sub).number\" is set already\n"},
      {"message M { option (subs).number = 1; }",
       "a.proto:2:20: error: \"(subs)\" is repeated: its elements are set whole, as (subs) = { ... "
       "}\n"},
      {"message M { option (e) = TOW; }",
       "a.proto:2:26: error: enum \"E\" has no value \"TOW\"; did you mean \"TWO\"?\n"},
      {"message M { option deprecated = 1; option (int_option) = \"x\"; }",
       "a.proto:2:33: error: \"deprecated\" takes true or false\n"
       "a.proto:2:58: error: \"(int_option)\" takes an integer of type int32\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    EXPECT_EQ(Said(c.source), c.want);
  }
}

TEST(Options, UnusedImportsAreAWarning) {
  EXPECT_EQ(Said("message M {}"), "a.proto:1:27: warning: import \"options.proto\" is not used\n");
  EXPECT_EQ(Said("message M { option (int_option) = 1; }"), "");
}

}  // namespace
}  // namespace penstock::codec::compiler
