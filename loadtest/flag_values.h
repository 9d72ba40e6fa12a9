// What is written behind a flag, as a number or a time. Each returns what is wrong, "" when nothing
// is, or when `text` is empty, that is, was not given: then `*value` stays as it is.
#ifndef PENSTOCK_LOADTEST_FLAG_VALUES_H_
#define PENSTOCK_LOADTEST_FLAG_VALUES_H_

#include <cstdint>
#include <string>

#include "penstock/wire/time.h"

namespace CLI {
class App;
}

namespace penstock::loadtest {

// A sentence about the first flag that was given the empty text, behind app.parse(); "": none was.
// In a script that is a variable that is not set, and it must not turn off what the flag is for.
std::string DescribeEmptyFlag(const CLI::App& app);

// "1.5s", of `min` at least; a bare number is seconds.
std::string TakeDuration(const std::string& flag, const std::string& text, TimeNs min,
                         TimeNs* value);

// "10k", from 1 to `max`.
std::string TakeNumber(const std::string& flag, const std::string& text, int64_t max,
                       int64_t* value);
template <typename Integer>
std::string TakeCount(const std::string& flag, const std::string& text, int64_t max,
                      Integer* value) {
  auto number = static_cast<int64_t>(*value);
  std::string trouble = TakeNumber(flag, text, max, &number);
  *value = static_cast<Integer>(number);
  return trouble;
}

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FLAG_VALUES_H_
