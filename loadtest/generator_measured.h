// What a Generator tells: while the load runs, and when it is over.
//
// Threading: a shard writes; others read the progress at any time, what was measured after
//            Generator::StopAndJoin().
#ifndef PENSTOCK_LOADTEST_GENERATOR_MEASURED_H_
#define PENSTOCK_LOADTEST_GENERATOR_MEASURED_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/http2/settings.h"
#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/message_tally.h"
#include "penstock/loadtest/process_cpu.h"
#include "penstock/loadtest/series.h"
#include "penstock/loadtest/tally.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

// While the load runs.
struct alignas(64) GeneratorProgress {
  std::atomic<uint32_t> samples_count{0};        // that TakeSample() has taken
  std::atomic<uint32_t> connections_pending{0};  // neither established nor failed
  std::atomic<uint32_t> connections_open{0};     // established
  std::atomic<uint32_t> sockets_open{0};
  std::atomic<bool> calls_done{false};  // calls_max calls have ended
  std::atomic<bool> measured{false};    // EndMeasuring() has run
};

// When it is over.
struct GeneratorMeasured {
  Tally tally;
  // Of a mix in all; without one, there is one, with its messages alone.
  std::vector<MethodTally> methods;
  TimeNs begin_ns = 0;
  TimeNs end_ns = 0;
  ThreadSample thread_begin;
  ThreadSample thread_end;
  TimeNs spun_ns = 0;  // of the thread's time, in turns that only waited
  uint64_t offered_count = 0;       // by an open loop
  uint64_t dropped_count = 0;       // of them
  uint64_t slot_waits_count = 0;    // of them, that were sent later for want of a slot
  Histogram lateness;               // of an open loop's sends
  // Of the calls that ended in the window with OK: those that were due in the warm-up, and all,
  // those of the warm-up too, that came within the deadline from when they were due.
  uint64_t carried_ok_count = 0;
  uint64_t timely_ok_count = 0;
  uint64_t carried_error_count = 0;  // due in the warm-up, and failed in the window
  uint64_t repeated_count = 0;       // calls that were sent a second time
  uint64_t misfits_count = 0;        // messages of templates that repeat the one before
  uint64_t unfinished_count = 0;    // calls that were under way, or waited, at the end
  TimeNs longest_wait_ns = 0;       // of them, and of the warm-up's
  Histogram waits;                  // of them: how long each had waited
  uint64_t connections_made = 0;    // in the window: they replace others
  Histogram connects;               // of them: from the begin until the server's SETTINGS came
  uint32_t connections_failed = 0;  // to be made
  uint32_t connections_lost = 0;    // after they were made
  std::string first_failure;        // why a connection could not be made
  std::string first_loss;
  uint32_t peer_streams_max = http2::kUnlimited;  // the smallest that any peer allows
  LoadSample last;  // at the end of the window
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_GENERATOR_MEASURED_H_
