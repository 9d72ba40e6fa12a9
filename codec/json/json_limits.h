// Every limit of JSON: value, what it stops, and what happens at the bound.
#ifndef PENSTOCK_CODEC_JSON_JSON_LIMITS_H_
#define PENSTOCK_CODEC_JSON_JSON_LIMITS_H_

namespace penstock::codec::json {

// Objects and arrays inside each other, known fields or not. Stops stack exhaustion by a few
// hundred brackets; one more is an error.
inline constexpr int kNestingMax = 100;

// Members and octets of a value that an error quotes; longer ones are cut.
inline constexpr int kQuotedBytesMax = 40;

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_LIMITS_H_
