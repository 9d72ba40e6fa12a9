#include "penstock/wire/units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>

namespace penstock::wire {
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

std::string FormatByteSize(uint64_t bytes) {
  static constexpr struct {
    const char* name;
    int shift;
  } kUnits[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
  for (const auto& unit : kUnits) {
    const uint64_t scale = uint64_t{1} << unit.shift;
    if (bytes >= scale && bytes % scale == 0) return std::to_string(bytes / scale) + unit.name;
  }
  return std::to_string(bytes);
}

}  // namespace penstock::wire
