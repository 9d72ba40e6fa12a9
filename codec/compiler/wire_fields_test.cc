#include "penstock/codec/compiler/wire_fields.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace penstock::codec::compiler {
namespace {

TEST(WireFields, WhatIsWrittenIsRead) {
  FieldWriter writer;
  writer.Varint(1, 300);
  writer.Int(2, -1);
  writer.Fixed32(3, 0x01020304);
  writer.Fixed64(4, 0x0102030405060708);
  writer.Text(5, "text");
  FieldWriter inner;
  inner.Group(7, "");
  writer.Group(6, inner.out());
  struct {
    uint32_t number;
    WireType type;
    uint64_t value;
    std::string_view bytes;
  } const want[] = {
      {1, WireType::kVarint, 300, ""},         {2, WireType::kVarint, ~uint64_t{0}, ""},
      {3, WireType::kFixed32, 0x01020304, ""}, {4, WireType::kFixed64, 0x0102030405060708, ""},
      {5, WireType::kLength, 0, "text"},       {6, WireType::kGroupStart, 0, "\x3b\x3c"},
  };
  FieldReader reader(writer.out());
  for (const auto& w : want) {
    WireField field;
    ASSERT_TRUE(reader.Next(&field)) << w.number;
    EXPECT_EQ(field.number, w.number);
    EXPECT_EQ(field.type, w.type);
    if (w.bytes.empty()) EXPECT_EQ(field.value, w.value);
    EXPECT_EQ(field.bytes.substr(0, w.bytes.size()), w.bytes);
  }
  WireField field;
  EXPECT_FALSE(reader.Next(&field));
  EXPECT_TRUE(reader.ok());
}

TEST(WireFields, FaultsEndTheReading) {
  const std::string_view cases[] = {
      "\x08",  // no value
      "\x0a\x05"
      "ab",                             // a length beyond the end
      "\x0d\x01\x02",                   // four octets are two
      "\x0b\x08\x01",                   // a group that does not end
      "\x0b\x14",                       // a group that another number ends
      "\x0c",                           // a group's end alone
      "\x0e",                           // a wire type that does not exist
      std::string_view("\x00\x01", 2),  // number 0
  };
  for (const std::string_view octets : cases) {
    FieldReader reader(octets);
    WireField field;
    EXPECT_FALSE(reader.Next(&field));
    EXPECT_FALSE(reader.ok());
  }
}

TEST(WireFields, GroupsNestWithoutRecursion) {
  std::string deep(1000000, '\x0b');
  deep.append(1000000, '\x0c');
  FieldReader reader(deep);
  WireField field;
  ASSERT_TRUE(reader.Next(&field));
  EXPECT_EQ(field.bytes.size(), 1999998u);
}

TEST(WireFields, TheLastOfAFieldCounts) {
  FieldWriter writer;
  writer.Varint(3, 1);
  writer.Text(3, "not this");
  writer.Varint(3, 2);
  EXPECT_EQ(FindVarint(writer.out(), 3), 2u);
  EXPECT_EQ(FindVarint(writer.out(), 4), std::nullopt);
}

}  // namespace
}  // namespace penstock::codec::compiler
