// CallWait: what a handler that is a coroutine awaits. It answers with a status: OK, or why the
// call is over; then it does not suspend any more.
//
//     if (Status status = co_await Sleep(call, 5 * kNsPerMs); !status.ok()) co_return status;
//     co_await Try(co_await Sleep(call, 5 * kNsPerMs));          // the same: rpc/try.h
//
// Ownership: awaited where it is made; the call outlives it.
#ifndef PENSTOCK_RPC_CALL_WAIT_H_
#define PENSTOCK_RPC_CALL_WAIT_H_

#include <coroutine>

#include "penstock/reactor/timer_wheel.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/time.h"

namespace penstock {
namespace rpc {

class CallWait : public reactor::Wait {
 public:
  [[nodiscard]] Status await_resume() const { return call_.cancel_status(); }

 protected:
  // `call` is served by a coroutine, or is a scope within such a one: only there can one wait.
  explicit CallWait(CallScope* call)
      : Wait(&call->shard().run_queue(), &call->cancellation()), call_(*call) {}
  ~CallWait() = default;

  CallScope& call() const { return call_; }

 private:
  CallScope& call_;
};

}  // namespace rpc

// OK after `duration_ns`, to a tick of the shard's timers (1 ms), or why the call is over by then.
class [[nodiscard]] Sleep final : public rpc::CallWait {
 public:
  Sleep(CallScope& call, TimeNs duration_ns)
      : CallWait(&call),
        wake_at_(SaturatingAdd(call.now(), duration_ns)),
        timer_(&Sleep::OnTimer, this) {}

  bool await_ready() const { return cancelled() || over_ || wake_at_ <= call().now(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    call().shard().timers().Schedule(timer_, wake_at_);
  }

 private:
  static void OnTimer(void* context, TimeNs) {
    auto& sleep = *static_cast<Sleep*>(context);
    sleep.over_ = true;
    sleep.Wake();
  }

  const TimeNs wake_at_;
  bool over_ = false;
  reactor::Timer timer_;
};

// OK once the shard has done what else is ready, in its next turn, or why the call is over. For a
// handler that computes for long, and does not wait: a shard has one thread, and nobody else runs
// until the handler suspends.
//
//     for (const Part& part : parts_) {
//       Digest(part);
//       co_await Try(co_await Yield(call));
//     }
class [[nodiscard]] Yield final : public rpc::CallWait {
 public:
  explicit Yield(CallScope& call) : CallWait(&call) {}

  bool await_ready() const { return cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    Wake();
  }
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_CALL_WAIT_H_
