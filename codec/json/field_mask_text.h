// FieldMask as JSON writes it: its paths with a comma between, each in lowerCamelCase:
// "user.displayName,photo" for "user.display_name" and "photo".
#ifndef PENSTOCK_CODEC_JSON_FIELD_MASK_TEXT_H_
#define PENSTOCK_CODEC_JSON_FIELD_MASK_TEXT_H_

#include <string>
#include <string_view>

namespace penstock::codec::json {

// False when `path` would not come back: it is empty or has a comma, a capital, or an underscore
// with no small letter behind it. Nothing is added then.
[[nodiscard]] bool AppendCamelPath(std::string_view path, std::string* out);

// False when `camel`, one path, is empty or has an underscore.
[[nodiscard]] bool ParseCamelPath(std::string_view camel, std::string* path);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_FIELD_MASK_TEXT_H_
