#include "penstock/rpc/percent.h"

#include <cstddef>

namespace penstock::rpc {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (c >= 0x20 && c <= 0x7e && c != '%') {
      encoded.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[octet >> 4]);
    encoded.push_back(kDigits[octet & 15]);
  }
  return encoded;
}

std::string PercentDecode(std::string_view encoded) {
  std::string text;
  text.reserve(encoded.size());
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%' && i + 2 < encoded.size()) {
      const int high = HexDigit(encoded[i + 1]);
      const int low = HexDigit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        text.push_back(static_cast<char>(high << 4 | low));
        i += 2;
        continue;
      }
    }
    text.push_back(encoded[i]);
  }
  return text;
}

}  // namespace penstock::rpc
