// Packed runs are decoded in blocks; here they say what the same numbers say one by one.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include "penstock/codec/message.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::testing {
namespace {

constexpr char kPackedTag = 6 << 3 | 2;
constexpr char kSingleTag = 6 << 3 | 0;

// A varint of exactly that many octets, as padded as it may be.
std::string AnyVarint(size_t octets, std::mt19937_64& random) {
  std::string varint;
  for (size_t i = 0; i < octets; ++i) {
    varint += static_cast<char>((random() & 0x7f) | (i + 1 < octets ? 0x80 : 0));
  }
  return varint;
}

std::string Packed(const std::string& run) {
  std::string length;
  size_t left = run.size();
  for (; left >= 0x80; left >>= 7) length += static_cast<char>((left & 0x7f) | 0x80);
  return kPackedTag + length + static_cast<char>(left) + run;
}

TEST(PackedRuns, SayWhatTheirNumbersSayOneByOne) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE(round);
    const size_t octets_max = 1 + random() % 10;
    std::string run, singles;
    for (size_t count = random() % 100; count > 0; --count) {
      const std::string varint = AnyVarint(1 + random() % octets_max, random);
      run += varint;
      singles += kSingleTag + varint;
    }
    Repeated packed, single;
    const std::string wire = Packed(run);
    ASSERT_TRUE(packed.ParseFrom(wire::AsBytes(wire)).ok());
    ASSERT_TRUE(single.ParseFrom(wire::AsBytes(singles)).ok());
    ASSERT_EQ(packed, single);
  }
}

TEST(PackedRuns, ANumberOfElevenOctetsIsFoundWhereverItStands) {
  std::mt19937_64 random(2);
  for (size_t before = 0; before < 150; ++before) {
    SCOPED_TRACE(before);
    std::string run;
    for (size_t i = 0; i < before; ++i) run += AnyVarint(1 + i % 2, random);
    const size_t at = run.size();
    run += AnyVarint(11, random);
    for (size_t i = 0; i < 150; ++i) run += AnyVarint(1, random);
    Repeated message;
    const std::string wire = Packed(run);
    const ParseResult result = message.ParseFrom(wire::AsBytes(wire));
    EXPECT_EQ(Name(result.error), "kVarintTooLong");
    EXPECT_EQ(result.offset, wire.size() - run.size() + at);
  }
}

}  // namespace
}  // namespace penstock::codec::testing
