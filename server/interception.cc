#include "penstock/server/interception.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "penstock/server/run_handler.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

// What a plain function answers through when its interceptors are plain, too.
class ObservedExchange final : public UnaryExchange {
 public:
  ObservedExchange(const rpc::Interceptors* interceptors, UnaryExchange* outer)
      : UnaryExchange(outer->call, outer->request), interceptors_(*interceptors), outer_(*outer) {}

  void Reply(const rpc::MessageWriter& reply) override {
    call.CountSent();
    Status status;
    RunAfters(interceptors_.size(), &status);
    PENSTOCK_LIKELY(status.ok()) ? outer_.Reply(reply) : outer_.Fail(status);
  }
  void Fail(const Status& status) override { Refuse(interceptors_.size(), status); }
  // By the one behind `begun_count` others.
  void Refuse(size_t begun_count, Status status) {
    RunAfters(begun_count, &status);
    outer_.Fail(status);
  }

 private:
  void RunAfters(size_t begun_count, Status* status) {
    rpc::RunAfters(interceptors_, 0, begun_count, call, status);
  }

  const rpc::Interceptors& interceptors_;
  UnaryExchange& outer_;
};

// What a plain function answers through when one of its interceptors is a coroutine.
class InlineExchange final : public UnaryExchange {
 public:
  InlineExchange(Interception* interception, const CoroutineExchange& outer)
      : UnaryExchange(outer.call, outer.request), interception_(*interception) {}

  void Reply(const rpc::MessageWriter& reply) override { interception_.Reply(reply); }
  void Fail(const Status& status) override { interception_.Finish(status); }

 private:
  Interception& interception_;
};

// Where the first is a coroutine. Both parameters outlive this one. What it holds is gone before
// the call is: hence the block.
// Bench: handler_bench, coroutine_interceptor: 10 ns less than by a ProceedOperation, and 74
// instructions.
OutermostCoroutine AwaitTask(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    Interception interception(&entry, &exchange);
    try {
      Task<Status> task =
          entry.interceptors.front()->Run(exchange.call, Next(&interception, 1));
      interception.Answer(co_await task);
    } catch (...) {
      interception.Answer(rpc::StatusOfThrown(exchange.call));
    }
    co_await interception.Rest();
  }
  exchange.End();
}

OutermostCoroutine AwaitIntercepted(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    Interception interception(&entry, &exchange);
    const Status status = co_await rpc::ProceedOperation(&interception, 0);
    interception.Answer(status);
    co_await interception.Rest();
  }
  exchange.End();
}

}  // namespace

void InterceptInline(const MethodEntry& entry, UnaryExchange& exchange) {
  ObservedExchange observed(&entry.interceptors, &exchange);
  Status status;
  const size_t begun_count = rpc::RunBefores(entry.interceptors, 0, entry.interceptors.size(),
                                             exchange.call, &status);
  if (PENSTOCK_UNLIKELY(!status.ok())) return observed.Refuse(begun_count, std::move(status));
  entry.own_run_inline(entry, observed);
}

void StartIntercepted(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitIntercepted(entry, exchange);
}

void StartTask(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitTask(entry, exchange);
}

void ChooseRun(MethodEntry& entry) {
  const bool all_plain =
      std::all_of(entry.interceptors.begin(), entry.interceptors.end(),
                  [](const rpc::Interceptor* interceptor) { return interceptor->is_plain(); });
  entry.run_inline = nullptr;
  entry.start = nullptr;
  if (entry.interceptors.empty()) {
    entry.run_inline = entry.own_run_inline;
    entry.start = entry.own_start;
  } else if (entry.own_run_inline != nullptr && all_plain) {
    entry.run_inline = &InterceptInline;
  } else {
    entry.start =
        entry.interceptors.front()->is_plain() ? &StartIntercepted : &StartTask;
  }
}

// --- Interception

Interception::Interception(const MethodEntry* entry, CoroutineExchange* outer)
    : InterceptorChain(&outer->call, &entry->interceptors),
      CoroutineExchange(outer->call, outer->request, outer->source),
      entry_(*entry),
      outer_(*outer) {}

bool Interception::StartHandler(std::coroutine_handle<> awaiter) {
  if (entry_.own_run_inline != nullptr) {
    InlineExchange exchange(this, outer_);
    entry_.own_run_inline(entry_, exchange);
    return true;
  }
  entry_.own_start(entry_, *this);
  if (has_ended_) return true;
  awaiter_ = awaiter;
  return false;
}

// A worker cannot be stopped: what it works with goes when it has ended, and nobody hears of it.
void Interception::DestroyHandler() {
  awaiter_ = nullptr;
  if (frame == nullptr) return;
  if (entry_.needs_workers()) {
    is_dropped = true;
    return;
  }
  std::exchange(frame, nullptr).destroy();
}

PENSTOCK_COLD void Interception::CancelHandler() {
  outer_.call.cancellation().Cancel(
      MakeStatus(StatusCode::kCancelled, "an interceptor has answered without the handler"));
}

void Interception::Reply(const rpc::MessageWriter& reply) {
  const size_t bytes = reply.byte_size();
  auto* const octets = static_cast<uint8_t*>(outer_.call.arena().Allocate(bytes, 1));
  reply.SerializeTo(octets);
  reply_ = {octets, bytes};
  has_reply_ = true;
  outer_.call.CountSent();
}

// The handler's frame ends by itself behind this.
void Interception::End() {
  frame = nullptr;
  has_ended_ = true;
  if (awaiter_ != nullptr) std::exchange(awaiter_, nullptr).resume();
}

void Interception::Answer(const Status& status) {
  if (!status.ok() || entry_.streams_out) return outer_.Finish(status);
  if (PENSTOCK_LIKELY(has_reply_)) {
    return outer_.Reply(rpc::MessageWriter::OfOctets(&reply_, false));
  }
  outer_.Finish(MakeStatus(StatusCode::kInternal,
                           "an interceptor answered OK where the handler has not"));
}

}  // namespace penstock::server
