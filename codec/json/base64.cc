#include "penstock/codec/json/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock::codec::json {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr uint8_t kNoLetter = 64;

constexpr std::array<uint8_t, 256> ValuesOfLetters() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNoLetter;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  values['-'] = values['+'];
  values['_'] = values['/'];
  return values;
}

constexpr std::array<uint8_t, 256> kValues = ValuesOfLetters();

uint32_t OctetAt(std::string_view octets, size_t at) {
  return at < octets.size() ? static_cast<uint8_t>(octets[at]) : 0;
}

// Without the padding; text with padding that does not fit keeps it, and so has a bad letter.
std::string_view WithoutPadding(std::string_view text) {
  if (text.size() % 4 != 0) return text;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

void AppendBase64(std::string_view octets, std::string* out) {
  for (size_t at = 0; at < octets.size(); at += 3) {
    const uint32_t bits =
        OctetAt(octets, at) << 16 | OctetAt(octets, at + 1) << 8 | OctetAt(octets, at + 2);
    const size_t left = octets.size() - at;
    *out += kAlphabet[bits >> 18];
    *out += kAlphabet[bits >> 12 & 63];
    *out += left > 1 ? kAlphabet[bits >> 6 & 63] : '=';
    *out += left > 2 ? kAlphabet[bits & 63] : '=';
  }
}

bool DecodeBase64(std::string_view text, std::string* out) {
  text = WithoutPadding(text);
  if (text.size() % 4 == 1) return false;  // six bits make no octet
  out->reserve(out->size() + text.size() * 3 / 4);
  uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kNoLetter) return false;
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      *out += static_cast<char>(bits >> bit_count);
    }
  }
  return true;
}

}  // namespace penstock::codec::json
