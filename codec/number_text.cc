#include "penstock/codec/number_text.h"

#include <charconv>
#include <string_view>

namespace penstock::codec {
namespace {

// "-1.2345e-300" has the most: sign, 17 digits and a point, and an exponent of five characters.
constexpr size_t kLongestNumber = 32;

// Decimal exponents below this are written with an `e`, as printf does.
constexpr int kExponentMin = -4;

// A number in its parts: 0.DIGITS * 10^(exponent + 1).
struct Decimal {
  std::string_view digits;
  int exponent;
};

// `text` is what to_chars writes in scientific form, without its sign; the point is taken out.
Decimal Split(char* text, const char* end) {
  const char* e = text;
  while (*e != 'e') ++e;
  Decimal decimal;
  const char* sign = e + 1;
  std::from_chars(*sign == '+' ? sign + 1 : sign, end, decimal.exponent);
  size_t digit_count = 1;
  if (text[1] == '.') {
    text[1] = text[0];
    ++text;
    digit_count = static_cast<size_t>(e - text);
  }
  decimal.digits = {text, digit_count};
  return decimal;
}

void AppendExponent(int exponent, std::string* out) {
  *out += exponent < 0 ? "e-" : "e+";
  const int size = exponent < 0 ? -exponent : exponent;
  if (size < 10) *out += '0';
  *out += std::to_string(size);
}

// `few` and `many`: the precisions of %g that are tried, and decide where exponents begin.
void Append(Decimal decimal, int few, int many, std::string* out) {
  const std::string_view digits = decimal.digits;
  const int count = static_cast<int>(digits.size());
  const int precision = count <= few ? few : many;
  if (decimal.exponent < kExponentMin || decimal.exponent >= precision) {
    *out += digits[0];
    if (count > 1) out->append(".").append(digits.substr(1));
    AppendExponent(decimal.exponent, out);
  } else if (decimal.exponent < 0) {
    out->append("0.").append(static_cast<size_t>(-decimal.exponent - 1), '0').append(digits);
  } else if (decimal.exponent + 1 >= count) {
    out->append(digits).append(static_cast<size_t>(decimal.exponent + 1 - count), '0');
  } else {
    const auto whole = static_cast<size_t>(decimal.exponent + 1);
    out->append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
  }
}

template <typename Number>
void AppendShortest(Number value, int few, int many, std::string* out) {
  char buffer[kLongestNumber];
  char* text = buffer;
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  if (*text == '-') {
    *out += '-';
    ++text;
  }
  Append(Split(text, written.ptr), few, many, out);
}

}  // namespace

void AppendNumber(double value, std::string* out) { AppendShortest(value, 15, 17, out); }
void AppendNumber(float value, std::string* out) { AppendShortest(value, 6, 9, out); }

}  // namespace penstock::codec
