// Fuzzes what peers say of traces: what is read is written back as it came, but for flags and
// versions that we do not know.
#include "penstock/rpc/tracing/trace_context.h"

#include <string_view>

#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  using namespace penstock;
  const std::string_view text = wire::AsString(wire::Bytes(input, size));
  if (const std::optional<TraceContext> read = ParseTraceparent(text)) {
    TraceContext trace = *read;
    PENSTOCK_CHECK(trace.parent_span_id != 0, "no id is 0");
    PENSTOCK_CHECK((trace.trace_id_high | trace.trace_id_low) != 0, "no id is 0");
    trace.span_id = trace.parent_span_id;
    const auto written = FormatTraceparent(trace);
    const std::string_view again(written.data(), written.size());
    PENSTOCK_CHECK(again.substr(2, 51) == text.substr(2, 51), "the ids are those that came");
    PENSTOCK_CHECK(ParseTraceparent(again).has_value(), "what was written can be read");
  }
  if (IsTracestate(text)) {
    PENSTOCK_CHECK(text.size() <= kTracestateBytesMax, "it is within the limit");
    PENSTOCK_CHECK(text.find('=') != std::string_view::npos, "it has a member");
  }
  return 0;
}
