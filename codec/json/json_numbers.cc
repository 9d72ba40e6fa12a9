#include "penstock/codec/json/json_numbers.h"

#include <charconv>
#include <limits>
#include <system_error>

namespace penstock::codec::json {
namespace {

// Exponents are read up to here: more makes every number but zero too large, or a fraction.
constexpr int64_t kExponentMax = 1'000'000'000;

// 2^64 has twenty digits.
constexpr int64_t kIntegerDigitsMax = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t DigitsAt(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

// WHOLE.FRACTION * 10^exponent, as it is spelt. The digits have zeros at their outer ends.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;
};

Parts PartsOf(std::string_view spelling) {
  Parts parts;
  size_t at = 0;
  if (spelling[at] == '-') {
    parts.negative = true;
    ++at;
  }
  parts.whole = spelling.substr(at, DigitsAt(spelling, at));
  at += parts.whole.size();
  if (at < spelling.size() && spelling[at] == '.') {
    parts.fraction = spelling.substr(at + 1, DigitsAt(spelling, at + 1));
    at += 1 + parts.fraction.size();
  }
  if (at == spelling.size()) return parts;
  ++at;  // the e
  const bool negative = spelling[at] == '-';
  if (negative || spelling[at] == '+') ++at;
  for (; at < spelling.size() && parts.exponent < kExponentMax; ++at) {
    parts.exponent = parts.exponent * 10 + (spelling[at] - '0');
  }
  if (negative) parts.exponent = -parts.exponent;
  return parts;
}

// Digit `index` of whole and fraction together.
unsigned DigitOf(const Parts& parts, size_t index) {
  const char c =
      index < parts.whole.size() ? parts.whole[index] : parts.fraction[index - parts.whole.size()];
  return static_cast<unsigned>(c - '0');
}

// The size of an integer, without its sign. Its digits are those from the first to the last that
// are not zero, and then as many zeros as the exponent says.
NumberFault MagnitudeOf(const Parts& parts, uint64_t* magnitude) {
  size_t first = 0;
  size_t end = parts.whole.size() + parts.fraction.size();
  while (first < end && DigitOf(parts, first) == 0) ++first;
  *magnitude = 0;
  if (first == end) return NumberFault::kNone;
  int64_t zeros = parts.exponent - static_cast<int64_t>(parts.fraction.size());
  for (; DigitOf(parts, end - 1) == 0; --end) ++zeros;
  if (zeros < 0) return NumberFault::kFraction;
  if (static_cast<int64_t>(end - first) + zeros > kIntegerDigitsMax) {
    return NumberFault::kOutOfRange;
  }
  uint64_t sum = 0;
  for (size_t i = first; i < end + static_cast<size_t>(zeros); ++i) {
    const unsigned digit = i < end ? DigitOf(parts, i) : 0;
    if (__builtin_mul_overflow(sum, 10u, &sum) || __builtin_add_overflow(sum, digit, &sum)) {
      return NumberFault::kOutOfRange;
    }
  }
  *magnitude = sum;
  return NumberFault::kNone;
}

template <typename Integer>
NumberFault ParseInteger(std::string_view spelling, Integer* value) {
  if (spelling.empty() || NumberBytes(spelling) != spelling.size()) return NumberFault::kNoNumber;
  const Parts parts = PartsOf(spelling);
  uint64_t magnitude = 0;
  const NumberFault fault = MagnitudeOf(parts, &magnitude);
  if (fault != NumberFault::kNone) return fault;
  // Of a signed type one more fits below zero than above; of an unsigned one, nothing but -0.
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<Integer>::max());
  constexpr uint64_t kMin = std::numeric_limits<Integer>::is_signed ? kMax + 1 : 0;
  if (magnitude > (parts.negative ? kMin : kMax)) return NumberFault::kOutOfRange;
  *value = static_cast<Integer>(parts.negative ? uint64_t{0} - magnitude : magnitude);
  return NumberFault::kNone;
}

// True of a number that is not small: its first digit that is not zero stands before the point.
bool ReachesOne(const Parts& parts) {
  const size_t digit_count = parts.whole.size() + parts.fraction.size();
  size_t first = 0;
  while (first < digit_count && DigitOf(parts, first) == 0) ++first;
  if (first == digit_count) return false;
  return parts.exponent + static_cast<int64_t>(parts.whole.size()) > static_cast<int64_t>(first);
}

template <typename Number>
NumberFault ParseFloating(std::string_view spelling, Number* value) {
  if (spelling.empty() || NumberBytes(spelling) != spelling.size()) return NumberFault::kNoNumber;
  const auto parsed = std::from_chars(spelling.data(), spelling.data() + spelling.size(), *value);
  if (parsed.ec == std::errc()) return NumberFault::kNone;
  // Too large or too small, and from_chars does not say which.
  const Parts parts = PartsOf(spelling);
  if (ReachesOne(parts)) return NumberFault::kOutOfRange;
  *value = parts.negative ? -Number{0} : Number{0};
  return NumberFault::kNone;
}

}  // namespace

size_t NumberBytes(std::string_view text) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  size_t digits = DigitsAt(text, at);
  if (digits == 0) return 0;
  // No digit stands behind a leading zero.
  at += text[at] == '0' ? 1 : digits;
  if (at < text.size() && text[at] == '.') {
    digits = DigitsAt(text, at + 1);
    if (digits == 0) return 0;
    at += 1 + digits;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    digits = DigitsAt(text, at);
    if (digits == 0) return 0;
    at += digits;
  }
  return at;
}

NumberFault ParseNumber(std::string_view spelling, int32_t* value) {
  return ParseInteger(spelling, value);
}
NumberFault ParseNumber(std::string_view spelling, int64_t* value) {
  return ParseInteger(spelling, value);
}
NumberFault ParseNumber(std::string_view spelling, uint32_t* value) {
  return ParseInteger(spelling, value);
}
NumberFault ParseNumber(std::string_view spelling, uint64_t* value) {
  return ParseInteger(spelling, value);
}
NumberFault ParseNumber(std::string_view spelling, float* value) {
  return ParseFloating(spelling, value);
}
NumberFault ParseNumber(std::string_view spelling, double* value) {
  return ParseFloating(spelling, value);
}

}  // namespace penstock::codec::json
