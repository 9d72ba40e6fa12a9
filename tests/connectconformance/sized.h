// Sized messages, as connectconformance exchanges them with a program under test by its standard
// input and output: four octets of length, in network order, and a message.
#ifndef PENSTOCK_TESTS_CONNECTCONFORMANCE_SIZED_H_
#define PENSTOCK_TESTS_CONNECTCONFORMANCE_SIZED_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "penstock/wire/endian.h"

namespace penstock::connectconformance {

inline constexpr uint32_t kSizedBytesMax = 16 * 1024 * 1024;

// False: the input ends before its end.
inline bool ReadSized(std::string* message) {
  uint8_t length[4];
  if (std::fread(length, 1, sizeof(length), stdin) != sizeof(length)) return false;
  const uint32_t bytes = wire::LoadBig32(length);
  if (bytes > kSizedBytesMax) return false;
  message->resize(bytes);
  return std::fread(message->data(), 1, bytes, stdin) == bytes;
}

inline bool WriteSized(std::string_view message) {
  uint8_t length[4];
  wire::StoreBig32(length, static_cast<uint32_t>(message.size()));
  return std::fwrite(length, 1, sizeof(length), stdout) == sizeof(length) &&
         std::fwrite(message.data(), 1, message.size(), stdout) == message.size() &&
         std::fflush(stdout) == 0;
}

}  // namespace penstock::connectconformance

#endif  // PENSTOCK_TESTS_CONNECTCONFORMANCE_SIZED_H_
