// The clock and the cores.
#ifndef PENSTOCK_REACTOR_CPU_H_
#define PENSTOCK_REACTOR_CPU_H_

#include <optional>
#include <string>
#include <vector>

#include "penstock/wire/time.h"

namespace penstock::reactor {

// CLOCK_MONOTONIC. Shard::now() is what to use on a shard, except to measure handling times.
TimeNs ReadClock();

// CLOCK_THREAD_CPUTIME_ID: how long the calling thread has run on a core so far, in the kernel as
// well; only differences mean anything.
TimeNs ReadThreadCpuClock();

// Moves the calling thread to one cpu. False: `*why` is a sentence.
bool PinThread(int cpu, std::string* why);

// "0", "0-3", "0,2,4-5" into the cores' numbers; nullopt for anything else.
std::optional<std::vector<int>> ParseCpuList(const std::string& text);
// The other way, with a range for each run of two or more: "0-3", "0,2,4-5".
std::string FormatCpuList(const std::vector<int>& cpus);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_CPU_H_
