// TraceContext: of which distributed trace a call is a part, as the header field traceparent says
// it to every library of tracing there is; and that field, read strictly and written.
//
//     if (const TraceContext* trace = call.Get<TraceContext>()) Log(trace->TraceIdText());
//
// Ownership: `state` is a view: of a call's, it lives as long as the call.
// Spec:      W3C Trace Context, 2021, §3.2 and §3.3; its Level 2 for the flag kRandom, and for the
//            keys of tracestate, of which it asks less
#ifndef PENSTOCK_RPC_TRACING_TRACE_CONTEXT_H_
#define PENSTOCK_RPC_TRACING_TRACE_CONTEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

// 64 bits as 16 hexadecimal digits, lower case.
using HexId = std::array<char, 16>;
HexId HexOf(uint64_t id);

struct TraceContext {
  // Flags. Others are dropped: no version that is known passes them on.
  static constexpr uint8_t kSampled = 0x01;
  static constexpr uint8_t kRandom = 0x02;  // the trace's id is random

  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;    // never both 0
  uint64_t span_id = 0;         // of the call; 0 as long as it has none
  uint64_t parent_span_id = 0;  // of what has made it; 0 where a trace begins
  uint8_t flags = 0;
  std::string_view state = {};  // tracestate, unchanged; "" for none

  bool is_sampled() const { return (flags & kSampled) != 0; }
  // 32 hexadecimal digits.
  std::array<char, 32> TraceIdText() const;
};

inline constexpr size_t kTraceparentBytes = 55;
// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01": the ids of a trace and of the span
// that calls, which is parent_span_id of what it returns. Nothing for what is malformed, is of
// version ff, or has an id of zeros. Later versions are read as far as this one goes.
std::optional<TraceContext> ParseTraceparent(std::string_view text);
// Its span_id is the one that calls.
std::array<char, kTraceparentBytes> FormatTraceparent(const TraceContext& trace);

// Of tracestate, all of its fields together; what is longer is dropped whole.
// Source: W3C Trace Context §3.3.1.1, §3.3.1.5
inline constexpr size_t kTracestateBytesMax = 512;
inline constexpr size_t kTracestateMembersMax = 32;
// A list of key=value as the specification has it, within these limits. A key that stands there
// twice passes: whose entry counts is for those whose key it is.
bool IsTracestate(std::string_view text);

}  // namespace penstock

#endif  // PENSTOCK_RPC_TRACING_TRACE_CONTEXT_H_
