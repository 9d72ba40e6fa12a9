// What a server has besides the program's own services.
#include "penstock/server/builtin/channelz_service.h"
#include "penstock/server/builtin/health_service.h"
#include "penstock/server/builtin/reflection_service.h"
#include "penstock/server/server.h"

namespace penstock {

void Server::AddBuiltin() {
  own_services_ = registry_.services();
  health_.SetIfUnset("", HealthStatus::kServing);
  for (const std::string& service : own_services_) {
    health_.SetIfUnset(service, HealthStatus::kServing);
  }
  // One of the program's own takes the place of ours.
  const auto is_wanted = [this](bool option, std::string_view path) {
    return option && registry_.Find(path) == nullptr;
  };
  if (is_wanted(options_.health, grpc::health::v1::Health::Check.path)) {
    Add<server::HealthService>(&health_);
    builtin_.emplace_back("health");
  }
  if (is_wanted(options_.channelz, grpc::channelz::v1::Channelz::GetServers.path)) {
    Add<server::ChannelzService>(server::ChannelzSource{&states_, &addresses_});
    builtin_.emplace_back("channelz");
  }
  if (options_.reflection) {
    Add<server::ReflectionService>(&registry_);
    builtin_.emplace_back("reflection");
  }
}

}  // namespace penstock
