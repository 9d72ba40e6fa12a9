#include "penstock/wire/cursor.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(Cursor, ReadsFrontToBack) {
  const std::string wire("\x07\x01\x02\x0a\x0b\x0c\x0d\xac\x02xyz", 12);
  Cursor cursor(AsBytes(wire));
  uint8_t octet = 0;
  uint16_t big16 = 0;
  uint32_t big32 = 0;
  uint64_t varint = 0;
  Bytes bytes;
  EXPECT_TRUE(cursor.ReadByte(&octet));
  EXPECT_TRUE(cursor.ReadBig16(&big16));
  EXPECT_TRUE(cursor.ReadBig32(&big32));
  EXPECT_TRUE(cursor.ReadVarint64(&varint));
  EXPECT_TRUE(cursor.Skip(1));
  EXPECT_EQ(AsString(cursor.rest()), "yz");
  EXPECT_TRUE(cursor.ReadBytes(2, &bytes));
  EXPECT_EQ(octet, 7);
  EXPECT_EQ(big16, 0x0102);
  EXPECT_EQ(big32, 0x0a0b0c0du);
  EXPECT_EQ(varint, 300u);
  EXPECT_EQ(AsString(bytes), "yz");
  EXPECT_EQ(cursor.offset(), wire.size());
  EXPECT_TRUE(cursor.empty());
}

TEST(Cursor, FailedReadLeavesItWhereItWasAndTheOutputUntouched) {
  struct Outputs {
    uint8_t octet = 1;
    uint16_t big16 = 2;
    uint32_t big32 = 3;
    uint64_t varint = 4;
    Bytes bytes;
    bool operator==(const Outputs& o) const {
      return octet == o.octet && big16 == o.big16 && big32 == o.big32 && varint == o.varint &&
             bytes.data() == o.bytes.data() && bytes.size() == o.bytes.size();
    }
  };
  const struct {
    const char* name;
    std::string_view wire;  // one octet is skipped first
    bool (*read)(Cursor&, Outputs&);
  } kCases[] = {
      {"byte", "-", [](Cursor& c, Outputs& o) { return c.ReadByte(&o.octet); }},
      {"big16", "-a", [](Cursor& c, Outputs& o) { return c.ReadBig16(&o.big16); }},
      {"big32", "-abc", [](Cursor& c, Outputs& o) { return c.ReadBig32(&o.big32); }},
      {"varint at the end", "-", [](Cursor& c, Outputs& o) { return c.ReadVarint64(&o.varint); }},
      {"cut varint", "-\xff\xff", [](Cursor& c, Outputs& o) { return c.ReadVarint64(&o.varint); }},
      {"bytes", "-ab", [](Cursor& c, Outputs& o) { return c.ReadBytes(3, &o.bytes); }},
      {"absurd count", "-ab",
       [](Cursor& c, Outputs& o) {
         return c.ReadBytes(std::numeric_limits<size_t>::max(), &o.bytes);
       }},
      {"skip", "-ab", [](Cursor& c, Outputs&) { return c.Skip(3); }},
      {"absurd skip", "-ab",
       [](Cursor& c, Outputs&) { return c.Skip(std::numeric_limits<size_t>::max()); }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string exact(c.wire);  // on the heap, so that a sanitizer sees a read past it
    Cursor cursor(AsBytes(exact));
    ASSERT_TRUE(cursor.Skip(1));
    Outputs outputs;
    EXPECT_FALSE(c.read(cursor, outputs));
    EXPECT_EQ(cursor.offset(), 1u);
    EXPECT_EQ(cursor.remaining_bytes(), exact.size() - 1);
    EXPECT_TRUE(outputs == Outputs());
  }
}

TEST(Cursor, ReadsUpToTheVeryEnd) {
  uint16_t big16 = 0;
  Cursor two(AsBytes("\x01\x02"));
  EXPECT_TRUE(two.ReadBig16(&big16));
  EXPECT_TRUE(two.empty());

  uint32_t big32 = 0;
  Cursor four(AsBytes("\x01\x02\x03\x04"));
  EXPECT_TRUE(four.ReadBig32(&big32));
  EXPECT_TRUE(four.empty());

  Bytes bytes;
  Cursor three(AsBytes("abc"));
  EXPECT_TRUE(three.ReadBytes(3, &bytes));
  EXPECT_TRUE(three.empty());
}

TEST(Cursor, NothingCanBeReadFromNothingButNothing) {
  Cursor cursor{Bytes()};
  Bytes bytes;
  uint8_t octet = 0;
  EXPECT_TRUE(cursor.empty());
  EXPECT_TRUE(cursor.ReadBytes(0, &bytes));
  EXPECT_TRUE(cursor.Skip(0));
  EXPECT_FALSE(cursor.ReadByte(&octet));
  EXPECT_EQ(cursor.offset(), 0u);
}

}  // namespace
}  // namespace penstock::wire
