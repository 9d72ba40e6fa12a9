#include "penstock/wire/endian.h"

#include <array>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

// One octet of slack in front makes every access unaligned.
struct Unaligned {
  std::array<uint8_t, 10> octets = {0xEE, 0x81, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xEE};
  uint8_t* p() { return octets.data() + 1; }
};

TEST(Endian, BigLoadsReadTheMostSignificantOctetFirst) {
  Unaligned u;
  EXPECT_EQ(LoadBig16(u.p()), 0x8123u);
  EXPECT_EQ(LoadBig24(u.p()), 0x812345u);
  EXPECT_EQ(LoadBig32(u.p()), 0x81234567u);
  EXPECT_EQ(LoadBig64(u.p()), 0x8123456789ABCDEFu);
}

TEST(Endian, LittleLoadsReadTheLeastSignificantOctetFirst) {
  Unaligned u;
  EXPECT_EQ(LoadLittle32(u.p()), 0x67452381u);
  EXPECT_EQ(LoadLittle64(u.p()), 0xEFCDAB8967452381u);
}

TEST(Endian, StoresWriteTheirWidthAndNothingBeside) {
  const Unaligned want;
  const struct {
    const char* name;
    size_t width;
    void (*store)(uint8_t*);
  } kCases[] = {
      {"big16", 2, [](uint8_t* p) { StoreBig16(p, 0x8123); }},
      {"big24", 3, [](uint8_t* p) { StoreBig24(p, 0x812345); }},
      {"big32", 4, [](uint8_t* p) { StoreBig32(p, 0x81234567); }},
      {"big64", 8, [](uint8_t* p) { StoreBig64(p, 0x8123456789ABCDEF); }},
      {"little32", 4, [](uint8_t* p) { StoreLittle32(p, 0x67452381); }},
      {"little64", 8, [](uint8_t* p) { StoreLittle64(p, 0xEFCDAB8967452381); }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::array<uint8_t, 10> octets;
    octets.fill(0xEE);
    c.store(octets.data() + 1);
    EXPECT_EQ(octets[0], 0xEE);
    for (size_t i = 1; i <= c.width; ++i) EXPECT_EQ(octets[i], want.octets[i]) << i;
    EXPECT_EQ(octets[c.width + 1], 0xEE);
  }
}

TEST(Endian, StoreThenLoadReturnsExtremes) {
  uint8_t p[8];
  for (uint64_t value : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}, uint64_t{1} << 63}) {
    SCOPED_TRACE(value);
    StoreBig64(p, value);
    EXPECT_EQ(LoadBig64(p), value);
    StoreLittle64(p, value);
    EXPECT_EQ(LoadLittle64(p), value);
    StoreBig24(p, static_cast<uint32_t>(value & 0xFFFFFF));
    EXPECT_EQ(LoadBig24(p), value & 0xFFFFFF);
  }
}

}  // namespace
}  // namespace penstock::wire
