#include "penstock/server/acceptance.h"

#include <algorithm>
#include <utility>

#include "penstock/server/session.h"
#include "penstock/server/shard_drain.h"
#include "penstock/wire/check.h"

namespace penstock::server {

Acceptance::Acceptance(std::vector<reactor::Shard*> shards, reactor::PlacementRule rule,
                       const std::vector<std::unique_ptr<ShardState>>& states)
    : placement_(std::move(shards), rule), states_(states) {}

void Acceptance::Add(ListeningSocket socket) {
  if (!socket.file().path().empty()) files_.push_back(socket.file());
  listeners_.push_back(std::make_unique<reactor::Listener>(*placement_.shards().front(),
                                                           socket.Release(), placement_, *this));
}

void Acceptance::Start() {
  for (auto& listener : listeners_) listener->Start();
}

void Acceptance::RemoveFiles() {
  for (reactor::SocketFile& file : files_) file.Remove();
  files_.clear();
}

void Acceptance::Stop(bool takes_backlog) {
  // First: who comes now is better told that nobody listens than reset.
  RemoveFiles();
  for (auto& listener : listeners_) listener->Stop(takes_backlog);
}

bool Acceptance::stopped() const {
  return std::all_of(listeners_.begin(), listeners_.end(),
                     [](const auto& listener) { return listener->stopped(); });
}

reactor::SocketHandler* Acceptance::OnAccepted(reactor::Shard& shard, reactor::Socket& socket) {
  ShardState& state = *states_[static_cast<size_t>(shard.index())];
  if (state.closing) return nullptr;
  if (state.options.shard_memory_bytes_max != 0) state.WatchMemory();
  if (const std::optional<http2::Limit> limit = LimitReached(state)) {
    ++state.workspace.limit_trips[*limit];
    state.LogTrip(*limit, socket);
    return nullptr;
  }
  auto* link = new Session::Link(shard, http2::Role::kServer, state.options.http2,
                                 &state.workspace, rpc::MeaningOfRequests(&state.routes), &state);
  link->Attach(socket);
  if (PENSTOCK_UNLIKELY(state.draining)) link->session().Drain(kDrainText);
  return link;
}

PENSTOCK_COLD void Acceptance::OnOutOfDescriptors(reactor::Shard& shard, int error) {
  states_[static_cast<size_t>(shard.index())]->LogDescriptors(error);
}

// The new connection is counted already.
std::optional<http2::Limit> Acceptance::LimitReached(const ShardState& state) const {
  if (state.shard.connections_count() > state.options.connections_per_shard_max) {
    return http2::Limit::kConnectionsOfShard;
  }
  uint64_t connections_count = 0;
  for (const reactor::Shard* shard : placement_.shards()) {
    connections_count += shard->connections_count();
  }
  if (connections_count > state.options.connections_max) {
    return http2::Limit::kConnectionsOfProcess;
  }
  if (state.memory_is_short()) {
    return http2::Limit::kMemoryConnections;
  }
  return std::nullopt;
}

}  // namespace penstock::server
