#include "penstock/server/shard_state.h"

#include <cstdio>

#include "penstock/server/session.h"

namespace penstock::server {

ShardState::ShardState(reactor::Shard* its_shard, const ServerOptions* server_options,
                       const Registry* server_registry)
    : shard(*its_shard),
      options(*server_options),
      registry(*server_registry),
      routes{[](const void* registry, std::string_view path) -> const void* {
               return static_cast<const Registry*>(registry)->Find(path);
             },
             server_registry},
      workspace(&its_shard->slabs()),
      stop_timer([](void* shard, TimeNs) { static_cast<reactor::Shard*>(shard)->Stop(); },
                 its_shard) {}

ShardState::~ShardState() = default;

uint64_t ShardState::memory_percent() const {
  if (options.shard_memory_bytes_max == 0) return 0;
  const uint64_t bytes = shard.slabs().slabs_lent_count() * shard.slabs().payload_bytes() +
                         workspace.streams.lent_count() * sizeof(http2::Stream) +
                         calls.lent_count() * sizeof(ServerCall) +
                         uint64_t{shard.connections_count()} * sizeof(Session::Link);
  return bytes * 100 / options.shard_memory_bytes_max;
}

void ShardState::LogTrip(http2::Limit limit, const reactor::Socket& socket) {
  if (shard.now() - logged_at < kNsPerSecond) {
    ++unlogged_count;
    return;
  }
  logged_at = shard.now();
  std::fprintf(stderr, "penstock: %s reached %s (shard %d; %llu more since the line before)\n",
               socket.PeerAddress().c_str(), http2::NameOf(limit), shard.index(),
               static_cast<unsigned long long>(unlogged_count));
  unlogged_count = 0;
}

}  // namespace penstock::server
