#include "penstock/loadtest/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>

namespace penstock::loadtest {
namespace {

struct Unit {
  std::string_view name;
  int64_t scale;
};

// Longer names before their own beginnings.
constexpr Unit kDurationUnits[] = {
    {"ns", 1},           {"us", kNsPerUs},         {"ms", kNsPerMs},
    {"s", kNsPerSecond}, {"m", 60 * kNsPerSecond}, {"h", 3600 * kNsPerSecond},
};
constexpr Unit kCountUnits[] = {{"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}, {"", 1}};
constexpr Unit kByteUnits[] = {
    {"KiB", 1 << 10},  {"MiB", 1 << 20},      {"GiB", 1 << 30}, {"kB", 1'000}, {"KB", 1'000},
    {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"B", 1},         {"", 1},
};

// Takes "1.5s" from the front of *text. The value must be whole in the smallest unit.
std::optional<int64_t> TakeQuantity(std::string_view* text, std::span<const Unit> units) {
  const size_t digits = std::min(text->find_first_not_of("0123456789."), text->size());
  const std::string_view number = text->substr(0, digits);
  text->remove_prefix(digits);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || error != std::errc() || end != number.data() + number.size()) {
    return std::nullopt;
  }
  const auto unit = std::find_if(units.begin(), units.end(), [text](const Unit& candidate) {
    return text->starts_with(candidate.name);
  });
  if (unit == units.end()) return std::nullopt;
  text->remove_prefix(unit->name.size());
  // Doubles are exact up to 2^53; a little beyond is more than anyone asks for.
  const double scaled = value * static_cast<double>(unit->scale);
  const double whole = std::round(scaled);
  if (whole > 9e18 || std::abs(scaled - whole) > 1e-6 * std::max(1.0, scaled)) return std::nullopt;
  return static_cast<int64_t>(whole);
}

std::optional<int64_t> ParseOne(std::string_view text, std::span<const Unit> units) {
  const std::optional<int64_t> value = TakeQuantity(&text, units);
  return text.empty() ? value : std::nullopt;
}

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

std::optional<TimeNs> ParseDuration(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  TimeNs total_ns = 0;
  while (!text.empty()) {
    const std::optional<int64_t> part = TakeQuantity(&text, kDurationUnits);
    if (!part) return std::nullopt;
    total_ns = SaturatingAdd(total_ns, *part);
  }
  return total_ns == kTimeNever ? std::nullopt : std::optional<TimeNs>(total_ns);
}

std::optional<int64_t> ParseCount(std::string_view text) { return ParseOne(text, kCountUnits); }

std::optional<int64_t> ParseByteSize(std::string_view text) { return ParseOne(text, kByteUnits); }

std::string FormatDuration(double duration_ns) {
  static constexpr Unit kUnits[] = {
      {"ns", 1}, {"us", kNsPerUs}, {"ms", kNsPerMs}, {"s", kNsPerSecond}};
  return Scaled(duration_ns, 3, kUnits, 0.9995);
}

std::string FormatSpan(TimeNs duration_ns) {
  std::string text;
  const auto take = [&text, &duration_ns](TimeNs unit_ns, const char* name) {
    if (duration_ns < unit_ns) return;
    text += std::to_string(duration_ns / unit_ns) + name;
    duration_ns %= unit_ns;
  };
  take(3600 * kNsPerSecond, "h");
  take(60 * kNsPerSecond, "m");
  if (duration_ns == 0) return text.empty() ? "0s" : text;
  const bool in_ms = duration_ns < kNsPerSecond && duration_ns % kNsPerMs == 0 && text.empty();
  char rest[40];
  std::snprintf(rest, sizeof rest, "%.9g%s",
                static_cast<double>(duration_ns) / (in_ms ? kNsPerMs : kNsPerSecond),
                in_ms ? "ms" : "s");
  return text + rest;
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

}  // namespace penstock::loadtest
