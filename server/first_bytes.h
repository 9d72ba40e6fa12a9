// What a new connection speaks, told from its first bytes.
#ifndef PENSTOCK_SERVER_FIRST_BYTES_H_
#define PENSTOCK_SERVER_FIRST_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/wire/bytes.h"

namespace penstock::server {

enum class Spoken : uint8_t {
  kUndecided,  // too few octets to tell
  kHttp2,      // the beginning of the preface
  kHttp1,      // a method, a blank, and what a target begins with
  kTls,        // a ClientHello
  kUnknown,    // anything else; HTTP/2 answers it with GOAWAY
};

// So many are never undecided, and more are not looked at.
inline constexpr size_t kFirstBytesMax = 16;

// `bytes` is all that came so far, at least one octet.
Spoken DetectSpoken(wire::Bytes bytes);

// What a port takes.
enum class PortKind : uint8_t { kCleartext, kTls };

// What a peer that speaks something else is told, in its own words, before the connection is
// closed.
std::string_view RefusalOf(Spoken spoken, PortKind port);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_FIRST_BYTES_H_
