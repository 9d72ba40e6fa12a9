#include "penstock/reactor/placement.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock::reactor {
namespace {

class PlacementTest : public testing::Test {
 protected:
  ~PlacementTest() override {
    for (Shard* shard : shards_) {
      while (shard->connections_count() != 0) shard->Unreserve();
    }
  }
  // "012": the indexes of the shards that the next connections go to.
  static std::string Choose(Placement& placement, int count) {
    std::string chosen;
    for (int i = 0; i < count; ++i) chosen += std::to_string(placement.Choose().index());
    return chosen;
  }

  Shard a_{{.index = 0}}, b_{{.index = 1}}, c_{{.index = 2}};
  const std::vector<Shard*> shards_{&a_, &b_, &c_};
};

TEST_F(PlacementTest, LeastLoadedGivesEqualsTurnsAndTheFewestTheNext) {
  Placement placement(shards_);
  EXPECT_EQ(Choose(placement, 6), "012012");
  b_.Unreserve();
  b_.Unreserve();
  EXPECT_EQ(Choose(placement, 2), "11");
}

TEST_F(PlacementTest, RoundRobinLooksAtNoLoad) {
  Placement placement(shards_, PlacementRule::kRoundRobin);
  EXPECT_EQ(Choose(placement, 3), "012");
  b_.Unreserve();
  EXPECT_EQ(Choose(placement, 3), "012");
}

TEST(PlacementRule, HasANameBothWays) {
  for (const PlacementRule rule : {PlacementRule::kLeastLoaded, PlacementRule::kRoundRobin}) {
    EXPECT_EQ(ParsePlacementRule(ToString(rule)), rule);
  }
  EXPECT_EQ(ParsePlacementRule("least"), std::nullopt);
}

}  // namespace
}  // namespace penstock::reactor
