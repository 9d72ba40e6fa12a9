// What a server has besides the program's own services.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/server/builtin/channelz_service.h"
#include "penstock/server/builtin/health_service.h"
#include "penstock/server/builtin/reflection_service.h"
#include "penstock/server/server.h"

namespace penstock {
namespace {

// Both are sorted.
std::vector<std::string> Without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& some) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

// A Start() that failed may be followed by another: what it has added is there.
void Server::AddBuiltin() {
  if (!has_builtin_) {
    has_builtin_ = true;
    const std::vector<std::string> before = registry_.services();
    RegisterBuiltin();
    builtin_services_ = Without(registry_.services(), before);
  }
  own_services_ = Without(registry_.services(), builtin_services_);
  health_.SetIfUnset("", HealthStatus::kServing);
  for (const std::string& service : own_services_) {
    health_.SetIfUnset(service, HealthStatus::kServing);
  }
}

void Server::RegisterBuiltin() {
  // One of the program's own takes the place of ours.
  const auto is_wanted = [this](bool option, std::string_view path) {
    return option && registry_.Find(path) == nullptr;
  };
  if (is_wanted(options_.health, grpc::health::v1::Health::Check.path)) {
    Add<server::HealthService>(&health_);
  }
  if (is_wanted(options_.channelz, grpc::channelz::v1::Channelz::GetServers.path)) {
    Add<server::ChannelzService>(server::ChannelzSource{&states_, &addresses_});
  }
  if (options_.reflection) {
    Add<server::ReflectionService>(&registry_, &health_);
  }
}

}  // namespace penstock
