// Text of somebody else's, a peer's or an exception's, for a message or a line of a log.
#ifndef PENSTOCK_WIRE_QUOTED_H_
#define PENSTOCK_WIRE_QUOTED_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::wire {

// A request of ten octets (HPACK) must not earn an answer of ten thousand.
inline constexpr size_t kQuotedBytesMax = 128;

// The text with a '?' for each octet that is not printable ASCII: no line of a log ends in it, and
// no terminal obeys it. Limits: past `bytes_max` octets it is cut, and ends with "...".
std::string Quoted(std::string_view text, size_t bytes_max = kQuotedBytesMax);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_QUOTED_H_
