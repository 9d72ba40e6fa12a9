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
// The request is encoded when the method returns. The reply lives in the arena of the call that the
// parent is, or is in, and so as long as that; a copy of it lives by itself.
//
// Ownership: awaited where it is made, at most once; the parent outlives it. One that goes before
//            the call has ended cancels it.
#ifndef PENSTOCK_CLIENT_UNARY_H_
#define PENSTOCK_CLIENT_UNARY_H_

#include <concepts>
#include <coroutine>
#include <string_view>
#include <utility>

#include "penstock/client/call_options.h"
#include "penstock/client/channel_core.h"
#include "penstock/client/client_call.h"
#include "penstock/codec/message_format.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status_or.h"

namespace penstock::client {

// The one response of a call that has ended, or its status.
template <typename Response>
StatusOr<Response> ResponseOf(ClientCall& call, wire::Arena* arena) {
  using Format = codec::MessageFormat<Response>;
  if (PENSTOCK_UNLIKELY(!call.status().ok())) return call.status();
  if (PENSTOCK_LIKELY(arena != nullptr)) {
    typename Format::Holder holder(arena);
    Response& response = Format::Of(holder);
    const Status parsed = rpc::ReadMessage(call, call.response(), response);
    if (PENSTOCK_UNLIKELY(!parsed.ok())) return parsed;
    return StatusOr<Response>(std::move(response));
  }
  // Where no call lends memory it lives by itself.
  if constexpr (std::default_initializable<Response>) {
    Response response;
    const codec::ParseResult parsed =
        Format::Parse(response, call.response(), codec::StringRule::kCopy);
    if (!parsed.ok()) return rpc::StatusOfParseError(parsed);
    return StatusOr<Response>(std::move(response));
  } else {
    PENSTOCK_CHECK(arena != nullptr, "messages without memory of their own need a call's");
    return MakeStatus(StatusCode::kInternal, "");
  }
}

// Awaits the end of a call that has one response. Ownership: the call outlives it.
template <typename Response>
class [[nodiscard]] ResponseOperation : public rpc::CallWait {
 public:
  ResponseOperation(CallScope* parent, ClientCall* made)
      : CallWait(&made->caller()), parent_(*parent), made_(*made) {}

  bool await_ready() const { return made_.ended() || cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    made_.WakeAtEnd(*this);
  }
  [[nodiscard]] StatusOr<Response> await_resume() {
    if (PENSTOCK_UNLIKELY(!made_.ended())) {
      made_.core().Cancel(made_, call().cancel_status());
    }
    return ResponseOf<Response>(made_, parent_.call_arena());
  }

 protected:
  CallScope& parent_;
  ClientCall& made_;
};

template <typename Response>
class [[nodiscard]] Unary final : public ResponseOperation<Response> {
 public:
  // `made` has not begun; this gives it back.
  Unary(CallScope* parent, ClientCall* made) : ResponseOperation<Response>(parent, made) {
    made->core().Start(*made);
  }
  ~Unary() { this->made_.core().Release(this->made_); }

  // Of the response, once it was awaited.
  const Metadata& initial_metadata() const { return this->made_.initial_metadata(); }
  const Metadata& trailing_metadata() const { return this->made_.trailing_metadata(); }
};

// What generated clients call.
template <typename Request, typename Response>
Unary<Response> StartUnary(ChannelCore& core, const UnaryMethod<Request, Response>& method,
                           CallScope& parent, const Request& request,
                           const CallOptions& options) {
  ClientCall& call = core.NewCall(&parent, method.path, options);
  core.SetRequest(call, rpc::MessageWriter(request));
  return Unary<Response>(&parent, &call);
}

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_UNARY_H_
