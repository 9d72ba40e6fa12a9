// What a shard says of itself and of its connections, for channelz: copies, which any thread may
// read.
//
// Threading: made on the shard.
#ifndef PENSTOCK_SERVER_BUILTIN_SHARD_REPORT_H_
#define PENSTOCK_SERVER_BUILTIN_SHARD_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/time.h"

namespace penstock::server {

// Units: nanoseconds of the wall's clock, since 1970; 0: never.
struct CallTotals {
  uint64_t started_count = 0;
  uint64_t ok_count = 0;
  uint64_t failed_count = 0;  // those that were cancelled among them
  TimeNs started_at = 0;
};
CallTotals CallTotalsOf(ShardState& state);

struct ConnectionName {
  uint64_t id;       // reactor::Socket::id()
  std::string peer;  // "127.0.0.1:51234"
};
// Those whose id is `from` or above, ascending, `count_max` at most. It looks at every connection
// before them, and at none behind.
std::vector<ConnectionName> ConnectionsOf(ShardState& state, uint64_t from, size_t count_max);

struct ConnectionReport {
  std::string peer;
  std::optional<reactor::Address> local;   // nothing: the kernel does not say
  std::optional<reactor::Address> remote;
  CallTotals calls;
  uint64_t messages_sent_count = 0;
  uint64_t messages_received_count = 0;
  TimeNs sent_at = 0;
  TimeNs received_at = 0;
  int64_t receive_window_bytes = 0;
  int64_t send_window_bytes = 0;
};
// Nothing where there is no connection of that id.
std::optional<ConnectionReport> ReportOf(ShardState& state, uint64_t id);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_SHARD_REPORT_H_
