// Figures: what two results are compared by, each with the range that the repeats of a run gave it.
//
//     const std::vector<Figure> figures = FiguresOf(record);
//     const std::optional<Change> change = ChangeOf(figures_before[i], figures_after[i]);
//
// A figure is the median of what each run of --repeat has. Where the ranges of two results overlap,
// from the lowest run to the highest, their difference is within the noise; but not where the
// medians are further apart than twice what the runs of either spread without the lowest and the
// highest fifth, since one run that strays must not excuse all others. Two times five runs of the
// same server lie apart once in 36 times, two times three once in 10 (normally distributed).
#ifndef PENSTOCK_LOADTEST_RESULTS_FIGURES_H_
#define PENSTOCK_LOADTEST_RESULTS_FIGURES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

struct Figure {
  std::string name;  // "rps", "p99", ...
  bool more_is_better = false;
  std::string (*format)(double value) = nullptr;
  std::optional<double> value;  // the median; empty: not known in each run
  double low = 0;
  double high = 0;
  double spread = 0;  // from low to high, without a fifth of the runs at each end
  size_t runs_count = 1;
  bool is_judged = false;  // by --baseline
};

// Always as many, in the same order: rps, p50, p90, p99, p99.9 and p99.99 (of the response, in a
// closed loop of the service), messages a second of streams, and the server's processor time for a
// call.
std::vector<Figure> FiguresOf(const RunRecord& record);

struct Change {
  double ratio = 1;             // after to before
  double worse_by = 0;          // a share of before; below zero: better
  bool noise_is_known = false;  // by repeats of one of both
  bool is_within_noise = false;
};
// Empty where one of both is not known, or nothing can be said beside zero.
std::optional<Change> ChangeOf(const Figure& before, const Figure& after);

// "1.67ms to 1.91ms".
std::string FormatRange(const Figure& figure);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_FIGURES_H_
