#include "penstock/codec/compiler/names.h"

#include <string>

#include "gtest/gtest.h"

namespace penstock::codec::compiler {
namespace {

TEST(Names, FollowProtoc) {
  EXPECT_EQ(JsonName("foo_bar_1"), "fooBar1");
  EXPECT_EQ(JsonName("_foo"), "Foo");
  EXPECT_EQ(JsonName("fooBar"), "fooBar");
  EXPECT_EQ(MapEntryName("foo_bar"), "FooBarEntry");
  EXPECT_EQ(CamelCase("foo_bar"), "FooBar");
  EXPECT_EQ(CppFieldName("Class"), "class_");
  EXPECT_EQ(CppFieldName("FOO"), "foo");
  EXPECT_EQ(CppIdentifier("Class"), "Class");
  EXPECT_EQ(CppNamespace("a.new.b"), "a::new_::b");
  EXPECT_EQ(CppNamespace(""), "");
  EXPECT_EQ(WithoutProtoSuffix("a/b.proto"), "a/b");
  EXPECT_EQ(WithoutProtoSuffix("a/b.txt"), "a/b.txt");
}

}  // namespace
}  // namespace penstock::codec::compiler
