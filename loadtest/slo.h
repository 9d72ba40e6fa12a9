// Slo: what a run must keep to be good: "p99<5ms,err<0.1%".
//
//     Slo slo;
//     if (std::string trouble = ParseSlo("p99<5ms,err<0.1%", &slo); !trouble.empty()) ...
//     std::string missed = MissedOf(slo, result);      // "p99 7.21ms" ..., "" when all was kept
//
// p50 p90 p99 p99.9 p99.99 max are of the response latency in an open loop, of the service latency
// in a closed one, and are judged however few the samples: over all calls that were due, of which
// one without an answer at the end took as long as it had waited, and one that failed or was
// dropped longer than any bound. err is the share of those that failed or were dropped; where there
// is such a condition, it alone judges them.
#ifndef PENSTOCK_LOADTEST_SLO_H_
#define PENSTOCK_LOADTEST_SLO_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

struct Slo {
  struct Latency {
    std::string name;
    Quantile quantile;  // 100,000: the maximum
    TimeNs below_ns;
  };
  std::vector<Latency> latencies;
  double errors_below = 1;  // a share
  std::string text;         // as it was written

  bool empty() const { return text.empty(); }
};

// Returns what is wrong, "" when nothing is.
std::string ParseSlo(std::string_view text, Slo* slo);

// "0.1%" is 0.001. Empty: it is no percentage above 0, up to 100.
std::optional<double> ParseShare(std::string_view text);

// What was not kept, with the values there were; "" when all was.
std::string MissedOf(const Slo& slo, const RunResult& result);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SLO_H_
