// Caller: one call of the simulated client, made as its plan says, and what it came to.
//
// Ownership: outlives its call.
#ifndef PENSTOCK_TESTS_SIM_CALLER_H_
#define PENSTOCK_TESTS_SIM_CALLER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "penstock/client/stub.h"
#include "penstock/tests/sim/findings.h"
#include "penstock/tests/sim/plan.h"

#include "tests/sim/work.client.h"

namespace penstock::test::sim {

class Caller {
 public:
  Caller(uint64_t id, const CallPlan* plan, reactor::Shard* its_shard, Findings* findings);
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  const CallPlan& plan() const { return plan_; }
  uint64_t id() const { return id_; }

  void Begin(client::Channel* channel);
  // Its scope, with whatever is under way in it.
  void Cancel();
  bool begun() const { return begun_; }
  // The coroutine has.
  bool ended() const { return ended_; }
  // It let go of the call before that had a status.
  bool dropped() const { return dropped_; }
  // Of one that ended and was not dropped.
  const Status& status() const { return status_; }

 private:
  Task<void> Run();
  Task<void> RunUnary();
  Task<void> RunDownload();
  Task<void> RunUpload();
  Task<void> RunTalk();
  Task<void> Write(client::Duplex<Piece, Piece>* talk);
  Task<void> Read(client::Duplex<Piece, Piece>* talk);
  void FillRequest(uint32_t index, Piece* request) const;
  bool IsTimeFor(Whim whim, uint32_t index) const;
  void Hear(const Piece& piece, uint32_t index);
  void End(const Status& status);
  void EndWell(const Metadata& trailing, uint32_t said_count, uint32_t due_count);
  void Complain(const std::string& what);

  const uint64_t id_;
  const CallPlan& plan_;
  Findings& findings_;
  reactor::Shard& shard_;
  std::unique_ptr<client::Scope> scope_;
  client::CallOptions options_;
  std::unique_ptr<WorkClient> work_;
  bool begun_ = false;
  bool ended_ = false;
  bool has_status_ = false;
  bool dropped_ = false;
  uint32_t written_count_ = 0;
  Status status_;
};

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_CALLER_H_
