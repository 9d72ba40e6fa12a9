#include "penstock/codec/text/text_escape.h"

#include <cstdint>

namespace penstock::codec::text {
namespace {

// What stands behind the backslash of an octet that has a letter; 0 when it has none.
char LetterOf(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '"':
    case '\'':
    case '\\':
      return c;
    default:
      return 0;
  }
}

char OctalDigit(unsigned bits) { return static_cast<char>('0' + (bits & 7)); }

}  // namespace

void AppendEscaped(std::string_view octets, bool keep_high, std::string* out) {
  *out += '"';
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    if (const char letter = LetterOf(c); letter != 0) {
      *out += '\\';
      *out += letter;
    } else if ((octet >= 0x20 && octet < 0x7f) || (octet >= 0x80 && keep_high)) {
      *out += c;
    } else {
      const unsigned bits = octet;
      *out += '\\';
      *out += OctalDigit(bits >> 6);
      *out += OctalDigit(bits >> 3);
      *out += OctalDigit(bits);
    }
  }
  *out += '"';
}

}  // namespace penstock::codec::text
