// How many cores a process may keep busy: how many threads of shards make sense.
//
//     options.shards = UsableCores();
//
// A container with a quota of two cores sees all of the machine's: with a shard for each of them it
// has used its quota up early in every period, and rests for the rest of it, with every call.
#ifndef PENSTOCK_REACTOR_USABLE_CORES_H_
#define PENSTOCK_REACTOR_USABLE_CORES_H_

#include <sched.h>
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

namespace penstock::reactor {

// Those that the thread may run on (sched_getaffinity), or as many as the quota gives if that is
// fewer; at least 1.
int UsableCores();

// Those of the affinity, 1 where it cannot be read. The call fails (EINVAL) for a set that is
// smaller than the kernel's own, which is as large as the machine may become: it is asked with
// larger ones up to kPossibleCpusMax. Source: sched_setaffinity(2), "Handling systems with large
// CPU affinity masks". `affinity` is sched_getaffinity but for tests.
using AffinityCall = int (*)(pid_t thread, size_t bytes, cpu_set_t* set);
inline constexpr int kPossibleCpusMax = 1 << 16;
int AllowedCores(AffinityCall affinity);

// The cores that the process's cgroup and those above it give, the least of them, rounded up;
// nullopt: no bound. Version 2 (cpu.max) and version 1 (cpu.cfs_quota_us). `root` stands before
// /proc and /sys: "" but for tests.
// Source: Linux, Documentation/admin-guide/cgroup-v2.rst "cpu.max", scheduler/sched-bwc.rst
std::optional<int> CgroupCoresMax(const std::string& root);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_USABLE_CORES_H_
