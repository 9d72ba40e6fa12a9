// "did you mean": the nearest of the words that would have been right.
#ifndef PENSTOCK_WIRE_SUGGESTION_H_
#define PENSTOCK_WIRE_SUGGESTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace penstock::wire {

// The candidate that takes the fewest changes (a letter replaced, inserted, dropped, or swapped
// with its neighbour; case is free), or "" when that is more than a third of the letters of `word`.
std::string NearestOf(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_SUGGESTION_H_
