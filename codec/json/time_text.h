// Timestamp and Duration as JSON writes them: "1972-01-01T10:00:20.021Z" and "-1.500s".
//
// Spec: protobuf.dev, "ProtoJSON Format"; RFC 3339 for the former, with letters in upper case and
//       without leap seconds. Fractions are written with 0, 3, 6 or 9 digits, and read with up to
//       nine.
#ifndef PENSTOCK_CODEC_JSON_TIME_TEXT_H_
#define PENSTOCK_CODEC_JSON_TIME_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::codec::json {

// The two fields of both messages. A Timestamp's nanos are never negative; a Duration's have the
// sign of its seconds.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;

  friend bool operator==(const SecondsAndNanos&, const SecondsAndNanos&) = default;
};

// False when it is none: outside the years 1 to 9999, or nanos below 0 or of a second or more.
[[nodiscard]] bool AppendTimestamp(SecondsAndNanos time, std::string* out);
[[nodiscard]] bool ParseTimestamp(std::string_view text, SecondsAndNanos* time);

// False when it is none: beyond 315,576,000,000 seconds (10,000 years), nanos of a second or more,
// or two signs.
[[nodiscard]] bool AppendDuration(SecondsAndNanos time, std::string* out);
[[nodiscard]] bool ParseDuration(std::string_view text, SecondsAndNanos* time);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_TIME_TEXT_H_
