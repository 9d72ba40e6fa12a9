#include "penstock/loadtest/process_cpu.h"

#include <errno.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace penstock::loadtest {
namespace {

// Spec: proc_pid_stat(5): field 14 utime, 15 stime, 22 starttime, counted from 1; the name is the
// second, in parentheses.
constexpr size_t kFirstFieldAfterName = 3;
constexpr size_t kUserField = 14;
constexpr size_t kSystemField = 15;
constexpr size_t kStartField = 22;

bool ParseNumber(std::string_view text, uint64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view TakeWord(std::string_view* text) {
  const size_t begin = std::min(text->find_first_not_of(" \t\n"), text->size());
  text->remove_prefix(begin);
  const std::string_view word = text->substr(0, text->find_first_of(" \t\n"));
  text->remove_prefix(word.size());
  return word;
}

// Empty when it cannot be read.
std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool ReadCpuClock(int pid, TimeNs* cpu_ns) {
  clockid_t clock;
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return false;
  *cpu_ns = static_cast<TimeNs>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
  return true;
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(std::string_view text) {
  const size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  ProcessStat stat;
  for (size_t field = kFirstFieldAfterName; field <= kStartField; ++field) {
    const std::string_view word = TakeWord(&text);
    uint64_t* const wanted = field == kUserField     ? &stat.user_ticks
                             : field == kSystemField ? &stat.system_ticks
                             : field == kStartField  ? &stat.start_ticks
                                                     : nullptr;
    if (word.empty() || (wanted != nullptr && !ParseNumber(word, wanted))) return std::nullopt;
  }
  return stat;
}

std::optional<uint64_t> ParseRssBytes(std::string_view text) {
  constexpr std::string_view kName = "\nVmRSS:";
  const size_t at = text.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kName.size());
  uint64_t kib = 0;
  if (!ParseNumber(TakeWord(&text), &kib) || TakeWord(&text) != "kB") return std::nullopt;
  return kib * 1024;
}

std::optional<TimeNs> ParseWaited(std::string_view schedstat) {
  TakeWord(&schedstat);
  uint64_t waited_ns = 0;
  if (!ParseNumber(TakeWord(&schedstat), &waited_ns)) return std::nullopt;
  return static_cast<TimeNs>(waited_ns);
}

TimeNs ThreadCpuTime() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<TimeNs>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

ThreadSample SampleThisThread() {
  return {ThreadCpuTime(),
          ParseWaited(ReadFile("/proc/thread-self/schedstat")).value_or(0)};
}

bool SampleProcess(int pid, ProcessSample* sample, std::string* why) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::optional<ProcessStat> stat = ParseProcessStat(ReadFile(folder + "/stat"));
  const std::optional<uint64_t> rss_bytes = ParseRssBytes(ReadFile(folder + "/status"));
  if (!stat || !rss_bytes || !ReadCpuClock(pid, &sample->cpu_ns)) {
    *why = "there is no running process " + std::to_string(pid) +
           " to be seen under /proc; give the server's process id, for example $(pgrep -n NAME)";
    return false;
  }
  sample->stat = *stat;
  sample->rss_bytes = *rss_bytes;
  return true;
}

ProcessUsage UsageBetween(const ProcessSample& before, const ProcessSample& after) {
  ProcessUsage usage;
  usage.cpu_ns = static_cast<double>(after.cpu_ns - before.cpu_ns);
  usage.rss_bytes = after.rss_bytes;
  const auto user = static_cast<double>(after.stat.user_ticks - before.stat.user_ticks);
  const auto system = static_cast<double>(after.stat.system_ticks - before.stat.system_ticks);
  if (user + system <= 0) return usage;
  usage.user_ns = usage.cpu_ns * user / (user + system);
  usage.system_ns = usage.cpu_ns * system / (user + system);
  return usage;
}

}  // namespace penstock::loadtest
