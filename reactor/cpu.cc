#include "penstock/reactor/cpu.h"

#include <sched.h>
#include <time.h>

#include <charconv>
#include <system_error>

namespace penstock::reactor {

namespace {

TimeNs Read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<TimeNs>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

}  // namespace

TimeNs ReadClock() { return Read(CLOCK_MONOTONIC); }

TimeNs ReadThreadCpuClock() { return Read(CLOCK_THREAD_CPUTIME_ID); }

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

std::optional<std::vector<int>> ParseCpuList(const std::string& text) {
  constexpr int kCpuMax = 1023;  // of cpu_set_t
  std::vector<int> cpus;
  const char* p = text.data();
  const char* end = p + text.size();
  const auto number = [&p, end](int* value) {
    const auto [after, error] = std::from_chars(p, end, *value);
    if (error != std::errc() || *value < 0 || *value > kCpuMax) return false;
    p = after;
    return true;
  };
  for (;;) {
    int first = 0;
    if (!number(&first)) return std::nullopt;
    int last = first;
    if (p != end && *p == '-') {
      ++p;
      if (!number(&last) || last < first) return std::nullopt;
    }
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (p == end) return cpus;
    if (*p++ != ',') return std::nullopt;
  }
}

std::string FormatCpuList(const std::vector<int>& cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ",";
    text += std::to_string(cpus[i]);
    if (last > i) text += "-" + std::to_string(cpus[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace penstock::reactor
