// Health: whether a server, and each of its services, is to be sent calls. The application sets it;
// the service grpc.health.v1.Health, which every Server has, tells load balancers and Kubernetes.
//
//     server.health().Set("shop.Orders", HealthStatus::kNotServing);   // the database is away
//     server.health().Set("", HealthStatus::kNotServing);              // the server as a whole
//
// Server::Start() makes the server and each service that it has kServing, but for those that were
// Set() before it.
//
// Spec:      gRPC's health-checking.md; A90.
// Threading: any thread. A mutex, held for a look-up: health is asked for by the second, not by the
//            call.
#ifndef PENSTOCK_SERVER_BUILTIN_HEALTH_H_
#define PENSTOCK_SERVER_BUILTIN_HEALTH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/rpc/topic.h"

namespace penstock {

// With the numbers of HealthCheckResponse.ServingStatus.
enum class HealthStatus : uint8_t { kUnknown = 0, kServing = 1, kNotServing = 2 };

class Health {
 public:
  using Statuses = std::map<std::string, HealthStatus, std::less<>>;
  // What a watcher waits for: something has changed, and it is to look anew.
  struct Changed {};

  Health() = default;
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // `service`: "package.Service"; "" is the server as a whole. Whoever watches it is told.
  void Set(std::string_view service, HealthStatus status);
  // The same where nothing has been set for it.
  void SetIfUnset(std::string_view service, HealthStatus status);

  // The server begins, maybe after it had ended: what Set() says, or has said meanwhile, holds.
  void Begin();
  // The server begins to end: everything is kNotServing from now on, whatever Set() says. Those who
  // watch are told, and go on watching.
  void Shutdown();
  // Every Watch ends with UNAVAILABLE, behind what it has still to tell, so that none holds up the
  // end of the server; streams of reflection do as well.
  void EndWatches();

  // Nothing where the service is not known.
  std::optional<HealthStatus> Find(std::string_view service) const;
  // All of them; nothing where there are more than `count_max`.
  std::optional<Statuses> List(size_t count_max) const;

  // --- for the service
  Topic<Changed>& changes() { return changes_; }
  bool watches_ended() const;

 private:
  mutable std::mutex mutex_;
  Statuses statuses_;
  bool shut_down_ = false;
  bool watches_ended_ = false;
  Topic<Changed> changes_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_BUILTIN_HEALTH_H_
