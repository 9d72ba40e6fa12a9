#include "penstock/reactor/usable_cores.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <vector>

namespace penstock::reactor {
namespace {

constexpr int64_t kCoresMax = 1 << 20;

// The first line, without its end; "" if there is none.
std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A quota of "max" or -1 is none.
std::optional<int> Cores(std::string_view quota_us, std::string_view period_us) {
  const auto quota = Number(quota_us);
  const auto period = Number(period_us);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<int>(std::min((*quota - 1) / *period + 1, kCoresMax));
}

// "200000 100000" of cpu.max.
std::optional<int> CoresOfVersion2(const std::string& folder) {
  const std::string line = FirstLine(folder + "/cpu.max");
  const size_t blank = line.find(' ');
  if (blank == std::string::npos) return std::nullopt;
  return Cores(std::string_view(line).substr(0, blank), std::string_view(line).substr(blank + 1));
}

std::optional<int> CoresOfVersion1(const std::string& folder) {
  return Cores(FirstLine(folder + "/cpu.cfs_quota_us"), FirstLine(folder + "/cpu.cfs_period_us"));
}

void TakeLess(std::optional<int> cores, std::optional<int>* least) {
  if (cores && (!*least || *cores < **least)) *least = cores;
}

// The cgroup's folder below `mount`, and those above it. In a container the path may be the
// machine's, where nothing is, while the container's own cgroup is what is mounted: the last one.
void TakeAncestors(const std::string& mount, std::string path,
                   std::optional<int> (*cores_of)(const std::string& folder),
                   std::optional<int>* least) {
  if (path.find("..") != std::string::npos) path.clear();  // of a cgroup outside of what we see
  for (;;) {
    TakeLess(cores_of(mount + path), least);
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return;
    path.resize(slash);
  }
}

// Whether "cpu,cpuacct" has "cpu".
bool HasCpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

std::optional<int> CgroupCoresMax(const std::string& root) {
  std::optional<int> least;
  std::ifstream file(root + "/proc/self/cgroup");
  // "0::/path" of version 2, "4:cpu,cpuacct:/path" of version 1.
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    while (path.ends_with('/')) path.pop_back();
    if (controllers.empty()) {
      TakeAncestors(root + "/sys/fs/cgroup", path, &CoresOfVersion2, &least);
      TakeAncestors(root + "/sys/fs/cgroup/unified", path, &CoresOfVersion2, &least);
    } else if (HasCpu(controllers)) {
      TakeAncestors(root + "/sys/fs/cgroup/cpu", path, &CoresOfVersion1, &least);
      TakeAncestors(root + "/sys/fs/cgroup/" + controllers, path, &CoresOfVersion1, &least);
    }
  }
  return least;
}

int AllowedCores(AffinityCall affinity) {
  for (int cpus = CPU_SETSIZE; cpus <= kPossibleCpusMax; cpus *= 2) {
    const size_t bytes = CPU_ALLOC_SIZE(cpus);
    std::vector<cpu_set_t> sets(bytes / sizeof(cpu_set_t));
    if (affinity(0, bytes, sets.data()) == 0) return CPU_COUNT_S(bytes, sets.data());
    if (errno != EINVAL) break;
  }
  return 1;
}

int UsableCores() {
  const int cores = AllowedCores(&::sched_getaffinity);
  return std::max(1, std::min(cores, CgroupCoresMax("").value_or(cores)));
}

}  // namespace penstock::reactor
