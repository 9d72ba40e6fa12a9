// /dashboard/numbers.json: what the dashboard draws: counts since the server began, of which it
// takes the differences.
#ifndef PENSTOCK_SERVER_ADMIN_NUMBERS_PAGE_H_
#define PENSTOCK_SERVER_ADMIN_NUMBERS_PAGE_H_

#include <string>
#include <vector>

#include "penstock/server/admin/snapshot.h"
#include "penstock/server/method_entry.h"

namespace penstock::server {

std::string NumbersPage(const std::vector<ShardSnapshot>& shards,
                        const std::vector<const MethodEntry*>& methods);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_NUMBERS_PAGE_H_
