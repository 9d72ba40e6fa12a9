#include "penstock/rpc/tracing/trace.h"

#include <algorithm>
#include <optional>
#include <string_view>


namespace penstock {
namespace {

constexpr std::string_view kParentKey = "traceparent";
constexpr std::string_view kStateKey = "tracestate";

TraceContext NewTrace(const Call& call, const TraceOptions& options, rpc::RandomIds& ids) {
  TraceContext trace;
  trace.trace_id_high = ids.Next(call);
  trace.trace_id_low = ids.Next(call);
  trace.flags = TraceContext::kRandom;
  if (options.samples_new) trace.flags |= TraceContext::kSampled;
  return trace;
}

// Nothing without one, or with several: which is meant?
std::optional<TraceContext> ReceivedTrace(const Metadata& metadata) {
  std::optional<std::string_view> parent;
  for (const Metadata::Entry& entry : metadata) {
    if (entry.key != kParentKey) continue;
    if (parent) return std::nullopt;
    parent = entry.value;
  }
  return parent ? ParseTraceparent(*parent) : std::nullopt;
}

// Several fields are one list. Spec: §3.3.1
std::string_view ReceivedState(Call& call) {
  size_t bytes = 0;
  size_t fields_count = 0;
  std::string_view only;
  for (const Metadata::Entry& entry : call.metadata()) {
    if (entry.key != kStateKey) continue;
    only = entry.value;
    bytes += entry.value.size() + (fields_count++ != 0 ? 1 : 0);
    if (bytes > kTracestateBytesMax) return {};
  }
  if (fields_count == 0) return {};
  if (fields_count == 1) return IsTracestate(only) ? only : std::string_view();
  char* const joined = static_cast<char*>(call.arena().Allocate(bytes, 1));
  char* end = joined;
  for (const Metadata::Entry& entry : call.metadata()) {
    if (entry.key != kStateKey) continue;
    if (end != joined) *end++ = ',';
    end = std::copy(entry.value.begin(), entry.value.end(), end);
  }
  const std::string_view state(joined, bytes);
  return IsTracestate(state) ? state : std::string_view();
}

}  // namespace

Status TakeTrace::Before(Call& call) {
  std::optional<TraceContext> trace;
  if (options_.trusts_caller) trace = ReceivedTrace(call.metadata());
  if (trace) {
    // A copy: the metadata may be changed by what is behind.
    const std::string_view state = ReceivedState(call);
    if (!state.empty()) trace->state = call.arena().Copy(state);
  } else {
    trace = NewTrace(call, options_, ids_);
  }
  trace->span_id = ids_.Next(call);
  call.Set(*trace);
  return OkStatus();
}

Status PassTrace::Before(Call& call) {
  if (call.metadata().Get(kParentKey)) return OkStatus();
  const TraceContext* trace = call.Get<TraceContext>();
  if (trace == nullptr) {
    TraceContext made = NewTrace(call, options_, ids_);
    made.span_id = ids_.Next(call);
    trace = &call.Set(made);
  }
  const auto parent = FormatTraceparent(*trace);
  call.mutable_metadata().AddReceived(kParentKey, {parent.data(), parent.size()});
  if (!trace->state.empty()) {
    call.mutable_metadata().Remove(kStateKey);
    call.mutable_metadata().AddReceived(kStateKey, trace->state);
  }
  return OkStatus();
}

}  // namespace penstock
