#include "penstock/codec/utf8.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace penstock::codec {
namespace {

// The same rule, said another way: decode, then look at the number and its shortest form.
bool ModelIsValid(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<uint8_t>(text[i]);
    const size_t bytes = first < 0x80   ? 1
                         : first < 0xc0 ? 0
                         : first < 0xe0 ? 2
                         : first < 0xf0 ? 3
                         : first < 0xf8 ? 4
                                        : 0;
    if (bytes == 0 || i + bytes > text.size()) return false;
    uint32_t code_point = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (size_t j = 1; j < bytes; ++j) {
      const auto next = static_cast<uint8_t>(text[i + j]);
      if (next < 0x80 || next > 0xbf) return false;
      code_point = code_point << 6 | (next & 0x3f);
    }
    const size_t shortest = code_point < 0x80      ? 1
                            : code_point < 0x800   ? 2
                            : code_point < 0x10000 ? 3
                                                   : 4;
    if (bytes != shortest || code_point > 0x10ffff) return false;
    if (code_point >= 0xd800 && code_point < 0xe000) return false;
    i += bytes;
  }
  return true;
}

TEST(Utf8, EveryThreeOctetsAsTheModelSays) {
  std::string text(3, '\0');
  for (uint32_t bits = 0; bits < 1u << 24; bits += 7) {  // 7 divides no power of two
    text[0] = static_cast<char>(bits >> 16);
    text[1] = static_cast<char>(bits >> 8);
    text[2] = static_cast<char>(bits);
    ASSERT_EQ(IsValidUtf8(text), ModelIsValid(text)) << bits;
  }
}

TEST(Utf8, EveryStartOfFourOctets) {
  for (uint32_t bits = 0; bits < 1u << 16; ++bits) {
    for (const char* rest : {"\x80\x80", "\xbf\xbf", "\x7f\x80", "\x80\xc0"}) {
      std::string text(2, '\0');
      text[0] = static_cast<char>(bits >> 8);
      text[1] = static_cast<char>(bits);
      text += rest;
      ASSERT_EQ(IsValidUtf8(text), ModelIsValid(text)) << bits;
    }
  }
}

TEST(Utf8, APlaceInEveryPositionAndLength) {
  for (const char* piece :
       {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\xed\xa0\x80"}) {
    for (size_t bytes = 0; bytes < 40; ++bytes) {
      for (size_t at = 0; at <= bytes; ++at) {
        std::string text(bytes, 'x');
        text.insert(at, piece);
        ASSERT_EQ(IsValidUtf8(text), ModelIsValid(text)) << piece << " " << bytes << " " << at;
        ASSERT_TRUE(IsValidUtf8(std::string(bytes, 'x')));
      }
    }
  }
}

}  // namespace
}  // namespace penstock::codec
