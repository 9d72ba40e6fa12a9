// What stands between a worker thread and a handler that streams and whose types are known: parses,
// calls the handler, catches what it throws, and answers. For each kind one function, which
// MethodEntry::stream_on_worker points to. (A unary one's is RunInline, as on a shard.)
#ifndef PENSTOCK_SERVER_RUN_ON_WORKER_H_
#define PENSTOCK_SERVER_RUN_ON_WORKER_H_

#include "penstock/codec/message_format.h"
#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/run_handler.h"
#include "penstock/wire/check.h"

namespace penstock::server {

template <typename Request, typename Response, typename Handler>
void StreamOut(const MethodEntry& entry, BlockingExchange& exchange) {
  Call& call = exchange.call;
  typename codec::MessageFormat<Request>::Holder holder(&call.arena());
  Request& request = codec::MessageFormat<Request>::Of(holder);
  Status status = rpc::ReadMessage(call, exchange.request, request);
  if (PENSTOCK_UNLIKELY(!status.ok())) return exchange.Finish(status);
  BlockingWriter<Response> out(&call, &exchange);
  try {
    status = HandlerOf<Handler>(entry)(call, static_cast<const Request&>(request), out);
  } catch (...) {
    status = StatusOfException(entry);
  }
  exchange.Finish(status);
}

template <typename Request, typename Response, typename Handler>
void StreamIn(const MethodEntry& entry, BlockingExchange& exchange) {
  Call& call = exchange.call;
  BlockingReader<Request> in(&call, &exchange);
  typename codec::MessageFormat<Response>::Holder holder(&call.arena());
  Response& response = codec::MessageFormat<Response>::Of(holder);
  Status status;
  try {
    status = HandlerOf<Handler>(entry)(call, in, response);
  } catch (...) {
    status = StatusOfException(entry);
  }
  if (PENSTOCK_LIKELY(status.ok())) {
    status = rpc::WriteMessage(call, response,
                               [&](const rpc::MessageWriter& writer) { exchange.Reply(writer); });
  }
  if (PENSTOCK_UNLIKELY(!status.ok())) exchange.Finish(status);
}

template <typename Request, typename Response, typename Handler>
void StreamBothWays(const MethodEntry& entry, BlockingExchange& exchange) {
  BlockingReader<Request> in(&exchange.call, &exchange);
  BlockingWriter<Response> out(&exchange.call, &exchange);
  Status status;
  try {
    status = HandlerOf<Handler>(entry)(exchange.call, in, out);
  } catch (...) {
    status = StatusOfException(entry);
  }
  exchange.Finish(status);
}

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_RUN_ON_WORKER_H_
