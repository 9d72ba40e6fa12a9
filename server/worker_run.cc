#include "penstock/server/worker_run.h"

#include "penstock/rpc/raw_message.h"
#include "penstock/server/run_handler.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

// Both parameters outlive the coroutine. What it holds is gone before the call is: hence the block.
OutermostCoroutine AwaitOnWorker(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    WorkerRun run(&entry, &exchange);
    if (PENSTOCK_LIKELY(entry.workers->Submit(run))) {
      co_await run.End(/*gives_up=*/true);
      if (PENSTOCK_UNLIKELY(!run.ended())) {
        run.Cancel();
        co_await run.End(/*gives_up=*/false);
      }
      run.Answer();
    } else {
      exchange.Finish(StatusOfTooManyWaiting());
    }
  }
  exchange.End();
}

}  // namespace

PENSTOCK_COLD Status StatusOfTooManyWaiting() {
  return MakeStatus(StatusCode::kResourceExhausted,
                    "as many calls wait for a worker as may: "
                    "ServerOptions::worker_calls_waiting_max");
}

void StartOnWorker(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitOnWorker(entry, exchange);
}

WorkerRun::WorkerRun(const MethodEntry* entry, CoroutineExchange* exchange)
    : UnaryExchange(worker_call_, exchange->request),
      entry_(*entry),
      exchange_(*exchange),
      shard_(exchange->call.shard()),
      worker_call_(&exchange->call) {}

void WorkerRun::Run() {
  if (PENSTOCK_LIKELY(!worker_call_.cancelled())) {
    entry_.run_on_worker(entry_, *this);
  } else {
    Fail(worker_call_.cancel_status());  // over before it has begun
  }
  PostFromWorker(shard_, &WorkerRun::OnEnded, this);
}

void WorkerRun::Reply(const rpc::MessageWriter& reply) {
  const size_t bytes = reply.byte_size();
  auto* const octets = static_cast<uint8_t*>(worker_call_.arena().Allocate(bytes, 1));
  reply.SerializeTo(octets);
  reply_ = {octets, bytes};
}

void WorkerRun::OnEnded(void* context, uint64_t) {
  auto& run = *static_cast<WorkerRun*>(context);
  run.ended_ = true;
  if (run.waiter_ != nullptr) run.waiter_->Wake();
}

void WorkerRun::Answer() {
  if (PENSTOCK_UNLIKELY(exchange_.is_dropped)) return;
  exchange_.call.TakeAnswerOf(worker_call_);
  if (PENSTOCK_UNLIKELY(!status_.ok())) return exchange_.Finish(status_);
  exchange_.Reply(rpc::MessageWriter::OfOctets(&reply_, /*compressed=*/false));
}

}  // namespace penstock::server
