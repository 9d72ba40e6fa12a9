#include "penstock/loadtest/flag_values.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "penstock/loadtest/payload.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {

std::string DescribeEmptyFlag(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string>& texts = option->results();
    if (std::find(texts.begin(), texts.end(), "") == texts.end()) continue;
    return option->get_name() +
           " is empty, as by a variable that is not set: give it a value, or leave it out";
  }
  return "";
}

std::string TakeDuration(const std::string& flag, const std::string& text, TimeNs min,
                         TimeNs* value) {
  if (text.empty()) return "";
  const std::optional<TimeNs> parsed = ParseSpan(text);
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
