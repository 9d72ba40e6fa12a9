#include "penstock/wire/quoted.h"

#include <algorithm>

namespace penstock::wire {

std::string Quoted(std::string_view text, size_t bytes_max) {
  std::string quoted(text.substr(0, bytes_max));
  std::replace_if(
      quoted.begin(), quoted.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > bytes_max) quoted += "...";
  return quoted;
}

}  // namespace penstock::wire
