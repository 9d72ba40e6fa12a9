// Acceptance: where the connections of a server come in. It accepts on the listening sockets, and
// makes the Link and the Session of each connection on the shard that got it, unless a limit is
// reached.
//
// Ownership: owns the listeners, and the files of their sockets. Outlives Run() of every shard.
// Threading: the thread that starts and stops the server; OnAccepted() is the shards'.
// Limits:    ServerOptions::connections_per_shard_max, connections_max, shard_memory_bytes_max: one
//            more is closed at once, counted and named.
#ifndef PENSTOCK_SERVER_ACCEPTANCE_H_
#define PENSTOCK_SERVER_ACCEPTANCE_H_

#include <memory>
#include <optional>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/placement.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket_file.h"
#include "penstock/server/listening_socket.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

class Acceptance final : public reactor::AcceptHandler {
 public:
  // `states` are those of `shards`, and live as long as this.
  Acceptance(std::vector<reactor::Shard*> shards, reactor::PlacementRule rule,
             const std::vector<std::unique_ptr<ShardState>>& states);
  ~Acceptance() { RemoveFiles(); }

  // Before Start(); it accepts from then on.
  void Add(ListeningSocket socket);
  void Start();
  // The files are a successor's from now on: Stop() leaves them.
  void LeaveFiles() { files_.clear(); }
  // Removes the files; once stopped(), the kernel has let go of the addresses, so that a successor
  // can have them. What it had accepted by then, and with `takes_backlog` what waited to be, is on
  // its way to its shard. Idempotent.
  void Stop(bool takes_backlog);
  bool stopped() const;

  reactor::SocketHandler* OnAccepted(reactor::Shard& shard, reactor::Socket& socket) override;
  void OnOutOfDescriptors(reactor::Shard& shard, int error) override;

 private:
  void RemoveFiles();
  std::optional<http2::Limit> LimitReached(const ShardState& state) const;

  reactor::Placement placement_;
  const std::vector<std::unique_ptr<ShardState>>& states_;
  std::vector<std::unique_ptr<reactor::Listener>> listeners_;
  std::vector<reactor::SocketFile> files_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ACCEPTANCE_H_
