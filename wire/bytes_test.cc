#include "penstock/wire/bytes.h"

#include <string>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(Bytes, StringAndBytesViewTheSameOctets) {
  const std::string text("\x00\x7f\x80\xff", 4);
  const Bytes bytes = AsBytes(text);
  ASSERT_EQ(bytes.size(), 4u);
  EXPECT_EQ(bytes[2], 0x80);
  EXPECT_EQ(static_cast<const void*>(bytes.data()), text.data());
  EXPECT_EQ(AsString(bytes).data(), text.data());
  EXPECT_EQ(AsString(bytes), text);
}

TEST(Bytes, EmptyViewsConvertBothWays) {
  EXPECT_TRUE(AsBytes({}).empty());
  EXPECT_TRUE(AsString({}).empty());
}

TEST(Bytes, MutableBytesConvertToBytes) {
  uint8_t octets[] = {1, 2, 3};
  const MutableBytes writable(octets);
  const Bytes readable = writable;
  writable[1] = 9;
  EXPECT_EQ(readable[1], 9);
}

}  // namespace
}  // namespace penstock::wire
