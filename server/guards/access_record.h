// AccessRecord: one call as the access log tells of it, and its line.
#ifndef PENSTOCK_SERVER_GUARDS_ACCESS_RECORD_H_
#define PENSTOCK_SERVER_GUARDS_ACCESS_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "penstock/rpc/status.h"
#include "penstock/rpc/tracing/trace_context.h"
#include "penstock/server/guards/identity.h"
#include "penstock/wire/time.h"

namespace penstock {

enum class AccessFormat : uint8_t {
  kJson,  // {"time":"2026-11-30T16:34:00.123456Z","method":"/a.B/C","code":"OK",...}
  kText,  // time="2026-11-30T16:34:00.123456Z" method="/a.B/C" code="OK" ...
};

namespace guards {

// Ownership: views of what the call has. Null and empty ones are left out of the line.
struct AccessRecord {
  TimeNs ended_at_wall_ns = 0;  // since 1970
  TimeNs duration_ns = 0;
  TimeNs deadline_left_ns = kTimeNever;  // negative: it had passed; kTimeNever: there was none
  std::string_view method;
  std::string_view peer;
  StatusCode code = StatusCode::kOk;
  std::string_view message;
  std::optional<StatusCode> handler_code = {};  // where the caller has not heard of it
  uint64_t messages_received_count = 0;
  uint64_t messages_sent_count = 0;
  uint32_t sample_one_in = 1;  // the line stands for so many calls
  const Identity* identity = nullptr;
  std::string_view request_id;
  const TraceContext* trace = nullptr;
};

// A line, its newline included. Below PIPE_BUF, so that a pipe takes it whole.
inline constexpr size_t kAccessLineBytesMax = 3072;

// Returns the length. Texts that peers choose are escaped as in JSON, in both formats, and cut
// where they are long; "..." stands where something is missing. Octets that are no UTF-8 are
// U+FFFD; so that none moves a terminal's cursor or begins a line, for whoever knows Unicode's, of
// the others U+0080 to U+009F, U+2028 and U+2029 are escaped, too.
size_t FormatAccess(const AccessRecord& record, AccessFormat format, char* out);
// The line that says how many records are missing before it; `name`: why.
size_t FormatCount(TimeNs wall_ns, std::string_view name, uint64_t count, AccessFormat format,
                   char* out);

// "2026-11-30T16:34:00.123456Z". Spec: RFC 3339
inline constexpr size_t kWallTimeBytes = 27;
void FormatWallTime(TimeNs wall_ns, char* out);

}  // namespace guards
}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_ACCESS_RECORD_H_
