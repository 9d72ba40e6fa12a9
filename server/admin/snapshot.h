// ShardSnapshot: what the admin thread knows of a shard: a copy that the shard makes when a letter
// asks for it. snapshot_desk.h sends the letters and has the answers.
//
// Threading: TakeSnapshot() is the shard's: as many copies as the method table is long, some lists
//            if they are asked for, no lock that anybody holds for long, no memory that was not
//            asked for by the other thread, but for the lists.
// Limits:    kAnswerNsMax for each page: a shard that is stuck in a handler answers late, and its
//            row says so. kConnectionsMax rows for each shard.
#ifndef PENSTOCK_SERVER_ADMIN_SNAPSHOT_H_
#define PENSTOCK_SERVER_ADMIN_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/stats.h"
#include "penstock/server/metrics.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/time.h"

namespace penstock::server {

struct ConnectionRow {
  uint64_t id = 0;
  std::string peer;
  TimeNs age_ns = 0;
  size_t streams_count = 0;
  int64_t send_window_bytes = 0;     // what we may send before WINDOW_UPDATE
  int64_t receive_window_bytes = 0;  // what the peer may send
  size_t queued_bytes = 0;           // for the peer: DATA that waits, and what is not written yet
  size_t unread_bytes = 0;           // received, and not taken by a handler
  bool is_closing = false;
};

struct SnapshotWishes {
  bool connections = false;
  bool notable_calls = false;
};

struct ShardSnapshot {
  static constexpr TimeNs kAnswerNsMax = kNsPerSecond;
  static constexpr size_t kConnectionsMax = 500;

  int index = 0;
  // In time. Otherwise all below is as it was when it did for the last time, and empty if it never
  // has; the lists are empty.
  bool has_answered = false;
  SnapshotWishes wishes;  // what it was asked for
  TimeNs lag_ns = 0;      // from the question to the answer
  TimeNs taken_at = 0;    // 0: never
  reactor::IoMode io = reactor::IoMode::kAuto;
  TimeNs cpu_ns = 0;  // its thread's so far, the kernel's work for it included
  reactor::ShardStats stats;
  ServerCounters counters;             // limit_trips included
  std::vector<MethodMetrics> methods;  // by MethodEntry::index
  MethodMetrics unknown;
  uint32_t connections_count = 0;
  size_t streams_count = 0;
  size_t calls_count = 0;
  size_t handlers_count = 0;  // coroutines at work, or waiting to
  uint64_t memory_bytes = 0;
  uint64_t slab_bytes = 0;  // of it, lent slabs: output, what waits for windows, large arenas
  std::vector<ConnectionRow> connections;  // if they were asked for
  std::vector<NotableCall> notable_calls;  // the same
};

// On the shard.
void TakeSnapshot(ShardState& state, const SnapshotWishes& wishes, ShardSnapshot* snapshot);

// Over all shards, by method; the unknown one is the last.
std::vector<MethodMetrics> SumOfMethods(const std::vector<ShardSnapshot>& shards,
                                        size_t methods_count);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_SNAPSHOT_H_
