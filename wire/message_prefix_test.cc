#include "penstock/wire/message_prefix.h"

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(MessagePrefix, LoadsAndStoresFlagThenBigEndianLength) {
  constexpr struct {
    const char* name;
    std::string_view wire;
    uint8_t flag;
    uint32_t length_bytes;
  } kCases[] = {
      {"empty message", std::string_view("\0\0\0\0\0", 5), 0, 0},
      {"seven octets", std::string_view("\0\0\0\0\x07", 5), 0, 7},
      {"compressed", std::string_view("\1\0\0\1\0", 5), 1, 256},
      {"every octet its place", std::string_view("\0\1\2\3\4", 5), 0, 0x01020304},
      {"the longest", std::string_view("\1\xff\xff\xff\xff", 5), 1, 0xFFFFFFFF},
      {"a flag that is neither", std::string_view("\xff\0\0\0\1", 5), 255, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const MessagePrefix loaded = LoadMessagePrefix(AsBytes(c.wire).data());
    EXPECT_EQ(loaded.flag, c.flag);
    EXPECT_EQ(loaded.length_bytes, c.length_bytes);
    uint8_t stored[kMessagePrefixBytes];
    EXPECT_EQ(StoreMessagePrefix(stored, {c.flag, c.length_bytes}), stored + kMessagePrefixBytes);
    EXPECT_EQ(AsString(stored), c.wire);
  }
}

}  // namespace
}  // namespace penstock::wire
