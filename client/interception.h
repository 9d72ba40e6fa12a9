// Interception: one call of a channel that has interceptors. It stands between who made the call
// and its way over the wire: the call begins there when the innermost interceptor runs next(), and
// its end comes here first.
//
//     ChannelCore::Start -> Begin -> interceptor -> next() -> ChannelCore::Proceed -> Session
//     caller <- ClientCall::Conclude <- Answer <- interceptor <- TakeEnd <- ClientCall::Finish <-'
//
// Where all are plain pairs there is no coroutine: Begin() and TakeEnd() run them in their place.
// With a coroutine among them the end waits in the shard's run queue, as whatever wakes one does.
//
// A caller that gives the call up has its answer at once: interceptors that wait in next() are made
// to go on first, and see it; one that waits for something else hears of it there, and its frame
// goes with the call. At the deadline they have one pass of the run queue.
//
// Ownership: in the call's arena; goes with the call.
#ifndef PENSTOCK_CLIENT_INTERCEPTION_H_
#define PENSTOCK_CLIENT_INTERCEPTION_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>

#include "penstock/reactor/run_queue.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/status.h"

namespace penstock::client {

class ClientCall;

class Interception final : public rpc::InterceptorChain {
 public:
  // What who made the call waits in: it hears of the call's end by the call alone, and not of the
  // cancellation that its interceptors wait under.
  class Caller final : public CallScope {
   public:
    explicit Caller(const CallScope& call);
  };

  // The call has not begun, nor has anybody begun to wait in it.
  Interception(ClientCall* call, const rpc::Interceptors* interceptors, bool all_plain);
  // Destroys the frame of what has not ended.
  ~Interception();

  // --- for the channel
  // The first interceptor begins. The call may have ended when it returns.
  void Begin();
  // How the call has ended on the wire; the interceptors may replace it. False: they go on, and it
  // ends when they have.
  [[nodiscard]] bool TakeEnd(Status* status);
  // The caller gives it up: it has ended when this returns, or when the plain interceptors that run
  // behind it have returned.
  void Cancel(const Status& why);
  // Its deadline has passed: it ends in the next pass of the run queue.
  void Expire(const Status& why);

  // --- for the call
  Caller& caller() { return caller_; }
  rpc::CallCancellation& cancellation() { return cancellation_; }

  // --- for the interceptors
  bool StartHandler(std::coroutine_handle<> awaiter) override;
  void DestroyHandler() override;

  // --- for the coroutine around them
  void set_frame(std::coroutine_handle<> frame) { frame_ = frame; }
  // How the outermost has ended. The frame ends by itself behind this.
  void Answer(Status status);

 private:
  enum class Phase : uint8_t {
    kNew,     // nothing has begun
    kBefore,  // they are at work, and the call is not on its way
    kUnderWay,
    kBehind,  // it has ended on the wire, and they are at work
  };

  void Resume();
  void GiveUp();

  ClientCall& made_;
  const bool all_plain_;
  Phase phase_ = Phase::kNew;
  bool has_answer_ = false;  // it ended with OK on the wire
  size_t begun_count_ = 0;   // of plain ones, where all are
  Caller caller_;
  rpc::CallCancellation cancellation_;
  std::coroutine_handle<> frame_;    // of the coroutine around them; null: it has ended
  std::coroutine_handle<> awaiter_;  // while it waits in next()
  reactor::Runnable resume_;
  reactor::Runnable give_up_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_INTERCEPTION_H_
