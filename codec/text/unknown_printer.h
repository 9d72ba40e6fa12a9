// Unknown fields as text: "5: 12", "6: 0x0000000c", "7: "text"", or "7 { ... }" where the octets
// look like a message.
#ifndef PENSTOCK_CODEC_TEXT_UNKNOWN_PRINTER_H_
#define PENSTOCK_CODEC_TEXT_UNKNOWN_PRINTER_H_

#include <string_view>

#include "penstock/codec/text/text_writer.h"

namespace penstock::codec::text {

// Octets that are taken for messages inside each other: beyond, and when they are none, they are
// printed as a string.
inline constexpr int kGuessedDepthMax = 10;

// `fields` are well-formed, as a message keeps them. `depth` is how deep they lie already; groups
// beyond kParseDepthMax are left out.
void PrintUnknownFields(std::string_view fields, int depth, TextWriter* writer);

}  // namespace penstock::codec::text

#endif  // PENSTOCK_CODEC_TEXT_UNKNOWN_PRINTER_H_
