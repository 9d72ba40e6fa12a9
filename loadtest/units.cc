#include "penstock/loadtest/units.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <span>

namespace penstock::loadtest {
namespace {

struct Unit {
  std::string_view name;
  int64_t scale;
};

// `value` with `digits` significant ones, at least those before the point.
std::string Significant(double value, int digits) {
  int before = 1;
  for (double bound = 10; value >= bound && before < digits; bound *= 10) ++before;
  const int after = digits - before;
  // 9.996 has one digit before the point, but "10.00" two.
  const double rounded_up = std::pow(10, before) - 0.5 * std::pow(10, -after);
  const int shown = value >= rounded_up ? std::max(after - 1, 0) : after;
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", shown, value);
  return text;
}

// Divides by the largest scale that leaves at least 1 (after rounding).
std::string Scaled(double value, int digits, std::span<const Unit> units, double round_up) {
  const Unit* chosen = &units.front();
  for (const Unit& unit : units) {
    if (value >= static_cast<double>(unit.scale) * round_up) chosen = &unit;
  }
  const double shown = value / static_cast<double>(chosen->scale);
  if (chosen->scale == 1) digits = shown == std::floor(shown) ? 1 : digits;
  return Significant(shown, digits) + std::string(chosen->name);
}

}  // namespace

std::string FormatDuration(double duration_ns) {
  static constexpr Unit kUnits[] = {
      {"ns", 1}, {"us", kNsPerUs}, {"ms", kNsPerMs}, {"s", kNsPerSecond}};
  return Scaled(duration_ns, 3, kUnits, 0.9995);
}

std::string FormatRate(double per_second) {
  static constexpr Unit kUnits[] = {{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}};
  return Scaled(per_second, 4, kUnits, 0.99995);
}

std::string FormatBytes(double bytes) {
  static constexpr Unit kUnits[] = {
      {" B", 1}, {" KiB", 1 << 10}, {" MiB", 1 << 20}, {" GiB", 1 << 30}};
  return Scaled(bytes, 3, kUnits, 0.9995);
}

std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

std::string Plural(uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace penstock::loadtest
