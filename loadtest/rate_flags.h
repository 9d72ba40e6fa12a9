// The flags of an open loop: how many calls a second, when, and how many of them at once.
#ifndef PENSTOCK_LOADTEST_RATE_FLAGS_H_
#define PENSTOCK_LOADTEST_RATE_FLAGS_H_

#include <string>

#include "penstock/loadtest/options.h"

namespace penstock::loadtest {

// As they were written; empty: not given.
struct RateFlags {
  std::string rate, stages, arrival, in_flight_max, seed, slo;
  bool finds_max = false;
};

// Without --streams-per-conn an open loop has as many slots on each connection as RFC 9113 §6.5.2
// wants servers to allow: with fewer, calls wait for one that the server would have served.
inline constexpr uint32_t kOpenLoopStreamsDefault = 100;

// What --find-max begins with, and how long it tries each rate, where flags do not say so.
inline constexpr char kFirstRateDefault[] = "1k";
inline constexpr TimeNs kTrialNsDefault = 3 * kNsPerSecond;
inline constexpr TimeNs kTrialWarmUpNsDefault = kNsPerSecond / 2;

// Which of -t, -n and --warmup there were.
struct GivenExtent {
  bool duration, count, warmup;
};

// Fills in when calls start, and what the run must keep. Returns what is wrong, "" when nothing is.
// Without -t and -n stages end with their last one, with -n too where its rate is 0; --find-max
// tries each rate for a while.
std::string TakeRate(const RateFlags& flags, const GivenExtent& given, Options* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RATE_FLAGS_H_
