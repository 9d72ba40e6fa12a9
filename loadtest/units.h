// Quantities as a report writes them: "182us", "50.0k", "12.3 MiB"; what people write in is of
// wire/units.h.
#ifndef PENSTOCK_LOADTEST_UNITS_H_
#define PENSTOCK_LOADTEST_UNITS_H_

#include <cstdint>
#include <string>

#include "penstock/wire/units.h"

namespace penstock::loadtest {

using wire::FormatSpan;
using wire::kByteSizeForm;
using wire::kCountForm;
using wire::kDurationForm;
using wire::ParseByteSize;
using wire::ParseCount;
using wire::ParseDuration;
using wire::ParseSpan;

// Three significant digits: "850ns", "9.12us", "182us", "1.90ms", "12.3s".
std::string FormatDuration(double duration_ns);
// Four significant digits: "950", "50.00k", "512.3k", "8.613M".
std::string FormatRate(double per_second);
// Three significant digits: "640 B", "12.3 MiB".
std::string FormatBytes(double bytes);
// What printf() would print.
__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...);
// "1 call", "2 calls".
std::string Plural(uint64_t count, const char* noun);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_UNITS_H_
