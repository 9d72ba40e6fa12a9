// What a peer that speaks HTTP/1.1 can make grow: see docs/admin.md.
#ifndef PENSTOCK_HTTP1_LIMITS_H_
#define PENSTOCK_HTTP1_LIMITS_H_

#include <cstddef>

namespace penstock::http1 {

// The request line and all fields, in octets. Stops heads without an end; past it: 431.
inline constexpr size_t kHeadBytesMax = 8 * 1024;
// Fields of one head. Stops thousands of empty ones; past it: 431.
inline constexpr size_t kFieldsMax = 64;
// Empty lines before a request line, which a client may have left over. Past it: 400.
// Spec: RFC 9112 §2.2
inline constexpr size_t kBlankLinesMax = 2;
// Of content nothing is taken: a request that announces some is answered with 413.

}  // namespace penstock::http1

#endif  // PENSTOCK_HTTP1_LIMITS_H_
