#include "penstock/wire/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace penstock::wire {
namespace {

// Levenshtein's distance, one row at a time.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestOf(std::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest;
  size_t fewest = word.size() + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = Distance(word, candidate);
    if (distance >= fewest || distance * 3 > std::max(word.size(), candidate.size())) continue;
    fewest = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace penstock::wire
