// What another process costs: its processor time and its memory, from /proc and its CPU clock.
//
//     ProcessSample before, after;
//     SampleProcess(pid, &before, &why);  ...  SampleProcess(pid, &after, &why);
//     ProcessUsage usage = UsageBetween(before, after);
//
// Units: the total is exact to the nanosecond; the kernel tells user and system time in ticks of
//        10 ms, so they serve only to divide the total.
#ifndef PENSTOCK_LOADTEST_PROCESS_CPU_H_
#define PENSTOCK_LOADTEST_PROCESS_CPU_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/wire/time.h"

namespace penstock::loadtest {

// Of /proc/PID/stat.
struct ProcessStat {
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  uint64_t start_ticks = 0;  // tells a process from a later one with its number
};
// nullopt for what is not a line of /proc/PID/stat. The name may hold blanks and parentheses.
std::optional<ProcessStat> ParseProcessStat(std::string_view text);
// VmRSS of /proc/PID/status; nullopt without one (a zombie).
std::optional<uint64_t> ParseRssBytes(std::string_view text);

struct ProcessSample {
  ProcessStat stat;
  TimeNs cpu_ns = 0;
  uint64_t rss_bytes = 0;
};

// All threads, ended ones too. False: `*why` is a sentence.
bool SampleProcess(int pid, ProcessSample* sample, std::string* why);

struct ProcessUsage {
  double cpu_ns = 0;
  double user_ns = 0;  // nothing but the share of the ticks; both 0 when no tick fell
  double system_ns = 0;
  uint64_t rss_bytes = 0;  // at the end
};

// Of the calling thread: how long it ran, and how long it was ready to run while others had the
// core (0 when the kernel does not count that).
struct ThreadSample {
  TimeNs cpu_ns = 0;
  TimeNs waited_ns = 0;
};
ThreadSample SampleThisThread();
// Its first number alone, by one system call.
TimeNs ThreadCpuTime();
// The second number of /proc/PID/schedstat; nullopt for anything else.
std::optional<TimeNs> ParseWaited(std::string_view schedstat);

ProcessUsage UsageBetween(const ProcessSample& before, const ProcessSample& after);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_PROCESS_CPU_H_
