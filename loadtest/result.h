// RunResult: what a run found, for the reports.
#ifndef PENSTOCK_LOADTEST_RESULT_H_
#define PENSTOCK_LOADTEST_RESULT_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/message_tally.h"
#include "penstock/loadtest/process_cpu.h"
#include "penstock/loadtest/series.h"
#include "penstock/loadtest/tally.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

// Above it the generator had no time left, and a faster one might have seen more.
inline constexpr double kGeneratorCpuMax = 0.9;
// Above it other programs kept the generator from its core too often.
inline constexpr double kGeneratorWaitedMax = 0.1;

// In less time than this shares of a core say nothing: one burst of calls fills it.
inline constexpr TimeNs kGeneratorJudgedNsMin = 100 * kNsPerMs;

// An open loop whose sends are later than this share of its median response tells of itself.
inline constexpr double kLatenessShareMax = 0.1;

// Of what an open loop offers so much may be in flight at the end of the window, beyond what always
// is.
inline constexpr double kBacklogShareMax = 0.01;

// A call may well be under way for this long when the window closes.
inline constexpr TimeNs kStallNsMin = 100 * kNsPerMs;

struct RunResult {
  // The machine and what was really used of it.
  struct Environment {
    std::string version;  // of penstock-load
    std::string kernel;   // "Linux 6.18.44"
    std::string cpu_model;
    uint32_t cpus_count = 0;
    std::string governor;    // of the first core; "" when the machine does not tell
    std::string io_mode;     // "uring" or "epoll"
    std::string io_reason;   // why not io_uring; "" if it was had, or not asked for
    std::string started_at;  // of the measured window, UTC, ISO 8601
  };

  Environment environment;
  uint32_t shards = 1;
  Tally tally;
  MessageTally messages;  // of calls that stream
  std::vector<MethodTally> methods;  // of Options::mix; without one, of the method's messages
  TimeNs measured_ns = 0;
  bool is_open_loop = false;
  uint64_t offered_count = 0;     // by an open loop; dropped ones, too
  uint64_t dropped_count = 0;     // due when --max-in-flight calls were in flight
  uint64_t slot_waits_count = 0;  // sent later for want of a slot
  Histogram lateness;             // of an open loop: when sent, from when it could have been
  // Ended in the window, but were due in the warm-up: in no latency, and not among the tally's.
  uint64_t carried_ok_count = 0;
  uint64_t carried_error_count = 0;
  // Ended in the window with OK, carried ones too, within the deadline from when they were due.
  uint64_t timely_ok_count = 0;
  uint64_t connections_made = 0;  // in the window: they replace others
  Histogram connects;             // of them: until the server's SETTINGS came
  uint64_t misfits_count = 0;     // messages of templates that repeat the one before
  uint64_t repeated_count = 0;    // sent again, since the server had not begun with it
  uint64_t unfinished_count = 0;  // calls under way, or waiting, when the window closed
  TimeNs longest_wait_ns = 0;     // of them, and of the warm-up's
  Histogram waits;                // of them: how long each had waited
  std::vector<SeriesEntry> series;

  // Shares of one core.
  double generator_cpu_total = 0;
  double generator_cpu_busiest = 0;
  double generator_waited = 0;  // of the shard that waited most for a core that others used
  std::optional<ProcessUsage> server;

  bool interrupted = false;
  bool connections_missing = false;  // one could not be made, or was lost
  std::vector<std::string> notes;    // sentences about what the reader must know

  // A call under way at the end had waited longer than any that ended, and long enough to matter:
  // the server stopped answering, and no percentile shows it.
  bool stalled() const {
    const Histogram& latency = is_open_loop ? tally.response() : tally.latency();
    return longest_wait_ns > kStallNsMin && longest_wait_ns > latency.max();
  }
  // What the load may have under way at once was used up for more than 1 % of an open loop's calls.
  // By a server at its end, or since that is too little for one that is far away or slow.
  bool slots_were_taken() const {
    return is_open_loop && static_cast<double>(slot_waits_count) >
                               kBacklogShareMax * static_cast<double>(offered_count);
  }
  // The server did not keep up with the rate: what is in flight grew in the window by more than
  // what the median response keeps in flight (rate times latency: all of it, where nothing was in
  // flight at the begin; one call by chance) and kBacklogShareMax. Where no call was OK there is no
  // median, and that none was is what there is to tell.
  bool fell_behind() const {
    if (!is_open_loop || tally.response().count() == 0) return false;
    const double growth = static_cast<double>(offered_count) -
                          static_cast<double>(dropped_count) - static_cast<double>(ended_count());
    const double usual = offered_rps() *
                         static_cast<double>(tally.response().PercentileOfAny(kP50)) /
                         static_cast<double>(kNsPerSecond);
    return growth > std::max(1.0, usual) + kBacklogShareMax * static_cast<double>(offered_count);
  }
  bool generator_bound() const {
    return generator_busy() || generator_starved() || generator_late();
  }
  bool generator_busy() const {
    return has_window_for_shares() && generator_cpu_busiest > kGeneratorCpuMax;
  }
  bool generator_starved() const {
    return has_window_for_shares() && generator_waited > kGeneratorWaitedMax;
  }
  // Not where there are too few calls for a p99, or where none was OK, and there is no median.
  bool generator_late() const {
    const std::optional<int64_t> late_ns = lateness.Percentile(kP99);
    return is_open_loop && late_ns && tally.response().count() > 0 &&
           static_cast<double>(*late_ns) >
               kLatenessShareMax * static_cast<double>(tally.response().PercentileOfAny(kP50));
  }
  // False: that the generator is not known to be the limit says little.
  bool generator_is_judged() const {
    return has_window_for_shares() && (!is_open_loop || lateness.Percentile(kP99).has_value());
  }
  bool has_window_for_shares() const { return measured_ns >= kGeneratorJudgedNsMin; }
  double seconds_measured() const {
    return static_cast<double>(measured_ns) / static_cast<double>(kNsPerSecond);
  }
  // Throughput: calls that ended in the window with OK, per second, whenever they were due. Behind
  // a backlog of the warm-up, those that were due in the window would say nothing of the server.
  double rps() const { return PerSecond(tally.ok_count() + carried_ok_count); }
  // Of them those that came before their callers had given up. Without a deadline: 0.
  double goodput() const { return PerSecond(timely_ok_count); }
  // Calls that an open loop meant to make, per second.
  double offered_rps() const { return PerSecond(offered_count); }
  // Per call that ended in the window, whatever the answer and whenever it was due.
  double PerRpc(double total) const {
    return ended_count() == 0 ? 0 : total / static_cast<double>(ended_count());
  }
  uint64_t ended_count() const { return tally.count() + carried_ok_count + carried_error_count; }
  // In the window.
  double PerSecond(uint64_t count) const {
    return measured_ns == 0 ? 0 : static_cast<double>(count) / seconds_measured();
  }
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULT_H_
