#include "penstock/rpc/timeout.h"

#include <charconv>

#include "penstock/wire/check.h"

namespace penstock::rpc {
namespace {

struct Unit {
  char letter;
  TimeNs ns;
};

// Finest first.
constexpr Unit kUnits[] = {{'n', 1},
                           {'u', kNsPerUs},
                           {'m', kNsPerMs},
                           {'S', kNsPerSecond},
                           {'M', 60 * kNsPerSecond},
                           {'H', 3600 * kNsPerSecond}};
constexpr TimeNs kNumberMax = 99'999'999;

}  // namespace

std::optional<TimeNs> ParseTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kTimeoutBytesMax) return std::nullopt;
  TimeNs number = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    TimeNs timeout_ns = 0;
    return __builtin_mul_overflow(number, unit.ns, &timeout_ns) ? kTimeNever : timeout_ns;
  }
  return std::nullopt;
}

size_t FormatTimeout(TimeNs timeout_ns, char* out) {
  PENSTOCK_DCHECK(timeout_ns > 0, "a deadline that has passed is not sent");
  for (const Unit& unit : kUnits) {
    const TimeNs number = timeout_ns / unit.ns + (timeout_ns % unit.ns != 0 ? 1 : 0);
    if (number > kNumberMax) continue;
    char* end = std::to_chars(out, out + kTimeoutBytesMax, number).ptr;
    *end++ = unit.letter;
    return static_cast<size_t>(end - out);
  }
  PENSTOCK_CHECK(false, "64 bits of nanoseconds are 2,562,048 hours at most");
  return 0;
}

}  // namespace penstock::rpc
