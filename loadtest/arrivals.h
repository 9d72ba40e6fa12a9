// Arrivals: when the calls of an open loop are meant to start, whatever the server does.
//
//     RateProfile profile;                             // 50,000 calls a second
//     profile.stages = {{0, 50'000}};
//     Arrivals arrivals(profile, {.poisson = true, .seed = 7});
//     for (TimeNs at_ns = arrivals.Next(); ...; at_ns = arrivals.Next()) ...   // from 0 on
//
// The integral of the rate is how many calls were to have started; a call starts where it has grown
// by 1 since the last one, or, with poisson, by what an exponential distribution of mean 1 draws.
// So ramps need no steps. Nothing is allocated, and one seed gives one sequence.
//
// Units: nanoseconds from the begin of the load; the error is below 1 ns in the first weeks.
#ifndef PENSTOCK_LOADTEST_ARRIVALS_H_
#define PENSTOCK_LOADTEST_ARRIVALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "penstock/wire/time.h"

namespace penstock::loadtest {

// From one stage to the next the rate is on a straight line; behind the last it stays.
struct RateStage {
  TimeNs at_ns = 0;
  double per_second = 0;
};

struct RateProfile {
  std::vector<RateStage> stages;  // ascending, the first at 0; empty: no load

  bool empty() const { return stages.empty(); }
  double PerSecondAt(TimeNs at_ns) const;
  // How many calls are meant to start before `end_ns`.
  double CallsUntil(TimeNs end_ns) const;
  TimeNs last_at_ns() const { return stages.empty() ? 0 : stages.back().at_ns; }
};

struct ArrivalOptions {
  bool poisson = false;
  uint64_t seed = 1;
  // The part of one generator of several, whose calls fall between those of the others.
  uint32_t index = 0;
  uint32_t parts = 1;
};

class Arrivals {
 public:
  Arrivals(const RateProfile& profile, const ArrivalOptions& options);

  // The next start; kTimeNever where the rate stays 0.
  TimeNs Next();

 private:
  double Draw();

  RateProfile profile_;  // of this part
  bool poisson_;
  uint64_t random_;
  double first_;         // how much the integral grows until the first start
  bool began_ = false;
  double at_ns_ = 0;
  size_t stage_ = 0;  // the one that at_ns_ lies behind
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_ARRIVALS_H_
