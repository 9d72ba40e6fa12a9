#include "penstock/wire/varint.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/bytes.h"

namespace penstock::wire {
namespace {

constexpr uint64_t kUntouched = 0xDEADBEEFDEADBEEF;

std::string Encoded(uint64_t value) {
  uint8_t room[kVarintBytesMax];
  const uint8_t* end = EncodeVarint64(room, value);
  return std::string(AsString({room, end}));
}

// Every 2^k - 1, 2^k and 2^k + 1: where a length or a carry could go wrong.
std::vector<uint64_t> BoundaryValues() {
  std::vector<uint64_t> values = {0};
  for (int k = 0; k < 64; ++k) {
    const uint64_t power = uint64_t{1} << k;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  values.push_back(std::numeric_limits<uint64_t>::max());
  return values;
}

// The format's definition, one division at a time.
size_t SizeByDefinition(uint64_t value) {
  size_t octets = 1;
  while ((value /= 128) != 0) ++octets;
  return octets;
}

constexpr struct {
  const char* name;
  std::string_view wire;
  uint64_t value;
} kKnown[] = {
    {"zero", std::string_view("\x00", 1), 0},
    {"one octet's most", "\x7f", 127},
    {"two octets' least", "\x80\x01", 128},
    {"the protobuf guide's 150", "\x96\x01", 150},
    {"300", "\xac\x02", 300},
    {"32 ones", "\xff\xff\xff\xff\x0f", 0xFFFFFFFF},
    {"minus one as an int32", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ~uint64_t{0}},
    {"the top bit alone", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", uint64_t{1} << 63},
};

TEST(Varint, KnownValuesEncodeAndDecode) {
  for (const auto& c : kKnown) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Encoded(c.value), c.wire);
    uint64_t value = kUntouched;
    const Bytes wire = AsBytes(c.wire);
    EXPECT_EQ(DecodeVarint64(wire.data(), wire.data() + wire.size(), &value),
              wire.data() + wire.size());
    EXPECT_EQ(value, c.value);
  }
}

TEST(Varint, BoundaryValuesRoundTripInTheFewestOctets) {
  for (uint64_t value : BoundaryValues()) {
    SCOPED_TRACE(value);
    const std::string wire = Encoded(value);
    EXPECT_EQ(wire.size(), SizeByDefinition(value));
    EXPECT_EQ(wire.size(), VarintSize(value));
    const uint8_t* p = AsBytes(wire).data();
    uint64_t decoded = kUntouched;
    EXPECT_EQ(DecodeVarint64(p, p + wire.size(), &decoded), p + wire.size());
    EXPECT_EQ(decoded, value);
  }
}

TEST(Varint, CutAnywhereItIsRefusedAndTheValueUntouched) {
  for (uint64_t value : BoundaryValues()) {
    const std::string wire = Encoded(value);
    for (size_t size = 0; size < wire.size(); ++size) {
      SCOPED_TRACE(std::to_string(value) + " cut to " + std::to_string(size));
      const std::vector<uint8_t> cut(wire.begin(), wire.begin() + static_cast<ptrdiff_t>(size));
      uint64_t decoded = kUntouched;
      EXPECT_EQ(DecodeVarint64(cut.data(), cut.data() + size, &decoded), nullptr);
      EXPECT_EQ(decoded, kUntouched);
    }
  }
}

TEST(Varint, StopsAtItsOwnEndInALongerInput) {
  const std::string wire = Encoded(300) + "\xff\xff";
  const uint8_t* p = AsBytes(wire).data();
  uint64_t value = kUntouched;
  EXPECT_EQ(DecodeVarint64(p, p + wire.size(), &value), p + 2);
  EXPECT_EQ(value, 300u);
}

TEST(Varint, PaddedWithZeroGroupsItStillDecodes) {
  const std::string_view wire("\x81\x80\x80\x00", 4);
  const uint8_t* p = AsBytes(wire).data();
  uint64_t value = kUntouched;
  EXPECT_EQ(DecodeVarint64(p, p + wire.size(), &value), p + 4);
  EXPECT_EQ(value, 1u);
}

TEST(Varint, BitsAboveThe64thAreDropped) {
  const struct {
    const char* name;
    std::string wire;
    uint64_t value;
  } kCases[] = {
      {"bit 64", std::string(9, '\x80') + "\x02", 0},
      {"bits 63 and 64", std::string(9, '\x80') + "\x03", uint64_t{1} << 63},
      {"all bits of the tenth octet", std::string(9, '\xff') + "\x7f", ~uint64_t{0}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const uint8_t* p = AsBytes(c.wire).data();
    uint64_t value = kUntouched;
    EXPECT_EQ(DecodeVarint64(p, p + c.wire.size(), &value), p + c.wire.size());
    EXPECT_EQ(value, c.value);
  }
}

TEST(Varint, MoreThanTenOctetsAreRefused) {
  const struct {
    const char* name;
    std::string wire;
  } kCases[] = {
      {"eleven octets", std::string(10, '\x80') + std::string(1, '\0')},
      {"eleven octets, ones", std::string(10, '\xff') + "\x01"},
      {"endless", std::string(64, '\x80')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const uint8_t* p = AsBytes(c.wire).data();
    uint64_t value = kUntouched;
    EXPECT_EQ(DecodeVarint64(p, p + c.wire.size(), &value), nullptr);
    EXPECT_EQ(value, kUntouched);
  }
}

TEST(ZigZag, SmallMagnitudesStayShort) {
  constexpr struct {
    int64_t plain;
    uint64_t coded;
  } kCases[] = {
      {0, 0},
      {-1, 1},
      {1, 2},
      {-2, 3},
      {2147483647, 4294967294},
      {-2147483648, 4294967295},
      {std::numeric_limits<int64_t>::max(), ~uint64_t{1}},
      {std::numeric_limits<int64_t>::min(), ~uint64_t{0}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.plain);
    EXPECT_EQ(ZigZagEncode(c.plain), c.coded);
    EXPECT_EQ(ZigZagDecode(c.coded), c.plain);
  }
}

TEST(ZigZag, BoundaryValuesRoundTrip) {
  for (uint64_t value : BoundaryValues()) {
    SCOPED_TRACE(value);
    EXPECT_EQ(ZigZagEncode(ZigZagDecode(value)), value);
    const int64_t plain = static_cast<int64_t>(value);
    EXPECT_EQ(ZigZagDecode(ZigZagEncode(plain)), plain);
  }
}

}  // namespace
}  // namespace penstock::wire
