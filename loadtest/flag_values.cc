#include "penstock/loadtest/flag_values.h"

#include <optional>

#include "penstock/loadtest/payload.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {

std::string TakeDuration(const std::string& flag, const std::string& text, TimeNs min,
                         TimeNs* value) {
  if (text.empty()) return "";
  const std::optional<TimeNs> parsed = ParseDuration(text);
  if (!parsed) return WrongValue(flag, text, kDurationForm);
  if (*parsed < min) {
    return WrongValue(flag, text, "long enough: give " + FormatSpan(min) + " or more");
  }
  *value = *parsed;
  return "";
}

std::string TakeNumber(const std::string& flag, const std::string& text, int64_t max,
                       int64_t* value) {
  if (text.empty()) return "";
  const std::optional<int64_t> parsed = ParseCount(text);
  if (!parsed) return WrongValue(flag, text, kCountForm);
  if (*parsed < 1 || *parsed > max) {
    return WrongValue(flag, text, "between 1 and " + std::to_string(max));
  }
  *value = *parsed;
  return "";
}

}  // namespace penstock::loadtest
