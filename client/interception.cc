#include "penstock/client/interception.h"

#include <exception>
#include <utility>

#include "penstock/client/channel_core.h"
#include "penstock/client/client_call.h"
#include "penstock/reactor/frame_pool.h"
#include "penstock/wire/check.h"

namespace penstock::client {
namespace {

// Begins at once; its frame goes when it ends, or with the Interception.
struct OutermostCoroutine {
  struct promise_type : reactor::PooledFrame {
    explicit promise_type(Interception& interception) {
      interception.set_frame(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    OutermostCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// `interception` outlives it.
OutermostCoroutine Drive(Interception& interception) {
  Status status = co_await rpc::ProceedOperation(&interception, 0);
  interception.Answer(std::move(status));
}

}  // namespace

Interception::Caller::Caller(const CallScope& call) {
  shard_ = &call.shard();
  cancellation_ = &call.cancellation();
  deadline_ = call.deadline();
  call_arena_ = call.call_arena();
}

Interception::Interception(ClientCall* call, const rpc::Interceptors* interceptors, bool all_plain)
    : InterceptorChain(call, interceptors),
      made_(*call),
      all_plain_(all_plain),
      caller_(*call),
      cancellation_(&call->cancellation()),
      resume_([](void* context) { static_cast<Interception*>(context)->Resume(); }, this),
      give_up_([](void* context) { static_cast<Interception*>(context)->GiveUp(); }, this) {}

Interception::~Interception() {
  if (frame_ != nullptr) std::exchange(frame_, nullptr).destroy();
}

// --- For the channel

void Interception::Begin() {
  phase_ = Phase::kBefore;
  made_.set_phase(ClientCall::Phase::kHeld);
  if (!all_plain_) {
    Drive(*this);
    return;
  }
  Status status;
  begun_count_ = rpc::RunBefores(interceptors(), 0, interceptors().size(), made_, &status);
  if (PENSTOCK_UNLIKELY(!status.ok())) return made_.Finish(std::move(status));
  phase_ = Phase::kUnderWay;
  made_.core().Proceed(made_);
}

bool Interception::TakeEnd(Status* status) {
  if (phase_ == Phase::kNew) return true;
  PENSTOCK_DCHECK(all_plain_ || phase_ == Phase::kUnderWay, "a call ends once on the wire");
  phase_ = Phase::kBehind;
  made_.set_phase(ClientCall::Phase::kHeld);
  made_.set_request_is_whole();  // what is still written is dropped
  if (all_plain_) {
    rpc::RunAfters(interceptors(), 0, begun_count_, made_, status);
    return true;
  }
  has_answer_ = status->ok();
  handler_status_ = std::move(*status);
  if (awaiter_ != nullptr) made_.shard().run_queue().Push(resume_);
  return false;
}

PENSTOCK_COLD void Interception::Cancel(const Status& why) {
  // Plain ones run at its end at this moment, and it is one of them that says so.
  if (all_plain_ && phase_ == Phase::kBehind) return;
  if (all_plain_ || phase_ == Phase::kUnderWay) made_.core().GiveUp(made_, why);
  if (made_.ended()) return;
  cancellation_.Cancel(why);
  if (awaiter_ != nullptr) {
    resume_.Unlink();
    Resume();
  }
  if (!made_.ended()) made_.Conclude(why);
}

PENSTOCK_COLD void Interception::Expire(const Status& why) {
  if (all_plain_ || phase_ == Phase::kUnderWay) made_.core().GiveUp(made_, why);
  if (made_.ended()) return;
  cancellation_.Cancel(why);  // those that are suspended are queued before what follows
  made_.shard().run_queue().Push(give_up_);
}

void Interception::GiveUp() {
  if (!made_.ended()) made_.Conclude(cancellation_.status());
}

void Interception::Resume() { std::exchange(awaiter_, nullptr).resume(); }

// --- For the interceptors

bool Interception::StartHandler(std::coroutine_handle<> awaiter) {
  if (PENSTOCK_UNLIKELY(made_.ended())) {  // its caller has given it up
    handler_status_ = made_.status();
    return true;
  }
  phase_ = Phase::kUnderWay;
  made_.core().Proceed(made_);
  if (phase_ == Phase::kBehind) return true;
  awaiter_ = awaiter;
  return false;
}

void Interception::DestroyHandler() {
  awaiter_ = nullptr;
  resume_.Unlink();
  if (phase_ != Phase::kUnderWay) return;
  made_.core().GiveUp(made_, MakeStatus(StatusCode::kCancelled, "an interceptor gave the call up"));
}

void Interception::Answer(Status status) {
  frame_ = nullptr;
  if (PENSTOCK_UNLIKELY(made_.ended())) return;
  if (PENSTOCK_UNLIKELY(status.ok() && !has_answer_ && !made_.streams_responses())) {
    status = MakeStatus(StatusCode::kInternal,
                        "an interceptor answered OK where there is no response");
  }
  made_.Conclude(std::move(status));
}

}  // namespace penstock::client
