// /metrics: the snapshots of all shards as Prometheus reads them. docs/metrics.md explains each
// name.
#ifndef PENSTOCK_SERVER_ADMIN_METRICS_PAGE_H_
#define PENSTOCK_SERVER_ADMIN_METRICS_PAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/server/admin/snapshot.h"
#include "penstock/server/method_entry.h"
#include "penstock/wire/tls_credentials.h"

namespace penstock::server {

// "helloworld.Greeter" and "SayHello", of "/helloworld.Greeter/SayHello".
std::string_view ServiceOfPath(std::string_view path);
std::string_view MethodOfPath(std::string_view path);
// "unary", "client_stream", "server_stream", "bidi_stream".
std::string_view TypeOf(const MethodEntry& method);

// `tls` is null where there is none, and no row of it.
std::string MetricsPage(const std::vector<ShardSnapshot>& shards,
                        const std::vector<const MethodEntry*>& methods,
                        const wire::TlsCredentials* tls);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_METRICS_PAGE_H_
