#include "penstock/reactor/placement.h"

namespace penstock::reactor {

std::optional<PlacementRule> ParsePlacementRule(std::string_view text) {
  for (PlacementRule rule : {PlacementRule::kLeastLoaded, PlacementRule::kRoundRobin}) {
    if (text == ToString(rule)) return rule;
  }
  return std::nullopt;
}

std::string_view ToString(PlacementRule rule) {
  return rule == PlacementRule::kLeastLoaded ? "least-loaded" : "round-robin";
}

Shard& Placement::Choose() {
  const size_t first = next_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
  Shard* chosen = shards_[first];
  if (rule_ == PlacementRule::kLeastLoaded) {
    for (size_t i = 1; i < shards_.size(); ++i) {
      Shard* const shard = shards_[(first + i) % shards_.size()];
      if (shard->connections_count() < chosen->connections_count()) chosen = shard;
    }
  }
  chosen->Reserve();
  return *chosen;
}

}  // namespace penstock::reactor
