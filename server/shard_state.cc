#include "penstock/server/shard_state.h"

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

}  // namespace penstock::server
