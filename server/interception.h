// Interception: one call whose method has interceptors. It stands between them and the exchange
// that answers: what the handler answers comes here first, and goes on when they have ended.
//
//     HandlerRuns::Start -> StartTask -> interceptor -> ... -> the handler's own coroutine
//
// A method with plain interceptors alone needs none: its replies pass them by as they are, those of
// a plain function inline (InterceptInline), those of a coroutine by an ObservedRun.
//
// A reply is serialised when the handler answers, since its message goes with the handler's frame,
// and waits in the call's arena: octets that are copied once more.
#ifndef PENSTOCK_SERVER_INTERCEPTION_H_
#define PENSTOCK_SERVER_INTERCEPTION_H_

#include <coroutine>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/server/method_entry.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::server {

// What MethodEntry::run_inline and MethodEntry::start are where there are interceptors: around a
// plain function, plain ones alone; around a coroutine those; and where one is a coroutine, the
// first, or one behind it.
void InterceptInline(const MethodEntry& entry, UnaryExchange& exchange);
void StartObserved(const MethodEntry& entry, CoroutineExchange& exchange);
void StartTask(const MethodEntry& entry, CoroutineExchange& exchange);
void StartIntercepted(const MethodEntry& entry, CoroutineExchange& exchange);

// Decides for an entry which of them it needs, after its interceptors have changed.
void ChooseRun(MethodEntry& entry);

class Interception final : public rpc::InterceptorChain, public CoroutineExchange {
 public:
  Interception(const MethodEntry* entry, CoroutineExchange* outer);
  // Where the shard has ended, and the workers before it: the handler goes where it stands.
  ~Interception() {
    if (PENSTOCK_UNLIKELY(frame != nullptr)) frame.destroy();
  }

  // --- for the interceptors
  bool StartHandler(std::coroutine_handle<> awaiter) override;
  void DestroyHandler() override;

  // --- for the handler
  void Reply(const rpc::MessageWriter& reply) override;
  void Finish(const Status& status) override { handler_status_ = status; }
  void End() override;
  bool Send(const rpc::MessageWriter& message) override { return outer_.Send(message); }
  void SendHead() override { outer_.SendHead(); }
  bool is_full() const override { return outer_.is_full(); }
  void WakeWhenNotFull(reactor::Wait& wait) override { outer_.WakeWhenNotFull(wait); }

  // How the outermost interceptor has ended: answers so.
  void Answer(const Status& status);
  // It has answered, and its handler has not ended.
  bool is_resting() const { return frame != nullptr; }
  // Awaits the end of a handler that was dropped and cannot be destroyed.
  class RestOperation;
  RestOperation Rest();

 private:
  void CancelHandler();

  const MethodEntry& entry_;
  CoroutineExchange& outer_;
  std::coroutine_handle<> awaiter_;  // while the handler is suspended
  bool has_ended_ = false;
  bool has_reply_ = false;
  wire::Bytes reply_;  // serialised
};

class [[nodiscard]] Interception::RestOperation {
 public:
  explicit RestOperation(Interception* interception) : interception_(*interception) {}

  bool await_ready() const { return PENSTOCK_LIKELY(!interception_.is_resting()); }
  void await_suspend(std::coroutine_handle<> awaiter) {
    interception_.awaiter_ = awaiter;
    interception_.CancelHandler();
  }
  void await_resume() const {}

 private:
  Interception& interception_;
};

inline Interception::RestOperation Interception::Rest() { return RestOperation(this); }

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_INTERCEPTION_H_
