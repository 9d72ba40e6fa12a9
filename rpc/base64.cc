#include "penstock/rpc/base64.h"

#include <array>
#include <cstdint>

namespace penstock::rpc {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kForeign = 0xff;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  values.fill(kForeign);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

constexpr std::array<uint8_t, 256> kValues = MakeValues();

}  // namespace

char* Base64Encode(std::string_view bytes, char* out) {
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : bytes) {
    pending = pending << 8 | static_cast<uint8_t>(c);
    pending_bits += 8;
    while (pending_bits >= 6) {
      pending_bits -= 6;
      *out++ = kAlphabet[pending >> pending_bits & 63];
    }
  }
  if (pending_bits > 0) *out++ = kAlphabet[pending << (6 - pending_bits) & 63];
  return out;
}

char* Base64Decode(std::string_view encoded, char* out) {
  if (encoded.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && encoded.ends_with('='); ++padding) {
      encoded.remove_suffix(1);
    }
  }
  if (encoded.size() % 4 == 1) return nullptr;
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : encoded) {
    const uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kForeign) return nullptr;
    pending = pending << 6 | value;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    *out++ = static_cast<char>(pending >> pending_bits);
  }
  return out;
}

}  // namespace penstock::rpc
