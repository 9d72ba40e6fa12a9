// Fixed-width integers in network order (HTTP/2 frames, the message prefix) and in little-endian
// order (Protocol Buffers), at any alignment.
#ifndef PENSTOCK_WIRE_ENDIAN_H_
#define PENSTOCK_WIRE_ENDIAN_H_

#include <cstdint>
#include <cstring>

namespace penstock::wire {

inline uint16_t LoadBig16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

inline uint32_t LoadBig24(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
}

inline uint32_t LoadBig32(const uint8_t* p) {
  uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return __builtin_bswap32(value);
}

inline uint64_t LoadBig64(const uint8_t* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return __builtin_bswap64(value);
}

inline void StoreBig16(uint8_t* p, uint16_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}

inline void StoreBig24(uint8_t* p, uint32_t value) {
  p[0] = static_cast<uint8_t>(value >> 16);
  p[1] = static_cast<uint8_t>(value >> 8);
  p[2] = static_cast<uint8_t>(value);
}

inline void StoreBig32(uint8_t* p, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(p, &value, sizeof value);
}

inline void StoreBig64(uint8_t* p, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(p, &value, sizeof value);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the loads below assume little-endian");

inline uint32_t LoadLittle32(const uint8_t* p) {
  uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

inline uint64_t LoadLittle64(const uint8_t* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

inline void StoreLittle32(uint8_t* p, uint32_t value) { std::memcpy(p, &value, sizeof value); }
inline void StoreLittle64(uint8_t* p, uint64_t value) { std::memcpy(p, &value, sizeof value); }

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_ENDIAN_H_
