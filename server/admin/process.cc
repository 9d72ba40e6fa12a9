#include "penstock/server/admin/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace penstock::server {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// When the system was started, in seconds since 1970.
double BootSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

// Behind the command, which may hold blanks: "(name) state ppid ...". Spec: proc(5), /proc/pid/stat
void ReadStat(ProcessFacts* facts) {
  std::ifstream file("/proc/self/stat");
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  const size_t end = all.rfind(')');
  if (end == std::string::npos) return;
  std::istringstream rest(all.substr(end + 1));
  std::string word;
  constexpr int kThreads = 20;
  constexpr int kStartTicks = 22;
  constexpr int kVirtualBytes = 23;
  constexpr int kResidentPages = 24;
  for (int field = 3; field <= kResidentPages && rest >> word; ++field) {
    if (field == kThreads) facts->threads_count = std::stoull(word);
    if (field == kVirtualBytes) facts->virtual_bytes = std::stoull(word);
    if (field == kStartTicks) {
      facts->start_seconds =
          BootSeconds() + std::stod(word) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    if (field == kResidentPages) {
      facts->resident_bytes = std::stoull(word) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    }
  }
}

}  // namespace

ProcessFacts ReadProcessFacts() {
  ProcessFacts facts;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    facts.cpu_seconds = SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
  }
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) facts.open_files_max = files.rlim_cur;
  ReadStat(&facts);
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++facts.open_files_count;
  }
  return facts;
}

}  // namespace penstock::server
