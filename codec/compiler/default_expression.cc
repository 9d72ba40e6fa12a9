#include "penstock/codec/compiler/default_expression.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace penstock::codec::compiler {
namespace {

std::string FloatingLiteral(double value, bool is_float) {
  const std::string limits =
      is_float ? "std::numeric_limits<float>::" : "std::numeric_limits<double>::";
  if (std::isnan(value)) return limits + "quiet_NaN()";
  if (std::isinf(value)) return (value < 0 ? "-" : "") + limits + "infinity()";
  char digits[40];
  std::snprintf(digits, sizeof digits, is_float ? "%.9g" : "%.17g", value);
  std::string literal(digits);
  if (literal.find_first_of(".e") == std::string::npos) literal += ".0";
  return is_float ? literal + "f" : literal;
}

// Octal escapes are at most three digits long, so that what follows never joins them.
std::string TextLiteral(std::string_view text) {
  std::string literal = "std::string_view(\"";
  for (unsigned char c : text) {
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '?') {
      literal += static_cast<char>(c);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\%03o", c);
      literal += escape;
    }
  }
  return literal + "\", " + std::to_string(text.size()) + ")";
}

}  // namespace

std::string Int32Literal(int32_t value) {
  return value == INT32_MIN ? "-2147483647 - 1" : std::to_string(value);
}

std::string DefaultExpression(const FieldDescriptor& field, const std::string& type) {
  if (field.repeated() || IsMessage(field.type)) return "";
  if (field.type == FieldType::kEnum) {
    const int32_t number = field.default_value.has_value()
                               ? static_cast<int32_t>(field.default_value->integer)
                           : field.has_presence ? field.enumeration->values.front().number
                                                : 0;
    return number == 0 ? "" : "static_cast<" + type + ">(" + Int32Literal(number) + ")";
  }
  if (!field.default_value.has_value()) return "";
  const DefaultValue& value = *field.default_value;
  if (IsText(field.type)) return value.text.empty() ? "" : TextLiteral(value.text);
  if (field.type == FieldType::kDouble || field.type == FieldType::kFloat) {
    const bool is_zero = value.number == 0 && !std::signbit(value.number);
    return is_zero ? "" : FloatingLiteral(value.number, field.type == FieldType::kFloat);
  }
  if (value.integer == 0) return "";
  if (field.type == FieldType::kBool) return "true";
  if (type == "int64_t") {
    const auto number = static_cast<int64_t>(value.integer);
    if (number == INT64_MIN) return "-9223372036854775807 - 1";
    return "int64_t{" + std::to_string(number) + "}";
  }
  if (type == "int32_t") return Int32Literal(static_cast<int32_t>(value.integer));
  return std::to_string(value.integer) + "u";
}

}  // namespace penstock::codec::compiler
