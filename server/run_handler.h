// What stands between the dispatcher and a handler whose types are known: parses the request, calls
// the handler, catches what it throws, and answers. For each form of handler one function, which
// MethodEntry points to.
#ifndef PENSTOCK_SERVER_RUN_HANDLER_H_
#define PENSTOCK_SERVER_RUN_HANDLER_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <utility>

#include "penstock/codec/message_format.h"
#include "penstock/reactor/frame_pool.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/method_entry.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/check.h"

namespace penstock::server {

template <typename Handler>
Handler& HandlerOf(const MethodEntry& entry) {
  return *static_cast<Handler*>(entry.handler.get());
}

// A plain function, inline on the shard.
template <typename Request, typename Response, typename Handler>
void RunInline(const MethodEntry& entry, UnaryExchange& exchange) {
  Call& call = exchange.call;
  typename codec::MessageFormat<Request>::Holder request_holder(&call.arena());
  Request& request = codec::MessageFormat<Request>::Of(request_holder);
  Status status = rpc::ReadMessage(call, exchange.request, request);
  if (PENSTOCK_UNLIKELY(!status.ok())) return exchange.Fail(status);
  typename codec::MessageFormat<Response>::Holder response_holder(&call.arena());
  Response& response = codec::MessageFormat<Response>::Of(response_holder);
  try {
    status = HandlerOf<Handler>(entry)(call, static_cast<const Request&>(request), response);
  } catch (...) {
    status = StatusOfException(entry);
  }
  if (PENSTOCK_LIKELY(status.ok())) {
    status = rpc::WriteMessage(call, response,
                               [&](const rpc::MessageWriter& writer) { exchange.Reply(writer); });
  }
  if (PENSTOCK_UNLIKELY(!status.ok())) exchange.Fail(status);
}

// The outermost coroutine of a handler: it begins at once, nobody awaits it, and its frame goes
// when it ends. Its last act is CoroutineExchange::End().
struct OutermostCoroutine {
  struct promise_type : reactor::PooledFrame {
    template <typename... More>
    promise_type(const MethodEntry&, CoroutineExchange& exchange, const More&...) {
      exchange.KeepFrame(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    OutermostCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <typename Response>
PENSTOCK_ALWAYS_INLINE void ReplyWith(const Response& reply, CoroutineExchange& exchange) {
  const Status written = rpc::WriteMessage(
      exchange.call, reply, [&](const rpc::MessageWriter& writer) { exchange.Reply(writer); });
  if (PENSTOCK_UNLIKELY(!written.ok())) exchange.Finish(written);
}

template <typename Response>
PENSTOCK_ALWAYS_INLINE void AnswerWith(const StatusOr<Response>& reply,
                                       CoroutineExchange& exchange) {
  reply.ok() ? ReplyWith(*reply, exchange) : exchange.Finish(reply.status());
}

// Destroys at its end what lives in an arena.
template <typename T>
class ArenaGuard {
 public:
  explicit ArenaGuard(T* object) : object_(*object) {}
  ~ArenaGuard() { std::destroy_at(&object_); }
  ArenaGuard(const ArenaGuard&) = delete;
  ArenaGuard& operator=(const ArenaGuard&) = delete;

 private:
  T& object_;
};

// The rest of a unary handler that was suspended; `request` holds the message, in the call's arena.
// What is given by reference outlives the coroutine. What it holds is gone before the call is:
// hence the blocks, here and below.
template <typename Holder, typename Response>
OutermostCoroutine AwaitUnary(const MethodEntry& entry, CoroutineExchange& exchange,
                              Holder& request, Task<StatusOr<Response>> begun) {
  {
    const ArenaGuard guard(&request);
    try {
      const Task<StatusOr<Response>> task = std::move(begun);
      AnswerWith(co_await task.Rest(), exchange);
    } catch (...) {
      exchange.Finish(StatusOfException(entry));
    }
  }
  exchange.End();
}

template <typename Request, typename Response, typename Handler>
OutermostCoroutine AwaitServerStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    typename codec::MessageFormat<Request>::Holder holder(&exchange.call.arena());
    Request& request = codec::MessageFormat<Request>::Of(holder);
    const Status parsed = rpc::ReadMessage(exchange.call, exchange.request, request);
    if (PENSTOCK_UNLIKELY(!parsed.ok())) {
      exchange.Finish(parsed);
    } else {
      Writer<Response> out(&exchange.call, &exchange);
      try {
        exchange.Finish(co_await HandlerOf<Handler>(entry)(
            exchange.call, static_cast<const Request&>(request), out));
      } catch (...) {
        exchange.Finish(StatusOfException(entry));
      }
    }
  }
  exchange.End();
}

template <typename Request, typename Response, typename Handler>
OutermostCoroutine AwaitClientStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    Reader<Request> in(&exchange.call, exchange.source);
    try {
      const StatusOr<Response> reply = co_await HandlerOf<Handler>(entry)(exchange.call, in);
      reply.ok() ? ReplyWith(*reply, exchange) : exchange.Finish(reply.status());
    } catch (...) {
      exchange.Finish(StatusOfException(entry));
    }
  }
  exchange.End();
}

template <typename Request, typename Response, typename Handler>
OutermostCoroutine AwaitBidiStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    Reader<Request> in(&exchange.call, exchange.source);
    Writer<Response> out(&exchange.call, &exchange);
    try {
      exchange.Finish(co_await HandlerOf<Handler>(entry)(exchange.call, in, out));
    } catch (...) {
      exchange.Finish(StatusOfException(entry));
    }
  }
  exchange.End();
}

// A coroutine, which may outlive the batch that its request came in. While it does not wait it
// costs its own frame and no other: what it was given lies in the call's arena.
// Bench: handler_bench, coroutine: 178 to 175 ns.
template <typename Request, typename Response, typename Handler>
void StartUnary(const MethodEntry& entry, CoroutineExchange& exchange) {
  using Format = codec::MessageFormat<Request>;
  using Holder = typename Format::Holder;
  exchange.frame = std::noop_coroutine();
  Call& call = exchange.call;
  Holder& holder = *call.arena().template New<Holder>(&call.arena());
  const Status parsed = rpc::ReadMessage(call, exchange.request, Format::Of(holder));
  if (PENSTOCK_UNLIKELY(!parsed.ok())) {
    exchange.Finish(parsed);
  } else {
    try {
      Task<StatusOr<Response>> task = HandlerOf<Handler>(entry)(
          call, static_cast<const Request&>(Format::Of(holder)));
      if (PENSTOCK_UNLIKELY(!task.Begin())) {
        AwaitUnary(entry, exchange, holder, std::move(task));
        return;
      }
      AnswerWith(task.ShowResult(), exchange);
    } catch (...) {
      exchange.Finish(StatusOfException(entry));
    }
  }
  std::destroy_at(&holder);
  exchange.End();
}

template <typename Request, typename Response, typename Handler>
void StartServerStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitServerStreaming<Request, Response, Handler>(entry, exchange);
}

template <typename Request, typename Response, typename Handler>
void StartClientStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitClientStreaming<Request, Response, Handler>(entry, exchange);
}

template <typename Request, typename Response, typename Handler>
void StartBidiStreaming(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitBidiStreaming<Request, Response, Handler>(entry, exchange);
}

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_RUN_HANDLER_H_
