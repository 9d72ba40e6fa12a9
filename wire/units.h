// Quantities as people write them: "5s", "10k", "64KiB".
//
//     ParseDuration("1m30s")      90'000'000'000
//     ParseByteSize("64KiB")      65'536
#ifndef PENSTOCK_WIRE_UNITS_H_
#define PENSTOCK_WIRE_UNITS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/wire/time.h"

namespace penstock::wire {

// One or more numbers with ns, us, ms, s, m or h: "500ms", "1.5s", "1m30s". A bare "0" is nothing.
// nullopt for anything else, and for what does not fit.
std::optional<TimeNs> ParseDuration(std::string_view text);
// The same, and a bare number is seconds: what options and flags take.
std::optional<TimeNs> ParseSpan(std::string_view text);
// A whole number, perhaps with k, M or G (thousands): "10k", "1.5M".
std::optional<int64_t> ParseCount(std::string_view text);
// A whole number of bytes, perhaps with B, kB, MB, GB (thousands) or KiB, MiB, GiB (1024s).
std::optional<int64_t> ParseByteSize(std::string_view text);

// What the parsers take, for messages.
inline constexpr std::string_view kDurationForm =
    "a number with ns, us, ms, s, m or h, such as 500ms or 1m30s";
inline constexpr std::string_view kCountForm =
    "a whole number, perhaps with k, M or G, such as 10k";
inline constexpr std::string_view kByteSizeForm =
    "a number of bytes, perhaps with kB, MB, KiB or MiB, such as 64KiB";

// The shortest form that ParseDuration takes back: "4s", "1.5s", "1m30s", "250ms".
std::string FormatSpan(TimeNs duration_ns);
// The shortest form that ParseByteSize takes back, in 1024s: "64KiB", "1000".
std::string FormatByteSize(uint64_t bytes);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_UNITS_H_
