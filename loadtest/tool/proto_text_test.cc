#include "penstock/loadtest/tool/proto_text.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::loadtest::tool {
namespace {

namespace compiler = codec::compiler;
using codec::reflection::DescriptorPool;

constexpr char kPath[] = "shop.proto";

// The descriptor of the text, and those it imports, in the pool.
std::string Compile(const std::string& text, compiler::Places places, DescriptorPool* pool) {
  std::map<std::string, std::string, std::less<>> files = {{kPath, text}};
  compiler::MemorySourceTree tree(files);
  compiler::Diagnostics diagnostics;
  compiler::Linker linker(&tree, &diagnostics);
  const compiler::FileDescriptor* loaded = linker.Load(kPath);
  EXPECT_EQ(diagnostics.ToString(), "") << text;
  if (loaded == nullptr) return "";
  std::string octets;
  for (const compiler::FileDescriptor* file : linker.WithImports({loaded})) {
    octets = compiler::WriteFileDescriptor(*file, places);
    std::string why;
    EXPECT_NE(pool->AddFile(octets, &why), nullptr) << why;
  }
  return octets;
}

// Behind its length.
std::string Sized(const std::string& octets) {
  return static_cast<char>(octets.size()) + octets;
}

// Each is written as it stands here, but for blanks and order.
constexpr char kProto3[] = R"(syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/descriptor.proto";
option java_package = "com.shop";
service Cart {
  option deprecated = true;
  rpc Add(Item) returns (Item) {
    option (limit) = { per_minute: 7 names: "a\"b" };
    option deprecated = true;
  }
  rpc Watch(stream Item) returns (stream shop.Item);
}
message Limit {
  int32 per_minute = 1;
  repeated string names = 2;
}
extend google.protobuf.MethodOptions { Limit limit = 50001; }
extend google.protobuf.FieldOptions { repeated int32 levels = 50002; }
message Item {
  enum Kind {
    option allow_alias = true;
    NONE = 0;
    TEA = 1 [deprecated = true];
    CHA = 1;
    reserved 5, 7 to max;
    reserved "MILK";
  }
  string name = 1 [json_name = "title", (levels) = 3, (levels) = 4];
  optional int64 price = 2;
  repeated sint32 counts = 3 [packed = false];
  map<string, Part> parts = 4;
  oneof origin {
    string farm = 5;
    Kind kind = 6;
  }
  google.protobuf.Timestamp at = 7;
  message Part { Item whole = 1; }
  reserved 8, 10 to 12;
  reserved "old";
}
)";

constexpr char kProto2[] = R"(syntax = "proto2";
package shop;
message Item {
  required string name = 1 [default = "tea\n"];
  optional float price = 2 [default = 1.5];
  optional double most = 3 [default = inf];
  optional int32 least = 4 [default = -7];
  optional uint64 all = 5 [default = 18446744073709551615];
  optional bool fresh = 6 [default = true];
  optional Kind kind = 7 [default = CHA];
  repeated group Part = 8 { required int32 size = 1; }
  extensions 100 to 199, 1000 to max;
  extend Item { optional int32 inside = 100; }
}
enum Kind { TEA = 1; CHA = 2; }
extend Item {
  optional string colour = 101;
  optional group Extra = 102 { optional int32 n = 1; }
}
)";

constexpr char kEdition[] = R"(edition = "2023";
package shop;
option features.field_presence = IMPLICIT;
message Item {
  string name = 1 [features.field_presence = EXPLICIT];
  Item part = 2 [features.message_encoding = DELIMITED];
  repeated int32 counts = 3 [features.repeated_field_encoding = EXPANDED];
  reserved old;
}
)";

TEST(ProtoText, AFileReadsBackAsTheSameDescriptors) {
  for (const char* text : {kProto3, kProto2, kEdition}) {
    DescriptorPool pool;
    const std::string before = Compile(text, compiler::Places::kLeaveOut, &pool);
    const std::string written = ProtoText(pool).OfFile(*pool.FindFile(kPath));
    DescriptorPool again;
    EXPECT_EQ(Compile(written, compiler::Places::kLeaveOut, &again), before) << written;
  }
}

TEST(ProtoText, OfASymbolIsItsDeclarationBehindItsFile) {
  DescriptorPool pool;
  Compile(kProto3, compiler::Places::kLeaveOut, &pool);
  const ProtoText text(pool);
  const struct {
    const char* symbol;
    const char* want;
  } kCases[] = {
      {"shop.Limit",
       "// shop.proto\nmessage Limit {\n  int32 per_minute = 1;\n"
       "  repeated string names = 2;\n}\n"},
      {"shop.Cart.Watch",
       "// shop.proto\nrpc Watch(stream shop.Item) returns (stream shop.Item);\n"},
      {"shop.Cart/Watch",
       "// shop.proto\nrpc Watch(stream shop.Item) returns (stream shop.Item);\n"},
      {"shop.Item.price", "// shop.proto\noptional int64 price = 2;\n"},
      {"shop.Item.parts", "// shop.proto\nmap<string, shop.Item.Part> parts = 4;\n"},
      {"shop.limit",
       "// shop.proto\nextend google.protobuf.MethodOptions {\n"
       "  shop.Limit limit = 50001;\n}\n"},
      {"shop.Nothing", ""},
      {"shop.Cart.Nothing", ""},
      {"shop", ""},
      {"", ""},
  };
  for (const auto& each : kCases) EXPECT_EQ(text.OfSymbol(each.symbol), each.want) << each.symbol;
}

TEST(ProtoText, CommentsStandWhereTheDescriptorsHaveThem) {
  DescriptorPool pool;
  Compile("syntax = \"proto3\";\n// What is sold.\n//\n// Or not.\nmessage Item {\n"
          "  // In cents.\n  int32 price = 1;\n}\n",
          compiler::Places::kKeep, &pool);
  EXPECT_EQ(ProtoText(pool).OfSymbol("Item"),
            "// shop.proto\n// What is sold.\n//\n// Or not.\nmessage Item {\n"
            "  // In cents.\n  int32 price = 1;\n}\n");
}

TEST(ProtoText, CustomOptionsThatNobodyDeclaresAreLeftOut) {
  DescriptorPool pool;
  std::string why;
  // message M { int32 a = 1 [(60000) = 7]; } of the file "x.proto".
  const std::string options("\x80\xa6\x1d\x07", 4);
  const std::string field =
      "\x0a\x01" "a\x18\x01\x20\x01\x28\x05\x42\x04" + options;
  const std::string message = "\x0a\x01M\x12" + Sized(field);
  const std::string file = "\x0a\x07x.proto\x22" + Sized(message) + "\x62\x06proto3";
  ASSERT_NE(pool.AddFile(file, &why), nullptr) << why;
  EXPECT_EQ(ProtoText(pool).OfSymbol("M.a"), "// x.proto\nint32 a = 1;\n");
}

}  // namespace
}  // namespace penstock::loadtest::tool
