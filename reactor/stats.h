// ShardStats: what a shard counted since it began. Plain numbers, written by the shard; others get
// a copy through its mailbox.
#ifndef PENSTOCK_REACTOR_STATS_H_
#define PENSTOCK_REACTOR_STATS_H_

#include <cstdint>

#include "penstock/wire/histogram.h"

namespace penstock::reactor {

struct ShardStats {
  uint64_t turns = 0;
  uint64_t system_calls = 0;        // waits, submissions, reads, writes and accepts; not set-up
  uint64_t waits = 0;               // turns that were allowed to sleep
  uint64_t completions = 0;         // io_uring completions, or epoll events
  uint64_t letters = 0;             // from the mailbox
  uint64_t wakeups = 0;             // by MSG_RING or eventfd
  uint64_t wakeups_sent_ring = 0;   // to other shards, by MSG_RING
  uint64_t wakeups_sent_event = 0;  // to other shards, by eventfd
  uint64_t timers = 0;              // fired

  uint64_t accepts = 0;
  uint64_t accepts_refused = 0;  // closed at once: out of descriptors, or the handler said no
  uint64_t accept_rearms = 0;    // accepting ended by itself and was begun anew
  uint64_t connects = 0;

  uint64_t receives = 0;  // buffers delivered
  uint64_t received_bytes = 0;
  uint64_t receive_rearms = 0;  // a multishot receive ended by itself
  uint64_t receives_kept = 0;   // completions that waited for the next turn
  uint64_t no_buffers = 0;      // it ended because every buffer was out

  uint64_t flushes = 0;  // OnFlush() calls
  uint64_t sends = 0;
  uint64_t sent_bytes = 0;
  uint64_t sends_blocked = 0;  // found no room in the socket

  uint64_t cq_overflows = 0;       // the completion queue was full
  uint64_t sq_full = 0;            // submitted early to make room
  uint64_t short_submits = 0;      // the kernel took less than was queued
  uint64_t stale_completions = 0;  // of a connection that is gone

  // How long turns took, from their wake-up to their last flush: what comes meanwhile waits so
  // long. How busy the shard was is another matter: io_uring sends and receives in between, when
  // it is entered to submit and to wait. That is on the thread's clock: ReadThreadCpuClock().
  wire::DurationHistogram turn_times;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_STATS_H_
