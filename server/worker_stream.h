// WorkerStream: one call that streams and whose handler runs on a worker thread. Between the worker
// and two coroutines on the shard stands a WorkerQueue for each direction.
//
//     shard    AwaitStreamOnWorker: Feed()     the inbox -> input_           Deliver()  output_ ->
//     worker   Run -> the handler: BlockingReader::Next() <- input_          ... Write() -> output_
//
// The shard copies octets and no more; messages are parsed and serialised on the worker. Whoever
// waits is woken by the other side: the shard by a letter, at most one of each kind at a time; the
// worker by its bell. The octets of a request are asked for anew when it goes into input_.
//
// Every wait of the worker ends when the call does, whatever ended it. The worker's last act is the
// letter of its end; then what lies in output_ is sent, and the answer behind it.
//
// Ownership: the shard's coroutine; from Submit() to that letter the worker uses it, too.
// Limits:    server/worker_queue.h, in each direction.
#ifndef PENSTOCK_SERVER_WORKER_STREAM_H_
#define PENSTOCK_SERVER_WORKER_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/task.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"
#include "penstock/server/doorbell.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/worker_call.h"
#include "penstock/server/worker_pool.h"
#include "penstock/server/worker_queue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::server {

// What MethodEntry::own_start is where a handler that streams runs on workers.
void StartStreamOnWorker(const MethodEntry& entry, CoroutineExchange& exchange);

class WorkerStream final : public WorkerJob, public BlockingExchange {
 public:
  WorkerStream(const MethodEntry* entry, CoroutineExchange* exchange);
  WorkerStream(const WorkerStream&) = delete;
  WorkerStream& operator=(const WorkerStream&) = delete;

  // --- worker
  void Run() override;
  std::string_view name() const override { return entry_.path; }
  bool Take(wire::Bytes* message, Status* end) override;
  wire::SlabPool& slabs() override { return worker_call_.slabs(); }
  Status Send(const rpc::MessageWriter& message) override;
  void SendHead() override;
  void Reply(const rpc::MessageWriter& reply) override;
  void Finish(const Status& status) override { status_ = status; }

  // --- shard
  // What streams in goes to the worker, up to its end or the call's. This outlives the tasks.
  reactor::Task<void> Feed();
  // What the worker streams out goes to the caller, up to the end of the worker's run.
  reactor::Task<void> Deliver();
  // How the handler has ended goes to the caller, unless it was dropped.
  void Answer();

 private:
  static void OnInputTaken(void* context, uint64_t);
  static void OnOutput(void* context, uint64_t);
  static void OnEnded(void* context, uint64_t);

  void PushInput(WorkerMessage* message);
  void GiveUp();
  void Forward(WorkerMessage* message);
  bool AwaitOutputRoom();
  void FixHead();
  void PushOutput(WorkerMessage* message);

  const MethodEntry& entry_;
  CoroutineExchange& exchange_;
  reactor::Shard& shard_;
  WorkerCall worker_call_;
  WorkerQueue input_;
  WorkerQueue output_;
  Doorbell bell_;  // wakes the worker

  // The worker's until its end.
  WorkerMessage taken_;
  bool head_is_fixed_ = false;
  Status status_;
  wire::Bytes reply_;  // serialised, in the worker's call
  // Written once, before the message in the queue that tells of it.
  Status input_end_;                          // the shard's
  std::span<const Metadata::Entry> initial_;  // the worker's

  // The shard's.
  bool head_is_taken_ = false;
  bool ended_ = false;
  bool given_up_ = false;
  reactor::Cancellation over_;   // the call is, or the worker's run has ended
  reactor::Cancellation never_;  // that the worker ends is awaited whatever happens
  reactor::Wait* feeder_ = nullptr;
  reactor::Wait* deliverer_ = nullptr;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_STREAM_H_
