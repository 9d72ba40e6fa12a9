// Strings as text format quotes them.
#ifndef PENSTOCK_CODEC_TEXT_TEXT_ESCAPE_H_
#define PENSTOCK_CODEC_TEXT_TEXT_ESCAPE_H_

#include <string>
#include <string_view>

namespace penstock::codec::text {

// Adds `octets` in double quotes. Line ends, tabs, quotes and backslashes have letters behind the
// backslash; other control characters, and octets above 0x7e unless `keep_high`, three octal
// digits.
void AppendEscaped(std::string_view octets, bool keep_high, std::string* out);

}  // namespace penstock::codec::text

#endif  // PENSTOCK_CODEC_TEXT_TEXT_ESCAPE_H_
