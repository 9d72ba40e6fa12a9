#include "penstock/server/lifetime_options.h"

#include <string>

namespace penstock::server {

Status CheckLifetimes(const ServerOptions& options) {
  const struct {
    const char* name;
    TimeNs value_ns;
    TimeNs least_ns;
    const char* text;  // of the least
  } bounds[] = {
      {"keepalive_time_ns", options.keepalive_time_ns, kNsPerSecond, "a second"},
      {"keepalive_timeout_ns", options.keepalive_timeout_ns, kNsPerMs, "a millisecond"},
      {"connection_idle_ns_max", options.connection_idle_ns_max, kNsPerMs, "a millisecond"},
      {"connection_age_ns_max", options.connection_age_ns_max, kNsPerMs, "a millisecond"},
      {"connection_age_grace_ns", options.connection_age_grace_ns, 0, "0"},
  };
  for (const auto& bound : bounds) {
    if (bound.value_ns >= bound.least_ns) continue;
    return MakeStatus(StatusCode::kInvalidArgument,
                      "ServerOptions::" + std::string(bound.name) + " is " +
                          std::to_string(bound.value_ns) + " ns: it is at least " + bound.text +
                          ", or kTimeNever");
  }
  return OkStatus();
}

}  // namespace penstock::server
