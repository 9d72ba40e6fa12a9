// World: one run: a client and a server of ours on a SimNet, driven through a plan to its end, and
// what must hold then.
//
//     World world(MakePlan(42), /*trace_to=*/stderr);
//     for (const std::string& wrong : world.Run()) ...
//
//     plan -> callers -> client::Channel -> SimNet -> WorkServer -> handlers
//
// Invariants, looked at while it runs:
//   - what an end may send is at most what the other end has room for, and just that where nothing
//     is on its way: connection and streams, both directions;
//   - a shard that sleeps has nothing to do.
// And at the end, when the faults have stopped:
//   - every call has ended, with one status, and with one that its plan allows;
//   - every handler and every interceptor has ended;
//   - no stream is open, all credit is accounted for, and the next call succeeds;
//   - when the channel has gone: no connection, slab, frame, inbox or timer is left.
#ifndef PENSTOCK_TESTS_SIM_WORLD_H_
#define PENSTOCK_TESTS_SIM_WORLD_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "penstock/client/channel.h"
#include "penstock/http2/connection.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/sim_net.h"
#include "penstock/tests/sim/caller.h"
#include "penstock/tests/sim/findings.h"
#include "penstock/tests/sim/plan.h"
#include "penstock/tests/sim/work_server.h"

namespace penstock::test::sim {

class World {
 public:
  // Null: the trace is hashed and not written.
  explicit World(Plan plan, std::FILE* trace_to = nullptr);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // What was found to be wrong; nothing, as a rule. Once.
  const std::vector<std::string>& Run();

  // Of the run so far.
  uint64_t hash() const { return trace_.hash(); }
  uint64_t steps_count() const { return steps_count_; }
  TimeNs now() { return net_.Now(); }
  const std::vector<std::unique_ptr<Caller>>& callers() const { return callers_; }
  size_t connections_made_count() const { return net_.connections_made_count(); }

 private:
  // Steps until `done()` or `until`. False: it took too many steps, which is a finding.
  template <typename Done>
  bool Drive(Done done, TimeNs until);
  void Settle();
  void FollowPlan();
  void MakeCalls();
  void PostToClient(void (*run)(void* world, uint64_t));
  TimeNs NextPlanned() const;
  bool HasFollowedPlan() const;
  void BringEnd();
  void StopFaults();
  void RunQueued();
  void StopShard(reactor::Shard& shard);
  void CloseChannel();
  void Probe();

  // world_checks.cc
  void CheckFlow();
  void CheckWindows(http2::Connection& sender, http2::Connection& receiver, bool is_quiet);
  void CheckCredit(const http2::Connection& connection, const http2::Limits& limits);
  void CheckRest();
  void CheckShard(reactor::Shard& shard);
  void JudgeCalls();
  bool Allows(const Caller& caller, StatusCode code) const;

  const Plan plan_;
  reactor::SimTrace trace_;
  reactor::SimNet net_;
  Findings findings_;
  reactor::Shard client_shard_;
  std::vector<std::unique_ptr<reactor::Shard>> server_shards_;
  std::unique_ptr<WorkServer> server_;
  std::unique_ptr<client::Channel> channel_;
  std::vector<std::unique_ptr<Caller>> callers_;
  CallPlan probe_plan_;
  std::unique_ptr<Caller> probe_;
  size_t begun_count_ = 0;
  size_t cancels_count_ = 0;
  std::vector<const Caller*> cancels_;  // in the order of their time
  bool letter_is_posted_ = false;
  bool faults_have_ended_ = false;
  bool end_has_come_ = false;
  bool client_is_stopped_ = false;
  bool server_is_stopped_ = false;
  uint64_t steps_count_ = 0;
};

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_WORLD_H_
