// Acceptance: where the connections of a server come in. It opens the listening sockets, and makes
// the Link and the Session of each connection on the shard that got it, unless a limit is reached.
//
// Ownership: owns the listeners. Outlives Run() of every shard.
// Threading: the thread that starts and stops the server; OnAccepted() is the shards'.
// Limits:    ServerOptions::connections_per_shard_max, connections_max, shard_memory_bytes_max: one
//            more is closed at once, counted and named.
#ifndef PENSTOCK_SERVER_ACCEPTANCE_H_
#define PENSTOCK_SERVER_ACCEPTANCE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/placement.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/status.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

class Acceptance final : public reactor::AcceptHandler {
 public:
  // `states` are those of `shards`, and live as long as this.
  Acceptance(std::vector<reactor::Shard*> shards, reactor::PlacementRule rule,
             const std::vector<std::unique_ptr<ShardState>>& states);

  // `*actual` becomes where it really listens. An error is a sentence.
  Status Listen(const std::string& address, std::string* actual);
  void Start();
  // Returns when the kernel has let go of the addresses, so that a successor can have them.
  void Stop();

  reactor::SocketHandler* OnAccepted(reactor::Shard& shard, reactor::Socket& socket) override;

 private:
  std::optional<http2::Limit> LimitReached(const ShardState& state) const;

  reactor::Placement placement_;
  const std::vector<std::unique_ptr<ShardState>>& states_;
  std::vector<std::unique_ptr<reactor::Listener>> listeners_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ACCEPTANCE_H_
