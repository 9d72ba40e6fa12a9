#include "penstock/server/builtin/health_service.h"

#include <optional>
#include <string>

#include "penstock/wire/quoted.h"

namespace penstock::server {
namespace {

namespace health = grpc::health::v1;

using health::HealthCheckResponse_ServingStatus;

HealthCheckResponse_ServingStatus Written(HealthStatus status) {
  return static_cast<HealthCheckResponse_ServingStatus>(status);
}

}  // namespace

Status HealthService::Check(Call&, const health::HealthCheckRequest& request,
                            health::HealthCheckResponse& reply) {
  const std::optional<HealthStatus> status = health_.Find(request.service());
  if (!status) {
    return MakeStatus(StatusCode::kNotFound,
                      "no health is known of \"" + wire::Quoted(request.service()) +
                          "\": spell the service as in the .proto, with its package");
  }
  reply.set_status(Written(*status));
  return OkStatus();
}

Status HealthService::List(Call&, const health::HealthListRequest&,
                           health::HealthListResponse& reply) {
  const std::optional<Health::Statuses> statuses = health_.List(kListedMax);
  if (!statuses) {
    return MakeStatus(StatusCode::kResourceExhausted,
                      "there are more than " + std::to_string(kListedMax) +
                          " services: ask for each with Check");
  }
  for (const auto& [service, status] : *statuses) {
    (*reply.mutable_statuses())[service].set_status(Written(status));
  }
  return OkStatus();
}

Task<Status> HealthService::Watch(Call& call, const health::HealthCheckRequest& request,
                                  Writer<health::HealthCheckResponse>& out) {
  // Before the first look, so that no change falls between the two.
  Subscription<Health::Changed> changes(&health_.changes(), call, 1);
  std::optional<HealthCheckResponse_ServingStatus> told;
  health::HealthCheckResponse response(&call.arena());
  for (;;) {
    const bool is_over = health_.watches_ended();
    const std::optional<HealthStatus> status = health_.Find(request.service());
    const auto current =
        status ? Written(*status) : health::HealthCheckResponse_ServingStatus_SERVICE_UNKNOWN;
    if (told != current) {
      told = current;
      response.set_status(current);
      co_await Try(co_await out.Write(response));
    }
    if (is_over) co_return MakeStatus(StatusCode::kUnavailable, "the server is shutting down");
    co_await Try(co_await changes.Receive(call));
  }
}

}  // namespace penstock::server
