#include "penstock/loadtest/environment.h"

#include <sys/utsname.h>
#include <time.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "penstock/loadtest/version.h"

namespace penstock::loadtest {
namespace {

constexpr char kGovernorFile[] = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";

}  // namespace

std::string ParseCpuModel(std::string_view cpuinfo) {
  size_t at = cpuinfo.find("model name");
  if (at == std::string_view::npos) return "";
  at = cpuinfo.find(": ", at);
  if (at == std::string_view::npos) return "";
  cpuinfo.remove_prefix(at + 2);
  return std::string(cpuinfo.substr(0, cpuinfo.find('\n')));
}

RunResult::Environment ReadEnvironment() {
  RunResult::Environment environment;
  environment.version = kVersion;
  utsname name{};
  if (::uname(&name) == 0) environment.kernel = std::string(name.sysname) + " " + name.release;
  std::ostringstream cpuinfo;
  cpuinfo << std::ifstream("/proc/cpuinfo").rdbuf();
  environment.cpu_model = ParseCpuModel(cpuinfo.str());
  environment.cpus_count = std::thread::hardware_concurrency();
  std::getline(std::ifstream(kGovernorFile) >> std::ws, environment.governor);
  return environment;
}

std::string ReadWallClock() {
  const time_t now = ::time(nullptr);
  tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace penstock::loadtest
