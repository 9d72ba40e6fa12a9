// Base64: how JSON writes bytes fields.
//
// Spec: RFC 4648. Written with its section 4's alphabet and padding; read in that alphabet and in
//       section 5's ("-" and "_"), with padding and without.
#ifndef PENSTOCK_CODEC_JSON_BASE64_H_
#define PENSTOCK_CODEC_JSON_BASE64_H_

#include <string>
#include <string_view>

namespace penstock::codec::json {

void AppendBase64(std::string_view octets, std::string* out);

// Adds the octets that `text` stands for; false when it stands for none. Bits that belong to no
// octet are ignored.
[[nodiscard]] bool DecodeBase64(std::string_view text, std::string* out);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_BASE64_H_
