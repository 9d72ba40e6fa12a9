// Every limit of the codec: value, unit, what it stops, and what happens at the bound.
#ifndef PENSTOCK_CODEC_LIMITS_H_
#define PENSTOCK_CODEC_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace penstock::codec {

// Messages and groups inside each other. Stops stack exhaustion by a few kilobytes of nested length
// prefixes; one more level is ParseError::kTooDeep. The number other implementations use.
inline constexpr int kParseDepthMax = 100;

// Octets of one serialised message, string or packed run: sizes are 31 bits in Protocol Buffers.
// A longer one is ParseError::kTooLarge.
inline constexpr size_t kMessageBytesMax = 0x7fffffff;

// The highest number a field may have (29 bits); more is ParseError::kBadTag.
inline constexpr uint32_t kFieldNumberMax = (1u << 29) - 1;

// Messages declared inside each other, in a .proto or a descriptor; one more is an error. Stops
// stack exhaustion by a hostile file.
inline constexpr int kMessageNestingMax = 32;

// A free-standing message keeps up to this much memory for its next content when it is cleared.
// Above it the memory is given back, so that one large message does not stay for ever.
inline constexpr size_t kRetainedBytesMax = 64 * 1024;

// Numbers of extensions whose memory a message keeps for its next content when it is cleared. Above
// it they are forgotten, so that a peer who sends other numbers each time does not make the set
// grow for ever.
inline constexpr uint32_t kRetainedExtensionsMax = 64;

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_LIMITS_H_
