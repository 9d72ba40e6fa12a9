// TraceDesk: the frames of one connection for some seconds, for /debug/trace: one trace at a time.
//
//     desk.Start(connection_id, 5 * kNsPerSecond);
//     desk.Read()        // as often as one likes, while it runs and after
//
// Threading: the admin port's. The shard's part runs in letters.
// Limits:    kTraceNsMax; FrameTap::kRecordsMax frames; ShardSnapshot::kAnswerNsMax for an answer.
#ifndef PENSTOCK_SERVER_ADMIN_TRACE_H_
#define PENSTOCK_SERVER_ADMIN_TRACE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/rpc/frame_tap.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/time.h"

namespace penstock::server {

struct Trace {
  uint64_t connection_id = 0;  // 0: nothing is traced
  bool has_answered = false;   // the shard; else it is stuck
  bool is_found = false;       // the connection was open when the trace began
  bool is_open = false;        // it still is
  TimeNs left_ns = 0;          // until the trace ends
  TimeNs began_at = 0;
  std::vector<rpc::FrameTap::Record> records;
  uint64_t left_out_count = 0;
};

class TraceDesk {
 public:
  static constexpr TimeNs kTraceNsMax = 60 * kNsPerSecond;

  TraceDesk(const std::vector<std::unique_ptr<reactor::Shard>>* shards,
            const std::vector<std::unique_ptr<ShardState>>* states)
      : shards_(*shards), states_(*states) {}

  // Ends the trace before, and answers as Read() does.
  Trace Start(uint64_t connection_id, TimeNs duration_ns);
  Trace Read();

 private:
  Trace Ask(bool begins);

  const std::vector<std::unique_ptr<reactor::Shard>>& shards_;
  const std::vector<std::unique_ptr<ShardState>>& states_;
  uint64_t connection_id_ = 0;
  TimeNs began_at_ = 0;
  TimeNs until_ = 0;
};

// As it stands; while it runs the page loads itself anew.
std::string TracePage(const Trace& trace);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_TRACE_H_
