#include "penstock/codec/json/time_text.h"

#include <chrono>
#include <cstddef>

namespace penstock::codec::json {
namespace {

constexpr int64_t kTimestampMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kTimestampMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr int64_t kDurationMax = 315'576'000'000;
constexpr int32_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr size_t kFractionDigitsMax = 9;

// Takes what stands in front of a text.
class Taker {
 public:
  explicit Taker(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits.
  bool TakeDigits(size_t digit_count, int* value) {
    if (CountDigits() < digit_count) return false;
    *value = 0;
    for (size_t i = 0; i < digit_count; ++i) *value = *value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(digit_count);
    return true;
  }
  // A number of digits that an int64_t surely holds.
  bool TakeInteger(int64_t* value) {
    constexpr size_t kDigitsMax = 18;
    const size_t digit_count = CountDigits();
    if (digit_count == 0 || digit_count > kDigitsMax) return false;
    *value = 0;
    for (size_t i = 0; i < digit_count; ++i) *value = *value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(digit_count);
    return true;
  }
  // ".5", or nothing.
  bool TakeFraction(int32_t* nanos) {
    *nanos = 0;
    if (!Take('.')) return true;
    const size_t digit_count = CountDigits();
    if (digit_count == 0 || digit_count > kFractionDigitsMax) return false;
    for (size_t i = 0; i < kFractionDigitsMax; ++i) {
      *nanos = *nanos * 10 + (i < digit_count ? rest_[i] - '0' : 0);
    }
    rest_.remove_prefix(digit_count);
    return true;
  }

 private:
  size_t CountDigits() const {
    size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    return count;
  }

  std::string_view rest_;
};

void AppendDigits(int64_t value, int digit_count, std::string* out) {
  const size_t begin = out->size();
  out->append(static_cast<size_t>(digit_count), '0');
  for (size_t i = out->size(); i > begin; --i, value /= 10) {
    (*out)[i - 1] = static_cast<char>('0' + value % 10);
  }
}

// In groups of three digits, as few as are needed.
void AppendFraction(int32_t nanos, std::string* out) {
  if (nanos == 0) return;
  int digit_count = 9;
  for (; nanos % 1000 == 0; nanos /= 1000) digit_count -= 3;
  *out += '.';
  AppendDigits(nanos, digit_count, out);
}

// "Z" or "+01:30": how far the local time is ahead.
bool TakeOffset(Taker& text, int64_t* offset_s) {
  *offset_s = 0;
  if (text.Take('Z')) return true;
  const bool behind = text.Take('-');
  if (!behind && !text.Take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!text.TakeDigits(2, &hours) || !text.Take(':') || !text.TakeDigits(2, &minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  *offset_s = (hours * 60 + minutes) * 60;
  if (behind) *offset_s = -*offset_s;
  return true;
}

bool IsTimestamp(SecondsAndNanos time) {
  return time.seconds >= kTimestampMin && time.seconds <= kTimestampMax && time.nanos >= 0 &&
         time.nanos < kNanosPerSecond;
}

bool IsDuration(SecondsAndNanos time) {
  if (time.seconds < -kDurationMax || time.seconds > kDurationMax) return false;
  if (time.nanos <= -kNanosPerSecond || time.nanos >= kNanosPerSecond) return false;
  return !(time.seconds < 0 && time.nanos > 0) && !(time.seconds > 0 && time.nanos < 0);
}

}  // namespace

bool AppendTimestamp(SecondsAndNanos time, std::string* out) {
  if (!IsTimestamp(time)) return false;
  const int64_t since_min = time.seconds - kTimestampMin;
  const auto day = static_cast<int>(since_min / kSecondsPerDay + kTimestampMin / kSecondsPerDay);
  const int64_t of_day = since_min % kSecondsPerDay;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  AppendDigits(static_cast<int>(date.year()), 4, out);
  *out += '-';
  AppendDigits(static_cast<unsigned>(date.month()), 2, out);
  *out += '-';
  AppendDigits(static_cast<unsigned>(date.day()), 2, out);
  *out += 'T';
  AppendDigits(of_day / 3600, 2, out);
  *out += ':';
  AppendDigits(of_day / 60 % 60, 2, out);
  *out += ':';
  AppendDigits(of_day % 60, 2, out);
  AppendFraction(time.nanos, out);
  *out += 'Z';
  return true;
}

bool ParseTimestamp(std::string_view text, SecondsAndNanos* time) {
  Taker rest(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int64_t offset_s = 0;
  const bool is_date = rest.TakeDigits(4, &year) && rest.Take('-') && rest.TakeDigits(2, &month) &&
                       rest.Take('-') && rest.TakeDigits(2, &day) && rest.Take('T');
  const bool is_time = is_date && rest.TakeDigits(2, &hour) && rest.Take(':') &&
                       rest.TakeDigits(2, &minute) && rest.Take(':') &&
                       rest.TakeDigits(2, &second) && rest.TakeFraction(&time->nanos);
  if (!is_time || !TakeOffset(rest, &offset_s) || !rest.done()) return false;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  time->seconds = days * kSecondsPerDay + (hour * 60 + minute) * 60 + second - offset_s;
  return IsTimestamp(*time);
}

bool AppendDuration(SecondsAndNanos time, std::string* out) {
  if (!IsDuration(time)) return false;
  const bool negative = time.seconds < 0 || time.nanos < 0;
  if (negative) *out += '-';
  *out += std::to_string(negative ? -time.seconds : time.seconds);
  AppendFraction(negative ? -time.nanos : time.nanos, out);
  *out += 's';
  return true;
}

bool ParseDuration(std::string_view text, SecondsAndNanos* time) {
  Taker rest(text);
  const bool negative = rest.Take('-');
  if (!rest.TakeInteger(&time->seconds) || !rest.TakeFraction(&time->nanos)) return false;
  if (!rest.Take('s') || !rest.done()) return false;
  if (negative) {
    time->seconds = -time->seconds;
    time->nanos = -time->nanos;
  }
  return IsDuration(*time);
}

}  // namespace penstock::codec::json
