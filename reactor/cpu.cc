#include "penstock/reactor/cpu.h"

#include <sched.h>
#include <time.h>

namespace penstock::reactor {

TimeNs ReadClock() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<TimeNs>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

bool PinThread(int cpu, std::string* why) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu >= 0 && cpu < CPU_SETSIZE) {
    CPU_SET(cpu, &set);
    if (::sched_setaffinity(0, sizeof(set), &set) == 0) return true;
  }
  *why = "cannot run on cpu " + std::to_string(cpu) +
         ": this process may not use it; see /proc/self/status, Cpus_allowed_list";
  return false;
}

}  // namespace penstock::reactor
