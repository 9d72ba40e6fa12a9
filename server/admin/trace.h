// TraceDesk: the frames of one connection for some seconds, for /debug/trace: one trace at a time.
//
//     desk.Start(connection_id, 5 * kNsPerSecond, asked_at);     // nothing: not yet, ask again
//     desk.Read(asked_at)        // as often as one likes, while it runs and after
//
// Threading: the admin port's. The shard's part runs in letters, one at a time for each shard.
// Limits:    kTraceNsMax; FrameTap::kRecordsMax frames; Question::kPatienceNs for an answer.
#ifndef PENSTOCK_SERVER_ADMIN_TRACE_H_
#define PENSTOCK_SERVER_ADMIN_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/rpc/frame_tap.h"
#include "penstock/server/admin/question.h"
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

  // Ends the trace before, and answers as Read() does. One on a shard that is stuck begins when the
  // shard goes on, if somebody reads it then.
  std::optional<Trace> Start(uint64_t connection_id, TimeNs duration_ns, TimeNs asked_at);
  // For a page that was asked for at `asked_at`. Nothing: not yet, ask again.
  std::optional<Trace> Read(TimeNs asked_at);

 private:
  std::optional<Trace> Ask(TimeNs asked_at);
  bool Post(size_t shard);

  const std::vector<std::unique_ptr<reactor::Shard>>& shards_;
  const std::vector<std::unique_ptr<ShardState>>& states_;
  uint64_t connection_id_ = 0;
  TimeNs began_at_ = 0;
  TimeNs until_ = 0;
  TimeNs start_asked_at_ = 0;
  std::unique_ptr<rpc::FrameTap> tap_;  // on its way to its shard; null: it is there
  std::vector<Question<Trace>> questions_;  // by shard
};

// As it stands; while it runs the page loads itself anew.
std::string TracePage(const Trace& trace);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_TRACE_H_
