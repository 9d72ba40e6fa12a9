#include "penstock/server/admin/snapshot.h"

#include "penstock/server/session.h"

namespace penstock::server {
namespace {

ConnectionRow RowOf(Session& session, TimeNs now) {
  const http2::Connection& connection = session.link().connection();
  const reactor::Socket& socket = session.link().socket();
  return {.id = socket.id(),
          .peer = socket.PeerAddress(),
          .age_ns = now - session.opened_at(),
          .streams_count = connection.streams_open_count(),
          .send_window_bytes = connection.send_window_bytes(),
          .receive_window_bytes = connection.receive_window_bytes(),
          .queued_bytes = connection.buffered_bytes(),
          .unread_bytes = connection.unread_bytes(),
          .is_closing = socket.closing()};
}

}  // namespace

void TakeSnapshot(ShardState& state, const SnapshotWishes& wishes, ShardSnapshot* snapshot) {
  reactor::Shard& shard = state.shard;
  snapshot->has_answered = true;
  snapshot->taken_at = shard.ReadClock();
  snapshot->io = shard.io();
  snapshot->cpu_ns = reactor::ReadThreadCpuClock();
  snapshot->stats = shard.stats();
  snapshot->counters = state.counters;
  snapshot->counters.limit_trips = state.workspace.limit_trips;
  snapshot->methods = state.metrics.methods();
  snapshot->unknown = state.metrics.unknown();
  snapshot->connections_count = shard.connections_count();
  snapshot->streams_count = state.workspace.streams.lent_count();
  snapshot->calls_count = state.calls.lent_count() + state.plain_calls.lent_count();
  snapshot->handlers_count = state.runs.lent_count();
  snapshot->memory_bytes = state.memory_bytes();
  snapshot->slab_bytes = shard.slabs().slabs_lent_count() * shard.slabs().payload_bytes() +
                         shard.slabs().large().lent_bytes();
  if (wishes.notable_calls) snapshot->notable_calls = state.metrics.NotableCalls();
  if (!wishes.connections) return;
  state.sessions.ForEach([&](Session& session) {
    if (snapshot->connections.size() >= ShardSnapshot::kConnectionsMax) return;
    snapshot->connections.push_back(RowOf(session, snapshot->taken_at));
  });
}

std::vector<MethodMetrics> SumOfMethods(const std::vector<ShardSnapshot>& shards,
                                        size_t methods_count) {
  std::vector<MethodMetrics> sums(methods_count + 1);
  for (const ShardSnapshot& shard : shards) {
    for (size_t i = 0; i < shard.methods.size() && i < methods_count; ++i) {
      sums[i].Add(shard.methods[i]);
    }
    sums.back().Add(shard.unknown);
  }
  return sums;
}

}  // namespace penstock::server
