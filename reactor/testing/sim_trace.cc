#include "penstock/reactor/testing/sim_trace.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstring>

namespace penstock::reactor {
namespace {

constexpr uint64_t kFnvPrime = 0x100000001b3;

}  // namespace

void SimTrace::Note(TimeNs now, const char* format, ...) {
  std::array<char, kLineBytesMax> line;
  va_list arguments;
  va_start(arguments, format);
  const int bytes = std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  const size_t shown_bytes = std::min(static_cast<size_t>(std::max(bytes, 0)), line.size() - 1);
  ++lines_count_;
  Hash({reinterpret_cast<const uint8_t*>(&now), sizeof(now)});
  Hash({reinterpret_cast<const uint8_t*>(line.data()), shown_bytes});
  if (out_ == nullptr) return;
  std::fprintf(out_, "%14.6f ms  %s\n", static_cast<double>(now) / kNsPerMs, line.data());
}

// Eight octets a step: a run has megabytes of them.
void SimTrace::Hash(wire::Bytes bytes) {
  hash_ = (hash_ ^ bytes.size()) * kFnvPrime;
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t count = std::min(bytes.size(), sizeof(word));
    std::memcpy(&word, bytes.data(), count);
    hash_ = (hash_ ^ word) * kFnvPrime;
    hash_ ^= hash_ >> 32;
    bytes = bytes.subspan(count);
  }
}

}  // namespace penstock::reactor
