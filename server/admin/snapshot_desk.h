// SnapshotDesk: asks the shards for snapshots, and keeps the latest of each: a counter that is
// summed over shards must not go down because one of them does not answer.
//
//     auto shards = desk.Collect({.connections = true}, asked_at);    // nothing: not yet
//
// Threading: the admin port's. It waits for kBriefNs at most.
// Limits:    ShardSnapshot::kAnswerNsMax for each page; one question under way for each shard: one
//            that is stuck is not asked again, and not waited for twice.
#ifndef PENSTOCK_SERVER_ADMIN_SNAPSHOT_DESK_H_
#define PENSTOCK_SERVER_ADMIN_SNAPSHOT_DESK_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/server/admin/question.h"
#include "penstock/server/admin/snapshot.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/time.h"

namespace penstock::server {

class SnapshotDesk {
 public:
  // Ownership: both outlive the desk, and are as long as they will be when it is used.
  SnapshotDesk(const std::vector<std::unique_ptr<reactor::Shard>>* shards,
               const std::vector<std::unique_ptr<ShardState>>* states)
      : shards_(*shards), states_(*states) {}

  // A snapshot of each shard, taken behind `asked_at`, for a page that was asked for then; of one
  // that is stuck the latest there is, with has_answered false and without the lists. Nothing: not
  // yet, ask again; before kAnswerNsMax has passed there is something.
  std::optional<std::vector<ShardSnapshot>> Collect(const SnapshotWishes& wishes, TimeNs asked_at);

 private:
  struct Row {
    Question<ShardSnapshot> question;
    ShardSnapshot latest;
    TimeNs latest_asked_at = 0;
  };

  static bool Has(const Row& row, const SnapshotWishes& wishes, TimeNs asked_at);
  static void Take(Row* row, TimeNs wait_ns);
  bool Ask(size_t shard, const SnapshotWishes& wishes);

  const std::vector<std::unique_ptr<reactor::Shard>>& shards_;
  const std::vector<std::unique_ptr<ShardState>>& states_;
  std::vector<Row> rows_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_SNAPSHOT_DESK_H_
