// HealthService: grpc.health.v1.Health, which tells clients what the application set in Health.
//
// Spec:   gRPC's health-checking.md; A90 for List.
// Limits: kListedMax services in an answer of List; more are RESOURCE_EXHAUSTED. A Watch takes a
//         stream and a coroutine's frame, and is bounded as all streams are.
#ifndef PENSTOCK_SERVER_BUILTIN_HEALTH_SERVICE_H_
#define PENSTOCK_SERVER_BUILTIN_HEALTH_SERVICE_H_

#include <cstddef>

#include "penstock/server/builtin/health.h"

#include "grpc/health/v1/health.server.h"

namespace penstock::server {

class HealthService final : public grpc::health::v1::HealthService {
 public:
  static constexpr size_t kListedMax = 100;

  // Ownership: `health` outlives it.
  explicit HealthService(Health* health) : health_(*health) {}

  Status Check(Call& call, const grpc::health::v1::HealthCheckRequest& request,
               grpc::health::v1::HealthCheckResponse& reply) override;
  Status List(Call& call, const grpc::health::v1::HealthListRequest& request,
              grpc::health::v1::HealthListResponse& reply) override;
  Task<Status> Watch(Call& call, const grpc::health::v1::HealthCheckRequest& request,
                     Writer<grpc::health::v1::HealthCheckResponse>& out) override;

 private:
  Health& health_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_HEALTH_SERVICE_H_
