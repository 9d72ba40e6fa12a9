// WorkerRun: one unary call whose handler runs on a worker thread while its coroutine, on the
// shard, waits.
//
//     shard    HandlerRuns::Start -> StartOnWorker -> WorkerPool::Submit ... resumes -> the answer
//     worker                         WorkerRun::Run: parses, calls the handler, serialises
//
// The worker touches nothing of the shard: it has a call of its own, a copy, whose memory is its
// own. Either side has the run in turn, handed over by the pool's queue and by the shard's mailbox;
// only Cancel() may come at any time.
//
// A handler cannot be stopped. When the call is over it hears of it by call.cancelled(), and counts
// as running until it returns.
#ifndef PENSTOCK_SERVER_WORKER_RUN_H_
#define PENSTOCK_SERVER_WORKER_RUN_H_

#include <cstdint>

#include "penstock/reactor/wait.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/worker_call.h"
#include "penstock/server/worker_letter.h"
#include "penstock/server/worker_pool.h"
#include "penstock/wire/bytes.h"

namespace penstock::server {

// What MethodEntry::own_start is where the handler runs on workers.
void StartOnWorker(const MethodEntry& entry, CoroutineExchange& exchange);

// More calls wait for a worker than may.
Status StatusOfTooManyWaiting();

class WorkerRun final : public WorkerJob, public UnaryExchange {
 public:
  WorkerRun(const MethodEntry* entry, CoroutineExchange* exchange);
  WorkerRun(const WorkerRun&) = delete;
  WorkerRun& operator=(const WorkerRun&) = delete;

  // --- worker
  void Run() override;
  std::string_view name() const override { return entry_.path; }
  void Reply(const rpc::MessageWriter& reply) override;
  void Fail(const Status& status) override { status_ = status; }

  // --- shard
  bool ended() const { return ended_; }
  void Cancel() { worker_call_.GiveUp(exchange_.call.cancel_status()); }
  // What the handler has answered goes to the caller, unless it was dropped.
  void Answer();

  // Awaits the end, and if `gives_up` also that the call is over.
  LetterWait End(bool gives_up) {
    return LetterWait(&shard_, gives_up ? &exchange_.call.cancellation() : &never_, &waiter_);
  }

 private:
  static void OnEnded(void* context, uint64_t);

  const MethodEntry& entry_;
  CoroutineExchange& exchange_;
  reactor::Shard& shard_;
  WorkerCall worker_call_;
  wire::Bytes reply_;  // serialised, in the worker's call
  Status status_;
  bool ended_ = false;                // the shard's
  reactor::Wait* waiter_ = nullptr;   // the shard's
  reactor::Cancellation never_;       // what waits for the end, whatever happens, waits under it
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_RUN_H_
