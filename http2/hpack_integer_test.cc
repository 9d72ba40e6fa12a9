#include "penstock/http2/hpack_integer.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::FromHex;
using testing::Octets;

// RFC 7541 C.1 and the bounds, both ways.
struct Integer {
  const char* name;
  const char* octets;
  int prefix_bits;
  uint8_t first;  // bits above the prefix
  uint32_t value;
};
constexpr Integer kIntegers[] = {
    {"C.1.1: 10 in 5 bits", "0a", 5, 0, 10},
    {"C.1.2: 1337 in 5 bits", "1f9a0a", 5, 0, 1337},
    {"C.1.3: 42 in 8 bits", "2a", 8, 0, 42},
    {"one below the prefix", "fe", 7, 0x80, 126},
    {"the prefix itself", "ff00", 7, 0x80, 127},
    {"one septet full", "ff7f", 7, 0x80, 254},
    {"two septets", "ff8001", 7, 0x80, 255},
    {"largest in 7 bits", "ff80ffffff0f", 7, 0x80, 0xffffffff},
    {"largest in 4 bits", "1ff0ffffff0f", 4, 0x10, 0xffffffff},
};

TEST(HpackInteger, ReadsWhatItWrites) {
  for (const Integer& integer : kIntegers) {
    SCOPED_TRACE(integer.name);
    const Octets octets = FromHex(integer.octets);
    const uint8_t* cursor = octets.data();
    const uint8_t* end = octets.data() + octets.size();
    uint32_t value = 0;
    EXPECT_EQ(ReadHpackInteger(cursor, end, integer.prefix_bits, value), HpackError::kOk);
    EXPECT_EQ(value, integer.value);
    EXPECT_EQ(cursor, end);

    uint8_t written[kHpackIntegerBytesMax];
    const uint8_t* written_end =
        WriteHpackInteger(written, integer.first, integer.prefix_bits, integer.value);
    EXPECT_EQ(Octets(static_cast<const uint8_t*>(written), written_end), octets);
  }
}

TEST(HpackInteger, SurvivesEveryPowerOfTwoAndItsNeighbours) {
  for (int prefix_bits = 4; prefix_bits <= 8; ++prefix_bits) {
    for (int power = 0; power < 32; ++power) {
      for (int delta = -1; delta <= 1; ++delta) {
        const uint32_t value = (uint32_t{1} << power) + static_cast<uint32_t>(delta);
        uint8_t octets[kHpackIntegerBytesMax];
        const uint8_t* end = WriteHpackInteger(octets, 0, prefix_bits, value);
        ASSERT_LE(static_cast<size_t>(end - octets), kHpackIntegerBytesMax);
        const uint8_t* cursor = octets;
        uint32_t read = 0;
        ASSERT_EQ(ReadHpackInteger(cursor, end, prefix_bits, read), HpackError::kOk);
        EXPECT_EQ(read, value) << "in " << prefix_bits << " bits";
        EXPECT_EQ(cursor, end);
      }
    }
  }
}

TEST(HpackInteger, IsTruncatedAtEveryShorterLength) {
  const Octets octets = FromHex("1f9a0a");
  for (size_t bytes = 0; bytes < octets.size(); ++bytes) {
    const uint8_t* cursor = octets.data();
    uint32_t value;
    EXPECT_EQ(ReadHpackInteger(cursor, octets.data() + bytes, 5, value), HpackError::kTruncated);
  }
}

TEST(HpackInteger, RefusesMoreThan32BitsAndEndlessZeros) {
  for (const char* hex : {"ff81ffffff0f",    // 2^32 in 7 bits
                          "ffffffffff7f",    // 35 bits of ones
                          "ff808080808001",  // a sixth septet
                          "ff80808080808080808000"}) {
    SCOPED_TRACE(hex);
    const Octets octets = FromHex(hex);
    const uint8_t* cursor = octets.data();
    uint32_t value;
    EXPECT_EQ(ReadHpackInteger(cursor, octets.data() + octets.size(), 7, value),
              HpackError::kIntegerTooLarge);
  }
}

}  // namespace
}  // namespace penstock::http2
