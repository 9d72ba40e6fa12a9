// Placement: which shard gets the next connection.
//
//     Placement placement({&shard0, &shard1}, PlacementRule::kLeastLoaded);
//     Shard& shard = placement.Choose();
//
// gRPC clients open few and long-lived connections: where they go decides for hours. Where all of
// them are alike, the shard with the fewest connections is the least loaded one.
//
// Threading: Choose() on any thread.
#ifndef PENSTOCK_REACTOR_PLACEMENT_H_
#define PENSTOCK_REACTOR_PLACEMENT_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/reactor/shard.h"

namespace penstock::reactor {

enum class PlacementRule : uint8_t {
  kLeastLoaded,  // the fewest connections; equals take turns
  kRoundRobin,   // each in turn, whatever it has: for clients that come and go at random
};

// "least-loaded", "round-robin"; anything else is nullopt.
std::optional<PlacementRule> ParsePlacementRule(std::string_view text);
std::string_view ToString(PlacementRule rule);

class Placement {
 public:
  explicit Placement(std::vector<Shard*> shards, PlacementRule rule = PlacementRule::kLeastLoaded)
      : shards_(std::move(shards)), rule_(rule) {}

  // The next connection is reserved on it.
  Shard& Choose();
  const std::vector<Shard*>& shards() const { return shards_; }

 private:
  const std::vector<Shard*> shards_;
  const PlacementRule rule_;
  std::atomic<uint32_t> next_{0};
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_PLACEMENT_H_
