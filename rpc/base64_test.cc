#include "penstock/rpc/base64.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace penstock::rpc {
namespace {

using namespace std::string_literals;

// Into room of exactly the promised size, so that a sanitizer sees one octet too many.
std::string Encode(const std::string& bytes) {
  const size_t room = Base64EncodedBytes(bytes.size());
  const auto out = std::make_unique<char[]>(room);
  const char* end = Base64Encode(bytes, out.get());
  EXPECT_EQ(end, out.get() + room);
  return {out.get(), room};
}

std::optional<std::string> Decode(const std::string& encoded) {
  const size_t room = Base64DecodedBytesMax(encoded.size());
  const auto out = std::make_unique<char[]>(room);
  const char* end = Base64Decode(encoded, out.get());
  if (end == nullptr) return std::nullopt;
  EXPECT_LE(end, out.get() + room);
  return std::string(out.get(), static_cast<size_t>(end - out.get()));
}

// RFC 4648 §10, without the padding, and the ends of the alphabet.
const struct {
  std::string bytes;
  std::string encoded;
  std::string padding;
} kPairs[] = {
    {"", "", ""},
    {"f", "Zg", "=="},
    {"fo", "Zm8", "="},
    {"foo", "Zm9v", ""},
    {"foob", "Zm9vYg", "=="},
    {"fooba", "Zm9vYmE", "="},
    {"foobar", "Zm9vYmFy", ""},
    {"\0"s, "AA", "=="},
    {"\xff", "/w", "=="},
    {"\xff\xff\xff", "////", ""},
    {"\xfb\xef\xbe", "++++", ""},
};

TEST(Base64, EncodesWithoutPadding) {
  for (const auto& pair : kPairs) EXPECT_EQ(Encode(pair.bytes), pair.encoded);
}

TEST(Base64, DecodesWithAndWithoutPadding) {
  for (const auto& pair : kPairs) {
    SCOPED_TRACE(pair.encoded);
    EXPECT_EQ(Decode(pair.encoded), pair.bytes);
    EXPECT_EQ(Decode(pair.encoded + pair.padding), pair.bytes);
  }
}

TEST(Base64, EveryLengthAndOctetSurvivesTheRoundTrip) {
  std::string bytes;
  for (int length = 0; length <= 300; ++length) {
    EXPECT_EQ(Decode(Encode(bytes)), bytes) << length;
    bytes.push_back(static_cast<char>(length * 37));
  }
}

TEST(Base64, BitsThatNoOctetNeedsAreIgnored) { EXPECT_EQ(Decode("Zh"), "f"); }

TEST(Base64, WhatIsNotBase64IsRefused) {
  const struct {
    const char* name;
    std::string encoded;
  } cases[] = {
      {"one character", "A"},
      {"one above a multiple of four", "AAAAA"},
      {"too little padding", "Zg="},
      {"too much padding", "Zm8=="},
      {"three of padding", "Z==="},
      {"padding alone", "===="},
      {"one of padding alone", "="},
      {"padding after a whole group", "Zm9v===="},
      {"padding inside", "Zg==Zg=="},
      {"a character behind the padding", "Zg=A"},
      {"a blank", "Zm 9v"},
      {"a newline", "Zm9v\n"},
      {"the alphabet of URLs, minus", "-_-_"},
      {"a comma", "AQ,Ag"},
      {"NUL", "AA\0A"s},
      {"an octet beyond ASCII", "AA\xc3\xa4"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Decode(c.encoded), std::nullopt);
  }
}

}  // namespace
}  // namespace penstock::rpc
