#include "penstock/server/builtin/health.h"

namespace penstock {

void Health::Set(std::string_view service, HealthStatus status) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = statuses_.find(service);
    if (known == statuses_.end()) {
      statuses_.emplace(service, status);
    } else {
      known->second = status;
    }
  }
  changes_.Publish({});
}

void Health::SetIfUnset(std::string_view service, HealthStatus status) {
  {
    const std::lock_guard lock(mutex_);
    if (!statuses_.emplace(service, status).second) return;
  }
  changes_.Publish({});
}

void Health::Begin() {
  {
    const std::lock_guard lock(mutex_);
    shut_down_ = watches_ended_ = false;
  }
  changes_.Publish({});
}

void Health::Shutdown() {
  {
    const std::lock_guard lock(mutex_);
    shut_down_ = true;
  }
  changes_.Publish({});
}

void Health::EndWatches() {
  {
    const std::lock_guard lock(mutex_);
    watches_ended_ = true;
  }
  changes_.Publish({});
}

std::optional<HealthStatus> Health::Find(std::string_view service) const {
  const std::lock_guard lock(mutex_);
  const auto known = statuses_.find(service);
  if (known == statuses_.end()) return std::nullopt;
  return shut_down_ ? HealthStatus::kNotServing : known->second;
}

std::optional<Health::Statuses> Health::List(size_t count_max) const {
  const std::lock_guard lock(mutex_);
  if (statuses_.size() > count_max) return std::nullopt;
  Statuses listed = statuses_;
  if (shut_down_) {
    for (auto& [service, status] : listed) status = HealthStatus::kNotServing;
  }
  return listed;
}

bool Health::watches_ended() const {
  const std::lock_guard lock(mutex_);
  return watches_ended_;
}

}  // namespace penstock
