#include "penstock/reactor/usable_cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

namespace penstock::reactor {
namespace {

// A tree of files in place of the machine's /proc and /sys.
class FakeRoot {
 public:
  explicit FakeRoot(const std::vector<std::pair<std::string, std::string>>& files)
      : path_(testing::TempDir() + "/usable_cores") {
    std::filesystem::remove_all(path_);
    for (const auto& [name, text] : files) {
      const std::filesystem::path file = path_ + name;
      std::filesystem::create_directories(file.parent_path());
      std::ofstream(file) << text << "\n";
    }
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

TEST(CgroupCoresMax, IsTheLeastQuotaRoundedUp) {
  const std::string own = "/proc/self/cgroup", mount = "/sys/fs/cgroup";
  const struct {
    const char* name;
    std::vector<std::pair<std::string, std::string>> files;
    std::optional<int> want;
  } cases[] = {
      {"nothing is there", {}, std::nullopt},
      {"two cores", {{own, "0::/a"}, {mount + "/a/cpu.max", "200000 100000"}}, 2},
      {"a core and a half", {{own, "0::/a"}, {mount + "/a/cpu.max", "150000 100000"}}, 2},
      {"a tenth of a core", {{own, "0::/a"}, {mount + "/a/cpu.max", "10000 100000"}}, 1},
      {"no quota", {{own, "0::/a"}, {mount + "/a/cpu.max", "max 100000"}}, std::nullopt},
      {"a container's own, at the top", {{own, "0::/"}, {mount + "/cpu.max", "300000 100000"}}, 3},
      {"a pod's, above",
       {{own, "0::/pod/app"},
        {mount + "/pod/cpu.max", "200000 100000"},
        {mount + "/pod/app/cpu.max", "400000 100000"}},
       2},
      {"the machine's path", {{own, "0::/x/y"}, {mount + "/cpu.max", "200000 100000"}}, 2},
      {"a path that leads out", {{own, "0::/../x"}, {mount + "/cpu.max", "200000 100000"}}, 2},
      {"version 1",
       {{own, "5:memory:/b\n4:cpu,cpuacct:/a\n1:cpuset:/"},
        {mount + "/cpu/a/cpu.cfs_quota_us", "250000"},
        {mount + "/cpu/a/cpu.cfs_period_us", "100000"}},
       3},
      {"version 1 by its other name",
       {{own, "4:cpuacct,cpu:/"},
        {mount + "/cpuacct,cpu/cpu.cfs_quota_us", "50000"},
        {mount + "/cpuacct,cpu/cpu.cfs_period_us", "25000"}},
       2},
      {"version 1 without a quota",
       {{own, "4:cpu:/a"},
        {mount + "/cpu/a/cpu.cfs_quota_us", "-1"},
        {mount + "/cpu/a/cpu.cfs_period_us", "100000"}},
       std::nullopt},
      {"both",
       {{own, "4:cpu:/\n0::/a"},
        {mount + "/unified/a/cpu.max", "max 100000"},
        {mount + "/cpu/cpu.cfs_quota_us", "100000"},
        {mount + "/cpu/cpu.cfs_period_us", "100000"}},
       1},
      {"what is no number",
       {{own, "0::/\n:\nx"}, {mount + "/cpu.max", "lots 100000"}},
       std::nullopt},
      {"a period of nothing", {{own, "0::/"}, {mount + "/cpu.max", "100000 0"}}, std::nullopt},
      {"more than there are",
       {{own, "0::/"}, {mount + "/cpu.max", "9223372036854775807 1"}},
       1 << 20},
  };
  for (const auto& c : cases) {
    const FakeRoot root(c.files);
    EXPECT_EQ(CgroupCoresMax(root.path()), c.want) << c.name;
  }
}

// A kernel of a machine that may have 4,096 CPUs, and has two of them far up.
int AffinityOfALargeMachine(pid_t, size_t bytes, cpu_set_t* set) {
  if (bytes < 4096 / 8) {
    errno = EINVAL;
    return -1;
  }
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(1, bytes, set);
  CPU_SET_S(4095, bytes, set);
  return 0;
}

int AffinityThatIsAlways(int error) {
  errno = error;
  return -1;
}

TEST(AllowedCores, AreCountedOnMachinesThatMayHaveMoreThanASetHasRoomFor) {
  EXPECT_EQ(AllowedCores(&AffinityOfALargeMachine), 2);
}

TEST(AllowedCores, AreOneWhereNobodySays) {
  EXPECT_EQ(AllowedCores([](pid_t, size_t, cpu_set_t*) { return AffinityThatIsAlways(EINVAL); }),
            1);
  EXPECT_EQ(AllowedCores([](pid_t, size_t, cpu_set_t*) { return AffinityThatIsAlways(EPERM); }), 1);
}

TEST(UsableCores, AreThoseTheThreadMayRunOn) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(UsableCores(), 1);
  EXPECT_LE(UsableCores(), CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(UsableCores(), 1);
  EXPECT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace penstock::reactor
