// Floating-point numbers as text, as JSON and text format share it: the fewest digits that read
// back as the same number, laid out as printf's %g lays out 6 or 9 digits of a float and 15 or 17
// of a double. So 1e10 of a double is 10000000000, and 1e20 is 1e+20.
#ifndef PENSTOCK_CODEC_NUMBER_TEXT_H_
#define PENSTOCK_CODEC_NUMBER_TEXT_H_

#include <string>

namespace penstock::codec {

// `value` is finite.
void AppendNumber(double value, std::string* out);
void AppendNumber(float value, std::string* out);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_NUMBER_TEXT_H_
