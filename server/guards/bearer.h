// The token in `authorization: Bearer TOKEN`, which a peer sends.
//
// Spec: RFC 6750 §2.1; RFC 9110 §11.1: the scheme's case does not count
#ifndef PENSTOCK_SERVER_GUARDS_BEARER_H_
#define PENSTOCK_SERVER_GUARDS_BEARER_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"

namespace penstock::guards {

// Longer ones are refused before anything is done with them. In octets.
// Source: tokens with many claims have 1 to 2 KiB, and 8 KiB is what many take as headers
inline constexpr size_t kTokenBytesMax = 8192;

// Nothing for another scheme, or a token that is none: letters, digits and "-._~+/", and "=" at its
// end.
std::optional<std::string_view> ParseBearer(std::string_view field);

// Of the call's metadata, into `*token`, nothing where there is no authorization. UNAUTHENTICATED
// where it is malformed, or stands there twice. What it says has nothing of the token.
Status TakeBearer(const Metadata& metadata, std::optional<std::string_view>* token);

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_BEARER_H_
