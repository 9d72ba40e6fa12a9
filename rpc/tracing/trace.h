// TakeTrace and PassTrace: interceptors that carry a distributed trace through a server: what comes
// with a call goes on with the calls that its handler makes.
//
//     server.registry().Intercept(TakeTrace());
//     channel_options.Intercept(PassTrace());
//     ... co_await greeter.SayHello(call, request);   // in a handler: `call` is its parent
//
// The span is that of the call being served: the calls that its handler makes name it as theirs,
// and make none of their own. Nothing is exported: the access log has the ids, and the handler, by
// call.Get<TraceContext>(), for a tracer.
//
// Spec: W3C Trace Context §4
#ifndef PENSTOCK_RPC_TRACING_TRACE_H_
#define PENSTOCK_RPC_TRACING_TRACE_H_

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/tracing/random_ids.h"
#include "penstock/rpc/tracing/trace_context.h"

namespace penstock {

struct TraceOptions {
  // Whether the trace of a caller is gone on with. Where strangers call, it may be wiser to begin
  // one of our own: theirs decides what is sampled, and for whose logs.
  bool trusts_caller = true;
  // Whether a trace that begins here is marked as sampled.
  bool samples_new = false;
};

// For a server: sets the call's TraceContext, with a span id of its own. A trace begins where the
// caller sent none, two, or a malformed one; its tracestate is dropped then, and where it is itself
// malformed.
class TakeTrace {
 public:
  TakeTrace() : TakeTrace(TraceOptions()) {}
  explicit TakeTrace(const TraceOptions& options) : options_(options) {}

  Status Before(Call& call);

 private:
  TraceOptions options_;
  rpc::RandomIds ids_;
};

// For a client: sends traceparent and tracestate of the call that the call is made in; without one,
// a trace begins. What the caller has put into the metadata itself stays.
class PassTrace {
 public:
  PassTrace() : PassTrace(TraceOptions()) {}
  explicit PassTrace(const TraceOptions& options) : options_(options) {}

  Status Before(Call& call);

 private:
  TraceOptions options_;
  rpc::RandomIds ids_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_TRACING_TRACE_H_
