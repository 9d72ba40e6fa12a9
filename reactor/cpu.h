// The clock and the core of the calling thread.
#ifndef PENSTOCK_REACTOR_CPU_H_
#define PENSTOCK_REACTOR_CPU_H_

#include <string>

#include "penstock/wire/time.h"

namespace penstock::reactor {

// CLOCK_MONOTONIC. Shard::now() is what to use on a shard, except to measure handling times.
TimeNs ReadClock();

// Moves the calling thread to one cpu. False: `*why` is a sentence.
bool PinThread(int cpu, std::string* why);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_CPU_H_
