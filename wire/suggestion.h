// "did you mean": the nearest of the words that would have been right.
#ifndef PENSTOCK_WIRE_SUGGESTION_H_
#define PENSTOCK_WIRE_SUGGESTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace penstock::wire {

// The candidate with the fewest insertions, deletions and replacements between it and `word`; ""
// when even that differs in more than a third of the longer one.
std::string NearestOf(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_SUGGESTION_H_
