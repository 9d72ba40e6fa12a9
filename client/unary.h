// Unary: what a client's unary method returns: a call that has begun. Awaited, it gives the reply,
// or the status that the call ended with.
//
//     StatusOr<HelloReply> reply = co_await greeter.SayHello(call, request);
//
//     auto saying = greeter.SayHello(call, request);      // both are under way
//     auto asking = greeter.Ask(call, question);
//     StatusOr<HelloReply> reply = co_await saying;
//     ... saying.trailing_metadata().Get("x-cost") ...
//
// The request is encoded when the method returns. The reply lives in the parent's arena, and so as
// long as the parent; a copy of it lives by itself.
//
// Ownership: awaited where it is made, at most once; the parent outlives it. One that goes before
//            the call has ended cancels it.
#ifndef PENSTOCK_CLIENT_UNARY_H_
#define PENSTOCK_CLIENT_UNARY_H_

#include <coroutine>
#include <string_view>
#include <utility>

#include "penstock/client/call_options.h"
#include "penstock/client/channel_core.h"
#include "penstock/client/client_call.h"
#include "penstock/codec/message_format.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status_or.h"

namespace penstock::client {

template <typename Response>
class [[nodiscard]] Unary final : public rpc::CallWait {
 public:
  // `made` has not begun; this gives it back.
  Unary(Call* parent, ClientCall* made) : CallWait(made), parent_(*parent), made_(*made) {
    made_.core().Start(made_);
  }
  ~Unary() { made_.core().Release(made_); }

  bool await_ready() const { return made_.ended() || cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    made_.WakeAtEnd(*this);
  }
  [[nodiscard]] StatusOr<Response> await_resume() {
    if (PENSTOCK_UNLIKELY(!made_.ended())) {
      made_.core().Cancel(made_, made_.cancel_status());
    }
    if (PENSTOCK_UNLIKELY(!made_.status().ok())) return made_.status();
    typename codec::MessageFormat<Response>::Holder holder(&parent_.arena());
    Response& response = codec::MessageFormat<Response>::Of(holder);
    const Status parsed = rpc::ReadMessage(made_, made_.response(), response);
    if (PENSTOCK_UNLIKELY(!parsed.ok())) return parsed;
    return StatusOr<Response>(std::move(response));
  }

  // Of the response, once it was awaited.
  const Metadata& initial_metadata() const { return made_.initial_metadata(); }
  const Metadata& trailing_metadata() const { return made_.trailing_metadata(); }

 private:
  Call& parent_;
  ClientCall& made_;
};

// What generated clients call.
template <typename Request, typename Response>
Unary<Response> StartUnary(ChannelCore& core, const UnaryMethod<Request, Response>& method,
                           Call& parent, const Request& request, const CallOptions& options) {
  ClientCall& call = core.NewCall(&parent, method.path, options);
  call.SetRequest(rpc::MessageWriter(request));
  return Unary<Response>(&parent, &call);
}

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_UNARY_H_
