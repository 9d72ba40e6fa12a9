// WorkServer: the simulated server: everything of server::Server but its threads.
//
// Ownership: goes before its shards, after they have Run().
#ifndef PENSTOCK_TESTS_SIM_WORK_SERVER_H_
#define PENSTOCK_TESTS_SIM_WORK_SERVER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "penstock/reactor/listener.h"
#include "penstock/server/registry.h"
#include "penstock/server/shard_state.h"
#include "penstock/tests/sim/findings.h"
#include "penstock/tests/sim/handlers.h"
#include "penstock/tests/sim/plan.h"

namespace penstock::test::sim {

class WorkServer final : public reactor::AcceptHandler {
 public:
  // Shards have the indices 0, 1, ... of `shards`.
  WorkServer(const Plan* plan, reactor::SimNet* net, std::vector<reactor::Shard*> shards,
             Findings* findings);
  ~WorkServer();

  // Accepts from the next turns on.
  void Start() { listener_->Start(); }
  // GOAWAY on every connection, and takes new ones.
  void CloseConnections();
  // The same gracefully.
  void DrainConnections();
  // No call is open: what was lent to calls is back.
  void CheckCalls();
  // No connection is open, either.
  void CheckEmpty();

  reactor::SocketHandler* OnAccepted(reactor::Shard& shard, reactor::Socket& socket) override;

 private:
  void PostToShards(void (*run)(void* state, uint64_t));

  const Plan& plan_;
  Findings& findings_;
  Handlers handlers_;
  Registry registry_;
  const std::vector<reactor::Shard*> shards_;
  std::vector<std::unique_ptr<server::ShardState>> states_;
  reactor::Placement placement_;
  std::unique_ptr<reactor::Listener> listener_;
};

inline constexpr uint16_t kWorkPort = 1000;

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_WORK_SERVER_H_
