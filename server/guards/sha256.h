// SHA-256 of a few octets, without the heap.
//
// Spec: FIPS 180-4
#ifndef PENSTOCK_SERVER_GUARDS_SHA256_H_
#define PENSTOCK_SERVER_GUARDS_SHA256_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::guards {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::string_view text);

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_SHA256_H_
