#include "penstock/http2/frame.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace penstock::http2 {
namespace {

struct Case {
  const char* name;
  FrameHeader header;
  std::string octets;
};

const Case kCases[] = {
    {"empty SETTINGS", {0, FrameType::kSettings, 0, 0}, std::string("\0\0\0\4\0\0\0\0\0", 9)},
    {"DATA with END_STREAM",
     {5, FrameType::kData, flags::kEndStream, 1},
     std::string("\0\0\5\0\1\0\0\0\1", 9)},
    {"longest, highest, unknown",
     {kFramePayloadBytesLimit, FrameType{0xfe}, 0xff, kStreamIdMax},
     "\xff\xff\xff\xfe\xff\x7f\xff\xff\xff"},
};

TEST(Frame, HeadersAreStoredAndLoaded) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    uint8_t octets[kFrameHeaderBytes];
    EXPECT_EQ(StoreFrameHeader(octets, c.header), octets + kFrameHeaderBytes);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(octets), sizeof octets), c.octets);
    const FrameHeader loaded = LoadFrameHeader(octets);
    EXPECT_EQ(loaded.payload_bytes, c.header.payload_bytes);
    EXPECT_EQ(loaded.type, c.header.type);
    EXPECT_EQ(loaded.flags, c.header.flags);
    EXPECT_EQ(loaded.stream_id, c.header.stream_id);
  }
}

TEST(Frame, TheReservedBitIsDropped) {
  const uint8_t octets[] = {0, 0, 0, 0, 0, 0x80, 0, 0, 3};
  EXPECT_EQ(LoadFrameHeader(octets).stream_id, 3u);
}

}  // namespace
}  // namespace penstock::http2
