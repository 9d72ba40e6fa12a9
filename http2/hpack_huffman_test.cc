#include "penstock/http2/hpack_huffman.h"

#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::FromHex;
using testing::Octets;
using testing::ToHex;

struct Decoded {
  HpackError error;
  std::string text;
};

Decoded Decode(const Octets& encoded) {
  // The exact room, so that AddressSanitizer sees a write beyond it.
  std::string text(HuffmanDecodeRoom(encoded.size()), '?');
  char* end = text.data();
  const HpackError error = HuffmanDecode(encoded, text.data(), end);
  text.resize(static_cast<size_t>(end - text.data()));
  size_t bytes = 0;
  EXPECT_EQ(HuffmanDecodedBytes(encoded, bytes), error);
  EXPECT_EQ(bytes, text.size());
  return {error, text};
}

Octets Encode(const std::string& text) {
  Octets encoded(HuffmanEncodedBytes(text));
  EXPECT_EQ(HuffmanEncode(encoded.data(), text), encoded.data() + encoded.size());
  return encoded;
}

TEST(HpackHuffman, AgreesWithTheRfcBothWays) {
  const struct {
    const char* text;
    const char* encoded;
  } kExamples[] = {
      {"", ""},
      {"www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"},
      {"no-cache", "a8eb10649cbf"},
      {"custom-key", "25a849e95ba97d7f"},
      {"custom-value", "25a849e95bb8e8b4bf"},
      {"302", "6402"},
      {"private", "aec3771a4b"},
      {"Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"},
      {"https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"},
      {"foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
       "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d500"
       "7"},
  };
  for (const auto& example : kExamples) {
    SCOPED_TRACE(example.text);
    EXPECT_EQ(ToHex(Encode(example.text)), example.encoded);
    const Decoded decoded = Decode(FromHex(example.encoded));
    EXPECT_EQ(decoded.error, HpackError::kOk);
    EXPECT_EQ(decoded.text, example.text);
  }
}

TEST(HpackHuffman, EveryOctetSurvivesAloneAndBetweenOthers) {
  for (int octet = 0; octet < 256; ++octet) {
    SCOPED_TRACE(octet);
    const std::string symbol(1, static_cast<char>(octet));
    for (const std::string& text :
         {symbol, symbol + symbol, "a" + symbol + "b", symbol + std::string(9, 'e'),
          std::string(11, '0') + symbol, std::string(7, static_cast<char>(octet))}) {
      const Decoded decoded = Decode(Encode(text));
      EXPECT_EQ(decoded.error, HpackError::kOk);
      EXPECT_EQ(decoded.text, text);
    }
  }
}

TEST(HpackHuffman, EveryPairOfOctetsSurvives) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const Decoded decoded = Decode(Encode(text));
      ASSERT_EQ(decoded.error, HpackError::kOk) << first << " " << second;
      ASSERT_EQ(decoded.text, text) << first << " " << second;
    }
  }
}

TEST(HpackHuffman, RandomStringsSurvive) {
  std::mt19937 random(20240607);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 80, '\0');
    const bool printable = random() % 4 != 0;
    for (char& c : text) {
      c = static_cast<char>(printable ? 0x20 + random() % 0x5f : random() % 256);
    }
    const Decoded decoded = Decode(Encode(text));
    ASSERT_EQ(decoded.error, HpackError::kOk) << "round " << round;
    ASSERT_EQ(decoded.text, text) << "round " << round;
  }
}

TEST(HpackHuffman, RefusesBrokenPaddingAndEndOfString) {
  const struct {
    const char* name;
    const char* encoded;
    HpackError error;
  } kBroken[] = {
      {"an octet of ones alone", "ff", HpackError::kHuffmanPadding},
      {"three octets of ones", "ffffff", HpackError::kHuffmanPadding},
      {"'a' and three zeros", "18", HpackError::kHuffmanPadding},
      {"'a' and 011", "1b", HpackError::kHuffmanPadding},
      {"'a' and 110", "1e", HpackError::kHuffmanPadding},
      {"'a' and eleven ones", "1fff", HpackError::kHuffmanPadding},
      {"'aaaaaaaa' and eight ones", "18c6318c63ff", HpackError::kHuffmanPadding},
      {"sixteen ones behind eight octets", "f1e3c2e5f23a6ba0ab90f4ffffff",
       HpackError::kHuffmanPadding},
      {"the end of string alone", "ffffffff", HpackError::kHuffmanEndOfString},
      {"the end of string, then zeros", "fffffffc00", HpackError::kHuffmanEndOfString},
      {"the end of string in the fast part", "fffffffc0000000000000000",
       HpackError::kHuffmanEndOfString},
      {"the beginning of a long code", "fffffe", HpackError::kHuffmanPadding},
  };
  for (const auto& broken : kBroken) {
    SCOPED_TRACE(broken.name);
    EXPECT_EQ(Decode(FromHex(broken.encoded)).error, broken.error);
  }
}

TEST(HpackHuffman, TakesUpToSevenBitsOfPadding) {
  // "0" has five bits: n of them leave 3, 6, 1, 4, 7, 2, 5, 0 bits.
  for (size_t n = 1; n <= 16; ++n) {
    const std::string text(n, '0');
    const Decoded decoded = Decode(Encode(text));
    EXPECT_EQ(decoded.error, HpackError::kOk) << n;
    EXPECT_EQ(decoded.text, text);
  }
}

}  // namespace
}  // namespace penstock::http2
