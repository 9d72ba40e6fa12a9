#include "penstock/server/admin/snapshot_desk.h"

#include <algorithm>
#include <future>
#include <utility>

#include "penstock/reactor/cpu.h"

namespace penstock::server {
namespace {

// Ownership: the shard's once it is posted; who asked has the future, and may have lost interest.
struct Letter {
  ShardState* state;
  TimeNs asked_at;
  ShardSnapshot snapshot;
  std::promise<ShardSnapshot> answer;
};

void OnLetter(void* context, uint64_t) {
  const std::unique_ptr<Letter> letter(static_cast<Letter*>(context));
  letter->snapshot.lag_ns = reactor::ReadClock() - letter->asked_at;
  TakeSnapshot(*letter->state, letter->snapshot.wishes, &letter->snapshot);
  letter->answer.set_value(std::move(letter->snapshot));
}

}  // namespace

bool SnapshotDesk::Has(const Row& row, const SnapshotWishes& wishes, TimeNs asked_at) {
  return row.latest.has_answered && row.latest_asked_at >= asked_at &&
         (row.latest.wishes.connections || !wishes.connections) &&
         (row.latest.wishes.notable_calls || !wishes.notable_calls);
}

void SnapshotDesk::Take(Row* row, TimeNs wait_ns) {
  std::optional<ShardSnapshot> answer = row->question.Take(wait_ns);
  if (!answer) return;
  row->latest = *std::move(answer);
  row->latest_asked_at = row->question.asked_at();
}

// False: no answer will come: a full mailbox, or a shard that has ended.
bool SnapshotDesk::Ask(size_t shard, const SnapshotWishes& wishes) {
  ShardState& state = *states_[shard];
  auto letter = std::make_unique<Letter>(Letter{&state, reactor::ReadClock(), {}, {}});
  letter->snapshot.index = static_cast<int>(shard);
  letter->snapshot.wishes = wishes;
  letter->snapshot.methods.reserve(state.registry.methods_count());
  if (wishes.connections) letter->snapshot.connections.reserve(ShardSnapshot::kConnectionsMax);
  std::future<ShardSnapshot> answer = letter->answer.get_future();
  if (!shards_[shard]->Post(&OnLetter, letter.get())) return false;
  static_cast<void>(letter.release());
  rows_[shard].question.Begin(std::move(answer));
  return true;
}

std::optional<std::vector<ShardSnapshot>> SnapshotDesk::Collect(const SnapshotWishes& wishes,
                                                                TimeNs asked_at) {
  rows_.resize(states_.size());
  TimeNs wait_until = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    Take(&rows_[i], 0);
    if (Has(rows_[i], wishes, asked_at) || rows_[i].question.under_way()) continue;
    if (Ask(i, wishes)) wait_until = reactor::ReadClock() + kBriefNs;
  }
  bool is_whole = true;
  for (size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const TimeNs left_ns = std::max<TimeNs>(wait_until - reactor::ReadClock(), 0);
    Take(&row, row.question.is_late() ? 0 : left_ns);
    if (Has(row, wishes, asked_at)) continue;
    // What has come may be the answer to an earlier page's question.
    if (!row.question.under_way() && !Ask(i, wishes)) continue;
    if (!row.question.is_late()) is_whole = false;
  }
  if (!is_whole && reactor::ReadClock() - asked_at < ShardSnapshot::kAnswerNsMax) {
    return std::nullopt;
  }
  std::vector<ShardSnapshot> snapshots;
  for (size_t i = 0; i < rows_.size(); ++i) {
    ShardSnapshot& snapshot = snapshots.emplace_back(rows_[i].latest);
    snapshot.index = static_cast<int>(i);
    if (Has(rows_[i], wishes, asked_at)) continue;
    snapshot.has_answered = false;
    snapshot.connections.clear();
    snapshot.notable_calls.clear();
  }
  return snapshots;
}

}  // namespace penstock::server
