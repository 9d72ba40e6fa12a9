// Which files are errors: protoc's verdict and ours must agree, on each file of the tables.
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/testing/protoc.h"

namespace penstock::codec::compiler {
namespace {

struct Case {
  const char* name;
  const char* source;  // of a.proto
};

// What the cases may import.
const ProtoFiles& Others() {
  static const ProtoFiles files = {
      {"p2.proto",
       "syntax = \"proto2\"; package p2; enum Closed { ONE = 1; } message Ext { extensions 100 to "
       "199; } message Set { option message_set_wire_format = true; extensions 4 to max; } enum "
       "Zero { ZERO = 0; } extend Ext { optional int32 taken = 150; }"},
      {"p3.proto", "syntax = \"proto3\"; package p3; message M {} enum E { Z = 0; }"},
      {"lite.proto",
       "syntax = \"proto2\"; option optimize_for = LITE_RUNTIME; message Lite { extensions 1 to 9; "
       "}"},
      {"opt.proto",
       "syntax = \"proto2\"; package o; import \"google/protobuf/descriptor.proto\"; message Sub { "
       "optional int32 n = 1; required int32 r = 2; oneof c { int32 x = 3; int32 y = 4; } repeated "
       "int32 l = 5; } extend google.protobuf.MessageOptions { optional int32 i = 50000; optional "
       "Sub sub = 50001; repeated Sub subs = 50002; optional bool b = 50003; optional string s = "
       "50004; optional uint32 u = 50005; optional float f = 50006; optional p2.Zero e = 50007; } "
       "import \"p2.proto\";"},
      {"circle.proto", "syntax = \"proto3\"; import \"a.proto\";"},
      {"public.proto", "syntax = \"proto3\"; import public \"p3.proto\";"},
      {"private.proto", "syntax = \"proto3\"; import \"p3.proto\"; message Own { p3.M m = 1; }"},
  };
  return files;
}

struct Results {
  CompileResult theirs;
  CompileResult ours;
};

Results CompileByBoth(const Case& c) {
  ProtoFiles files = Others();
  files["a.proto"] = c.source;
  const std::string root = WriteProtos(files);
  return {CompileByProtoc({root, "/usr/include"}, "a.proto"),
          CompileByUs({root, "/usr/include"}, "a.proto")};
}

void CheckVerdicts(const Case* begin, const Case* end, bool want) {
  for (const Case* c = begin; c != end; ++c) {
    SCOPED_TRACE(c->name);
    const auto [theirs, ours] = CompileByBoth(*c);
    EXPECT_EQ(theirs.ok, want) << "protoc: " << theirs.said;
    EXPECT_EQ(ours.ok, want) << "we: " << ours.said;
    EXPECT_EQ(ours.said.find("error:") == std::string::npos, want) << ours.said;
    if (theirs.ok && ours.ok) {
      EXPECT_EQ(DifferenceOf(theirs.descriptor_set, ours.descriptor_set), "");
    }
  }
}

template <size_t kCount>
void ExpectRejected(const Case (&cases)[kCount]) {
  CheckVerdicts(cases, cases + kCount, false);
}
template <size_t kCount>
void ExpectAccepted(const Case (&cases)[kCount]) {
  CheckVerdicts(cases, cases + kCount, true);
}

#define P2 "syntax = \"proto2\"; "
#define P3 "syntax = \"proto3\"; "

TEST(ProtocVerdicts, GrammarFaultsAreRejected) {
  const Case cases[] = {
      {"unknown syntax", "syntax = \"proto1\";"},
      {"syntax not first", "package a; syntax = \"proto3\";"},
      {"two packages", P3 "package a; package b;"},
      {"import twice", P3 "import \"p3.proto\"; import \"p3.proto\";"},
      {"missing number", P3 "message M { int32 a; }"},
      {"number zero", P3 "message M { int32 a = 0; }"},
      {"negative number", P3 "message M { int32 a = -1; }"},
      {"number too large", P3 "message M { int32 a = 536870912; }"},
      {"missing label", P2 "message M { int32 a = 1; }"},
      {"label in a oneof", P3 "message M { oneof o { optional int32 a = 1; } }"},
      {"empty oneof", P3 "message M { oneof o {} }"},
      {"empty statement in a oneof", P3 "message M { oneof o { ; int32 a = 1; } }"},
      {"empty extend", P2 "import \"p2.proto\"; extend p2.Ext {}"},
      {"group in lower case", P2 "message M { optional group g = 1 {} }"},
      {"group in proto3", P3 "message M { optional group G = 1 {} }"},
      {"required in proto3", P3 "message M { required int32 a = 1; }"},
      {"repeated map", P3 "message M { repeated map<int32, int32> a = 1; }"},
      {"map in a oneof", P3 "message M { oneof o { map<int32, int32> a = 1; } }"},
      {"map as extension", P2 "import \"p2.proto\"; extend p2.Ext { map<int32, int32> a = 100; }"},
      {"float key", P3 "message M { map<float, int32> a = 1; }"},
      {"bytes key", P3 "message M { map<bytes, int32> a = 1; }"},
      {"default twice", P2 "message M { optional int32 a = 1 [default = 1, default = 2]; }"},
      {"json_name twice",
       P2 "message M { optional int32 a = 1 [json_name = 'x', json_name = 'y']; }"},
      {"number glued to a word", P3 "message M { int32 a = 1a; }"},
      {"bad octal", P3 "message M { int32 a = 09; }"},
      {"float with f", P2 "message M { optional float a = 1 [default = 1.5f]; }"},
      {"nested comment", P3 "/* /* */ message M {}"},
      {"endless comment", P3 "/* message M {}"},
      {"endless string", P3 "import \"p3.proto;"},
      {"bad escape", P3 "import \"\\q\";"},
      {"brace too many", P3 "message M {} }"},
      {"brace missing", P3 "message M {"},
      {"method without returns", P3 "message M {} service S { rpc F(M); }"},
      {"scalar as request", P3 "message M {} service S { rpc F(int32) returns (M); }"},
      {"enum value too large", P3 "enum E { A = 0; B = 2147483648; }"},
      {"reserved name as a word", P3 "message M { reserved a; }"},
      {"comma at the end", P3 "message M { int32 a = 1 [deprecated = true,]; }"},
  };
  ExpectRejected(cases);
}

TEST(ProtocVerdicts, FaultsOfNamesAreRejected) {
  const Case cases[] = {
      {"import not found", P3 "import \"missing.proto\";"},
      {"circle", P3 "import \"circle.proto\";"},
      {"imports itself", P3 "import \"a.proto\";"},
      {"unknown type", P3 "message M { Foo a = 1; }"},
      {"not imported", P3 "import \"private.proto\"; message M { p3.M a = 1; }"},
      {"innermost scope hides",
       P3 "import \"p3.proto\"; package q; message p3 {} message M { p3.M a "
          "= 1; }"},
      {"service as type", P3 "service S {} message M { S a = 1; }"},
      {"enum as request", P3 "enum E { A = 0; } service S { rpc F(E) returns (E); }"},
      {"two messages", P3 "message M {} message M {}"},
      {"two fields", P3 "message M { int32 a = 1; string a = 2; }"},
      {"field and oneof", P3 "message M { int32 a = 1; oneof a { int32 b = 2; } }"},
      {"field and message", P3 "message M { int32 A = 1; message A {} }"},
      {"enum values beside each other", P3 "enum E { A = 0; } enum F { A = 0; }"},
      {"name in two files", P3 "package p3; import \"p3.proto\"; message M {}"},
      {"package and message", P3 "package p3.M; import \"p3.proto\";"},
      {"entry of a map", P3 "message M { map<int32, int32> a = 1; message AEntry {} }"},
      {"entry of a map as type", P3 "message M { map<int32, int32> a = 1; AEntry b = 2; }"},
      {"two methods", P3 "message M {} service S { rpc F(M) returns (M); rpc F(M) returns (M); }"},
      {"extends an enum", P2 "enum E { A = 0; } extend E { optional int32 a = 1; }"},
      {"extends nothing", P2 "extend Nothing { optional int32 a = 1; }"},
      {"JSON names", P3 "message M { int32 a_b = 1; int32 aB = 2; }"},
      {"case and underscores", P3 "message M { int32 ab = 1; int32 a_b = 2; }"},
      {"short names of enum values", P3 "enum Foo { FOO_A = 0; A = 1; }"},
  };
  ExpectRejected(cases);
}

TEST(ProtocVerdicts, FaultsOfNumbersAreRejected) {
  const Case cases[] = {
      {"two fields", P3 "message M { int32 a = 1; int32 b = 1; }"},
      {"kept for implementations", P3 "message M { int32 a = 19500; }"},
      {"reserved", P3 "message M { reserved 2 to 5; int32 a = 3; }"},
      {"reserved name", P3 "message M { reserved \"a\"; int32 a = 3; }"},
      {"reserved name twice", P3 "message M { reserved \"a\", \"a\"; }"},
      {"overlapping ranges", P3 "message M { reserved 1 to 5, 5; }"},
      {"in an extension range", P2 "message M { extensions 1 to 5; optional int32 a = 3; }"},
      {"overlapping extension ranges", P2 "message M { extensions 1 to 5, 5; }"},
      {"extension range on a reserved one", P2 "message M { extensions 1 to 5; reserved 5; }"},
      {"extension range in proto3", P3 "message M { extensions 1 to 5; }"},
      {"extension range too far", P2 "message M { extensions 1 to 536870912; }"},
      {"extension out of range",
       P2 "import \"p2.proto\"; extend p2.Ext { optional int32 a = 99; }"},
      {"required extension", P2 "import \"p2.proto\"; extend p2.Ext { required int32 a = 100; }"},
      {"extension with json_name",
       P2 "import \"p2.proto\"; extend p2.Ext { optional int32 a = 100 [json_name = \"x\"]; }"},
      {"extension in proto3", P3 "import \"p2.proto\"; extend p2.Ext { int32 a = 100; }"},
      {"message set with a field", P2
       "message M { option message_set_wire_format = true; optional int32 a = 1; extensions 4 to "
       "max; }"},
      {"message set extended by a number",
       P2 "import \"p2.proto\"; extend p2.Set { optional int32 a = 100; }"},
      {"message set extended by a list",
       P2 "import \"p2.proto\"; extend p2.Set { repeated p2.Ext a = 100; }"},
      {"message set in proto3", P3 "message M { option message_set_wire_format = true; }"},
      {"empty enum", P3 "enum E {}"},
      {"enum without zero", P3 "enum E { A = 1; }"},
      {"enum alias", P3 "enum E { A = 0; B = 0; }"},
      {"allow_alias = false", P3 "enum E { option allow_alias = false; A = 0; }"},
      {"allow_alias without need", P3 "enum E { option allow_alias = true; A = 0; }"},
      {"enum value reserved", P3 "enum E { A = 0; B = 5; reserved 4 to 6; }"},
      {"enum name reserved", P3 "enum E { A = 0; reserved \"A\"; }"},
      {"closed enum in proto3", P3 "import \"p2.proto\"; message M { p2.Closed a = 1; }"},
      {"proto2's enum in proto3", P3 "import \"p2.proto\"; message M { p2.Zero a = 1; }"},
      {"enum without zero in a map",
       P2 "import \"p2.proto\"; message M { map<int32, p2.Closed> a = "
          "1; }"},
      {"enum as key", P2 "import \"p2.proto\"; message M { map<p2.Zero, int32> a = 1; }"},
      {"message as key", P3 "message M { map<M, int32> a = 1; }"},
  };
  ExpectRejected(cases);
}

TEST(ProtocVerdicts, FaultsOfDefaultsAreRejected) {
  const Case cases[] = {
      {"in proto3", P3 "message M { int32 a = 1 [default = 5]; }"},
      {"of a repeated field", P2 "message M { repeated int32 a = 1 [default = 5]; }"},
      {"of a message", P2 "message M { optional M a = 1 [default = 5]; }"},
      {"too large", P2 "message M { optional int32 a = 1 [default = 2147483648]; }"},
      {"too small", P2 "message M { optional int64 a = 1 [default = -9223372036854775809]; }"},
      {"negative", P2 "message M { optional uint32 a = 1 [default = -1]; }"},
      {"no integer", P2 "message M { optional int32 a = 1 [default = 1.5]; }"},
      {"no bool", P2 "message M { optional bool a = 1 [default = 1]; }"},
      {"no string", P2 "message M { optional string a = 1 [default = x]; }"},
      {"no number", P2 "message M { optional double a = 1 [default = \"1\"]; }"},
      {"no value of the enum",
       P2 "enum E { A = 0; } message M { optional E a = 1 [default = B]; }"},
      {"number of an enum", P2 "enum E { A = 0; } message M { optional E a = 1 [default = 0]; }"},
  };
  ExpectRejected(cases);
}

TEST(ProtocVerdicts, FaultsOfOptionsAreRejected) {
#define O P2 "import \"opt.proto\"; "
  const Case cases[] = {
      {"unknown", P3 "message M { option foo = 1; }"},
      {"unknown extension", P3 "message M { option (foo) = 1; }"},
      {"of another thing", O "option (o.i) = 1;"},
      {"wrong type", P3 "message M { option deprecated = 1; }"},
      {"not true or false", P3 "message M { option deprecated = maybe; }"},
      {"set twice", P3 "message M { option deprecated = true; option deprecated = true; }"},
      {"no enum value", P3 "option optimize_for = FAST;"},
      {"no string", P3 "option java_package = a;"},
      {"uninterpreted_option", P3 "option uninterpreted_option.name = \"a\";"},
      {"packed string", P3 "message M { repeated string a = 1 [packed = true]; }"},
      {"packed singular", P2 "message M { optional int32 a = 1 [packed = true]; }"},
      {"lazy number", P3 "message M { int32 a = 1 [lazy = true]; }"},
      {"jstype of int32", P3 "message M { int32 a = 1 [jstype = JS_STRING]; }"},
      {"custom: number for a string", O "message M { option (o.s) = 1; }"},
      {"custom: string for a number", O "message M { option (o.i) = \"1\"; }"},
      {"custom: out of range", O "message M { option (o.i) = 2147483648; }"},
      {"custom: negative", O "message M { option (o.u) = -1; }"},
      {"custom: number for a bool", O "message M { option (o.b) = 1; }"},
      {"custom: number for an enum", O "message M { option (o.e) = 0; }"},
      {"custom: word for a float", O "message M { option (o.f) = x; }"},
      {"custom: scalar for a message", O "message M { option (o.sub) = 1; }"},
      {"custom: message for a scalar", O "message M { option (o.i) = { n: 1 }; }"},
      {"custom: unknown field", O "message M { option (o.sub).zz = 1; }"},
      {"custom: field of a scalar", O "message M { option (o.i).n = 1; }"},
      {"custom: field of a repeated one", O "message M { option (o.subs).n = 1; }"},
      {"custom: set twice", O "message M { option (o.i) = 1; option (o.i) = 2; }"},
      {"custom: field, then whole",
       O "message M { option (o.sub).r = 1; option (o.sub) = { r: 1 }; }"},
      {"custom: whole, then a field of it", O "message M { option (o.sub) = { r: 1 }; option "
                                              "(o.sub).r = 1; }"},
      {"aggregate: unknown field", O "message M { option (o.sub) = { r: 1 zz: 1 }; }"},
      {"aggregate: wrong type", O "message M { option (o.sub) = { r: \"1\" }; }"},
      {"aggregate: set twice", O "message M { option (o.sub) = { r: 1 r: 2 }; }"},
      {"aggregate: two of a oneof", O "message M { option (o.sub) = { r: 1 x: 2 y: 3 }; }"},
      {"aggregate: required is missing", O "message M { option (o.sub) = { n: 1 }; }"},
      {"aggregate: list for one", O "message M { option (o.sub) = { r: [1, 2] }; }"},
      {"aggregate: no colon", O "message M { option (o.sub) = { r 1 }; }"},
      {"aggregate: no colon before a list", O "message M { option (o.sub) = { r: 1 l [1] }; }"},
      {"aggregate: type of no Any",
       O "message M { option (o.sub) = { [type.googleapis.com/M] {} }; }"},
      {"aggregate: unknown extension", O "message M { option (o.sub) = { r: 1 [o.zz]: 1 }; }"},
      {"lite is imported", P2 "import \"lite.proto\"; message M { optional Lite a = 1; }"},
      {"lite extends what is not", P2 "option optimize_for = LITE_RUNTIME; import \"p2.proto\"; "
                                      "extend p2.Ext { optional int32 a = 100; }"},
      {"lite with generic services", P2 "option optimize_for = LITE_RUNTIME; option "
                                        "cc_generic_services = true; service S {}"},
  };
  ExpectRejected(cases);
#undef O
}

// protoc 3.21 lets these pass, with a warning or without; later versions do not.
TEST(ProtocVerdicts, OursIsStricterWhereNewerProtocsAre) {
  const Case cases[] = {
      {"reversed range", P3 "message M { reserved 9 to 5; }"},
      {"extension number taken",
       P2 "import \"p2.proto\"; extend p2.Ext { optional int32 a = 150; }"},
      {"map_entry", P3 "message M { option map_entry = true; }"},
      {"json_name taken", P3 "message M { int32 a = 1 [json_name = \"b\"]; int32 b = 2; }"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto [theirs, ours] = CompileByBoth(c);
    EXPECT_TRUE(theirs.ok) << theirs.said;
    EXPECT_FALSE(ours.ok);
  }
}

TEST(ProtocVerdicts, WhatLooksWrongButIsNotIsAccepted) {
#define O P2 "import \"opt.proto\"; "
  const Case cases[] = {
      {"nothing", ""},
      {"only a comment", "// nothing\n"},
      {"words of the language as names", P3
       "package message.enum; message message { int32 message = 1; string syntax = 2; map map = "
       "3; bool reserved = 4; int32 to = 5; int32 max = 6; } message map {} service service { rpc "
       "rpc(message) returns (stream map); }"},
      {"empty statements", P3 "; message M { ; int32 a = 1; ; } enum E { ; A = 0; } ;"},
      {"public import reaches",
       P3 "import \"public.proto\"; message M { p3.M a = 1; p3.E b = 2; }"},
      {"unused import", P3 "import \"p3.proto\";"},
      {"proto3 enum in proto2", P2 "import \"p3.proto\"; message M { optional p3.E a = 1; }"},
      {"enum without zero in proto2", P2 "enum E { A = 5; }"},
      {"JSON names in proto2", P2 "message M { optional int32 a_b = 1; optional int32 aB = 2; }"},
      {"short names of enum values in proto2", P2 "enum Foo { FOO_A = 0; A = 1; }"},
      {"short names of an alias", P3 "enum Foo { option allow_alias = true; FOO_A = 0; A = 0; }"},
      {"message set extension", P2 "import \"p2.proto\"; extend p2.Set { optional p2.Ext a = "
                                   "2147483646; }"},
      {"extension in a message of another name",
       P2 "import \"p2.proto\"; message M { extend p2.Ext { "
          "optional M a = 100; } }"},
      {"extension of options in proto3",
       P3 "import \"google/protobuf/descriptor.proto\"; extend google.protobuf.FieldOptions { "
          "optional int32 a = 50000; string b = 50001; }"},
      {"whole, then another field",
       O "message M { option (o.sub) = { r: 1 }; option (o.sub).n = 2; }"},
      {"repeated options",
       O "message M { option (o.subs) = { r: 1 }; option (o.subs) = { r: 2 }; }"},
      {"aggregate forms", O "message M { option (o.sub) = { r: 1, n: -2; l: [1,2] l: 3 }; }"},
      {"empty list", O "message M { option (o.sub) = { r: 1 l: [] }; }"},
      {"numbers of every base", P3 "message M { int32 a = 0x1F; int32 b = 010; }"},
      {"strings in a row", P3 "import \"p3\" '.proto';"},
      {"optional of a message in proto3", P3 "message M { optional M a = 1; }"},
      {"packed = false everywhere", P3 "message M { repeated string a = 1 [packed = false]; }"},
      {"defaults at their ends", P2
       "message M { optional int32 a = 1 [default = -2147483648]; optional uint64 b = 2 [default = "
       "0xffffffffffffffff]; optional float c = 3 [default = -nan]; optional double d = 4 [default "
       "= 1e999]; }"},
      {"message of a method by its scope", P3
       "package q; message S { } service T { rpc F(S) returns (q.S); rpc G(.q.S) returns (S) {} }"},
      {"dotted name from the inside out", P3
       "package q.r; message A { message B {} B b = 1; A.B c = 2; r.A.B d = 3; .q.r.A.B e = 4; }"},
      {"field of the name of its type", P3 "message M { E E = 1; } enum E { A = 0; }"},
      {"reserved to max",
       P3 "message M { reserved 5 to max; } enum E { A = 0; reserved 1 to max; }"},
      {"groups in a oneof and nested",
       P2 "message M { oneof o { group A = 1 { optional group B = 2 {} } int32 c = 3; } }"},
  };
  ExpectAccepted(cases);
#undef O
}

}  // namespace
}  // namespace penstock::codec::compiler
