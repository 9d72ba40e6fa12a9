#include "penstock/codec/reflection/descriptor_pool.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/message_access.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::reflection {
namespace {

using compiler::FieldWriter;
using Files = std::map<std::string, std::string, std::less<>>;

// The octets of one file of `files`.
std::string Compile(const Files& files, const std::string& path) {
  compiler::MemorySourceTree tree(files);
  compiler::Diagnostics diagnostics;
  compiler::Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load(path);
  EXPECT_EQ(diagnostics.error_count(), 0u) << diagnostics.ToString();
  return compiler::WriteFileDescriptor(*file, compiler::Places::kLeaveOut);
}

const Files& Shop() {
  static const Files files = {
      {"base.proto",
       "syntax = \"proto2\"; package shop;\n"
       "message Base { extensions 100 to 200; enum Kind { NONE = 0; } }"},
      {"cart.proto",
       "syntax = \"proto2\"; package shop; import \"base.proto\";\n"
       "message Cart { optional Base base = 1; map<string, Base> by_name = 2; }\n"
       "extend Base { optional int32 weight = 100; }\n"
       "enum Size { SMALL = 0; }\n"
       "service Till { rpc Pay(Cart) returns (stream Base); }"}};
  return files;
}

TEST(DescriptorPool, FindsEverythingByItsFullName) {
  DescriptorPool pool;
  std::string error;
  ASSERT_NE(pool.AddFile(Compile(Shop(), "base.proto"), &error), nullptr) << error;
  const FileDescriptor* cart = pool.AddFile(Compile(Shop(), "cart.proto"), &error);
  ASSERT_NE(cart, nullptr) << error;
  EXPECT_EQ(pool.FindFile("cart.proto"), cart);
  const MessageDescriptor* base = pool.FindMessage("shop.Base");
  ASSERT_NE(base, nullptr);
  ASSERT_NE(pool.FindMessage("shop.Cart"), nullptr);
  EXPECT_EQ(pool.FindMessage("shop.Cart")->fields[0].message, base);
  ASSERT_NE(pool.FindEnum("shop.Base.Kind"), nullptr);
  EXPECT_EQ(pool.FindEnum("shop.Base.Kind")->values[0].name, "NONE");
  ASSERT_NE(pool.FindService("shop.Till"), nullptr);
  EXPECT_TRUE(pool.FindService("shop.Till")->methods[0].server_streaming);
  EXPECT_EQ(pool.FindService("shop.Till")->methods[0].output, base);
  const FieldDescriptor* weight = pool.FindExtension("shop.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(pool.FindExtension(*base, 100), weight);
  EXPECT_EQ(pool.FindExtension(*base, 101), nullptr);
  for (const char* name : {"shop.Till.Pay", "shop.SMALL", "shop.Cart.base", "shop.Size"}) {
    EXPECT_EQ(pool.FindFileOf(name), cart) << name;
  }
  for (const char* name : {"", "shop", ".shop.Cart", "shop.Cart.", "Cart"}) {
    EXPECT_EQ(pool.FindMessage(name), nullptr) << name;
    EXPECT_EQ(pool.FindFileOf(name), nullptr) << name;
  }
  EXPECT_EQ(pool.OctetsOf(*cart), Compile(Shop(), "cart.proto"));
}

TEST(DescriptorPool, SetsAreAddedWholeOrUpToTheFault) {
  FieldWriter set;
  set.Text(1, Compile(Shop(), "base.proto"));
  set.Text(1, Compile(Shop(), "cart.proto"));
  DescriptorPool pool;
  std::string error;
  ASSERT_TRUE(pool.AddFileSet(set.out(), &error)) << error;
  EXPECT_EQ(pool.files().size(), 2u);
  ASSERT_TRUE(pool.AddFileSet(set.out(), &error)) << "the same once more: " << error;
  EXPECT_EQ(pool.files().size(), 2u);
  EXPECT_FALSE(pool.AddFileSet("\x0a\x7f", &error));
  EXPECT_EQ(error,
            "the octets are no google.protobuf.FileDescriptorSet: write one with penstockc "
            "--descriptor_set_out=FILE --include_imports\n");
}

TEST(DescriptorPool, APoolIsAsBeforeAfterAFault) {
  DescriptorPool pool;
  std::string error;
  EXPECT_EQ(pool.AddFile(Compile(Shop(), "cart.proto"), &error), nullptr);
  EXPECT_EQ(error,
            "cart.proto: error: import \"base.proto\" is not in the pool: add that file before "
            "this one\n");
  ASSERT_NE(pool.AddFile(Compile(Shop(), "base.proto"), &error), nullptr) << error;
  const Files faulty = {{"other.proto", "syntax = \"proto2\"; package shop; message Cart {}"},
                        {"base.proto", "syntax = \"proto2\"; package other;"}};
  ASSERT_NE(pool.AddFile(Compile(Shop(), "cart.proto"), &error), nullptr) << error;
  EXPECT_EQ(pool.AddFile(Compile(faulty, "other.proto"), &error), nullptr);
  EXPECT_EQ(error, "other.proto: error: \"shop.Cart\" is already a message in cart.proto\n");
  EXPECT_EQ(pool.AddFile(Compile(faulty, "base.proto"), &error), nullptr);
  EXPECT_EQ(error,
            "base.proto: error: the pool has a file of this path already, and it is another\n");
  EXPECT_EQ(pool.files().size(), 2u);
  EXPECT_NE(pool.FindMessage("shop.Cart"), nullptr);
  EXPECT_EQ(pool.FindFile("other.proto"), nullptr);
}

TEST(DescriptorPool, TakesBackWhatAFaultyFileDeclared) {
  // The file's first message is sound, its second names a type that does not exist.
  const auto file = [](std::string_view type) {
    FieldWriter field;
    field.Text(1, "f");
    field.Varint(3, 1);
    field.Varint(4, 1);
    field.Varint(5, 11);
    field.Text(6, type);
    FieldWriter sound;
    sound.Text(1, "Sound");
    FieldWriter unsound;
    unsound.Text(1, "Unsound");
    unsound.Text(2, field.out());
    FieldWriter out;
    out.Text(1, "f.proto");
    out.Text(2, "p.q");
    out.Text(4, sound.out());
    out.Text(4, unsound.out());
    return out.Take();
  };
  DescriptorPool pool;
  std::string error;
  EXPECT_EQ(pool.AddFile(file(".p.q.Sund"), &error), nullptr);
  EXPECT_EQ(error, "f.proto: error: unknown type \".p.q.Sund\"\n");
  EXPECT_EQ(pool.FindMessage("p.q.Sound"), nullptr);
  ASSERT_NE(pool.AddFile(file(".p.q.Sound"), &error), nullptr) << error;
  EXPECT_NE(pool.FindMessage("p.q.Sound"), nullptr);
}

TEST(DescriptorPool, TheFilesOfGeneratedClassesComeWithTheirImports) {
  DescriptorPool pool;
  std::string error;
  const FileDescriptor* file = pool.AddEmbedded(MessageAccess::File<testing::Singular>(), &error);
  ASSERT_NE(file, nullptr) << error;
  EXPECT_EQ(file->path, "codec/testing/everything.proto");
  EXPECT_EQ(pool.files().size(), 2u);
  EXPECT_NE(pool.FindMessage("penstock.codec.testing.imported.Point"), nullptr);
}

// One field of "M", and what is wrong with it.
struct Fault {
  const char* name;
  std::vector<std::pair<int, uint64_t>> numbers;  // of FieldDescriptorProto
  const char* field_name;
  const char* want;
};

TEST(DescriptorPool, WhatTheGrammarForbidsIsRefusedInDescriptors) {
  const Fault faults[] = {
      {"number 0", {{3, 0}, {4, 1}, {5, 5}}, "f", "has the number 0"},
      {"number below 0", {{3, ~uint64_t{0}}, {4, 1}, {5, 5}}, "f", "has the number -1"},
      {"number above 2^29-1", {{3, 1u << 29}, {4, 1}, {5, 5}}, "f", "has the number 536870912"},
      {"no such type", {{3, 1}, {4, 1}, {5, 19}}, "f", "the descriptor is damaged"},
      {"type 0", {{3, 1}, {4, 1}, {5, 0}}, "f", "the descriptor is damaged"},
      {"message without a name", {{3, 1}, {4, 1}, {5, 11}}, "f", "the descriptor is damaged"},
      {"oneof that is none", {{3, 1}, {4, 1}, {5, 5}, {9, 0}}, "f", "the descriptor is damaged"},
      {"oneof below 0", {{3, 1}, {4, 1}, {5, 5}, {9, ~uint64_t{6}}}, "f", "in no oneof there is"},
      {"no name", {{3, 1}, {4, 1}, {5, 5}}, "", "the field name \"\" is none"},
      {"no identifier", {{3, 1}, {4, 1}, {5, 5}}, "a.b", "the field name \"a.b\" is none"},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    FieldWriter field;
    field.Text(1, fault.field_name);
    for (const auto& [number, value] : fault.numbers) field.Varint(number, value);
    FieldWriter message;
    message.Text(1, "M");
    message.Text(2, field.out());
    FieldWriter file;
    file.Text(1, "f.proto");
    file.Text(4, message.out());
    DescriptorPool pool;
    std::string error;
    EXPECT_EQ(pool.AddFile(file.out(), &error), nullptr);
    EXPECT_NE(error.find(fault.want), std::string::npos) << error;
    EXPECT_TRUE(pool.files().empty());
  }
}

TEST(DescriptorPool, ImportsOfItselfAndNestingBeyondTheLimitAreRefused) {
  DescriptorPool pool;
  std::string error;
  FieldWriter self;
  self.Text(1, "f.proto");
  self.Text(3, "f.proto");
  EXPECT_EQ(pool.AddFile(self.out(), &error), nullptr);
  EXPECT_EQ(error, "f.proto: error: the file imports itself\n");
  for (int depth : {31, 32, 33, 20000}) {
    SCOPED_TRACE(depth);
    std::string message;
    for (int i = 0; i < depth; ++i) {
      FieldWriter outer;
      outer.Text(1, "M" + std::to_string(i));
      if (!message.empty()) outer.Text(3, message);
      message = outer.Take();
    }
    FieldWriter file;
    file.Text(1, "deep" + std::to_string(depth) + ".proto");
    file.Text(2, "p" + std::to_string(depth));
    file.Text(4, message);
    EXPECT_EQ(pool.AddFile(file.out(), &error) != nullptr, depth <= 32) << error;
  }
}

}  // namespace
}  // namespace penstock::codec::reflection
