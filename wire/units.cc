#include "penstock/wire/units.h"

#include <algorithm>
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

// Digits alone, "" is nothing.
std::optional<int64_t> ParseDigits(std::string_view digits) {
  int64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9' || __builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_add_overflow(value, int64_t{digit - '0'}, &value)) {
      return std::nullopt;
    }
  }
  return value;
}

// "1.5" times `scale`, if that is whole.
std::optional<int64_t> Scale(std::string_view number, int64_t scale) {
  const size_t point = std::min(number.find('.'), number.size());
  std::string_view fraction = number.substr(std::min(point + 1, number.size()));
  if (point + fraction.size() == 0) return std::nullopt;  // no digit at all
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  const std::optional<int64_t> whole = ParseDigits(number.substr(0, point));
  const std::optional<int64_t> parts = ParseDigits(fraction);
  constexpr size_t kDigitsMax = 18;  // of an int64_t
  if (!whole || !parts || fraction.size() > kDigitsMax) return std::nullopt;
  int64_t ten_to_the_digits = 1;
  for (size_t i = 0; i < fraction.size(); ++i) ten_to_the_digits *= 10;
  const auto product = static_cast<unsigned __int128>(*parts) * static_cast<uint64_t>(scale);
  const auto divisor = static_cast<uint64_t>(ten_to_the_digits);
  int64_t value = 0;
  if (product % divisor != 0 || __builtin_mul_overflow(*whole, scale, &value) ||
      __builtin_add_overflow(value, static_cast<int64_t>(product / divisor), &value)) {
    return std::nullopt;
  }
  return value;
}

// Takes "1.5s" from the front of *text. The value must be whole in the smallest unit.
std::optional<int64_t> TakeQuantity(std::string_view* text, std::span<const Unit> units) {
  const size_t digits = std::min(text->find_first_not_of("0123456789."), text->size());
  const std::string_view number = text->substr(0, digits);
  text->remove_prefix(digits);
  const auto unit = std::find_if(units.begin(), units.end(), [text](const Unit& candidate) {
    return text->starts_with(candidate.name);
  });
  if (unit == units.end()) return std::nullopt;
  text->remove_prefix(unit->name.size());
  return Scale(number, unit->scale);
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

std::optional<TimeNs> ParseSpan(std::string_view text) {
  const bool is_bare = text.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_bare ? ParseDuration(std::string(text) + "s") : ParseDuration(text);
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
  // The largest of these that it has one of; behind minutes always seconds: "1m0.5s".
  const bool in_seconds = !text.empty() || duration_ns >= kNsPerSecond;
  const Unit unit = in_seconds                 ? Unit{"s", kNsPerSecond}
                    : duration_ns >= kNsPerMs ? Unit{"ms", kNsPerMs}
                    : duration_ns >= kNsPerUs ? Unit{"us", kNsPerUs}
                                              : Unit{"ns", 1};
  text += std::to_string(duration_ns / unit.scale);
  if (const int64_t parts = duration_ns % unit.scale; parts != 0) {
    std::string fraction = std::to_string(unit.scale + parts);  // with its zeros, behind a 1
    fraction.front() = '.';
    text += fraction.substr(0, fraction.find_last_not_of('0') + 1);
  }
  return text.append(unit.name);
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
