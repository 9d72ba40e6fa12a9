// The pages under /debug: snapshots of the shards as people read them.
#ifndef PENSTOCK_SERVER_ADMIN_DEBUG_PAGES_H_
#define PENSTOCK_SERVER_ADMIN_DEBUG_PAGES_H_

#include <string>
#include <vector>

#include "penstock/server/admin/snapshot.h"
#include "penstock/server/method_entry.h"
#include "penstock/wire/time.h"

namespace penstock::server {

// What a page is made of. `before` are earlier snapshots of the same shards, for rates; empty: they
// are told since the server began. A shard's rates are over the time between its two snapshots,
// which is not that of the others where it was stuck.
struct DebugView {
  const std::vector<ShardSnapshot>& shards;
  const std::vector<ShardSnapshot>& before;
  const std::vector<const MethodEntry*>& methods;
  TimeNs since_ns;  // between the two, or since the server began
};

std::string MethodsPage(const DebugView& view);
std::string ConnectionsPage(const DebugView& view);
std::string ShardsPage(const DebugView& view);
std::string LimitsPage(const DebugView& view);
std::string CallsPage(const DebugView& view);

// "1.5 ms", "12 s", "3 h 20 min".
std::string DurationText(TimeNs duration_ns);
// "1.5 MiB".
std::string BytesText(uint64_t bytes);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_DEBUG_PAGES_H_
