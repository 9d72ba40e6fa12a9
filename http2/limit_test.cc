#include "penstock/http2/limit.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace penstock::http2 {
namespace {

TEST(Limit, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (size_t i = 0; i < kLimitsCount; ++i) names.insert(NameOf(static_cast<Limit>(i)));
  EXPECT_EQ(names.size(), kLimitsCount);
  EXPECT_FALSE(names.contains("unknown limit"));
}

TEST(LimitTrips, AddUpByLimit) {
  LimitTrips sum, shard;
  ++sum[Limit::kGlitches];
  shard[Limit::kGlitches] = 2;
  shard[Limit::kMemoryConnections] = 3;
  sum.Add(shard);
  EXPECT_EQ(sum[Limit::kGlitches], 3u);
  EXPECT_EQ(sum[Limit::kMemoryConnections], 3u);
  EXPECT_EQ(sum[Limit::kSmallData], 0u);
  EXPECT_EQ(sum.total(), 6u);
}

}  // namespace
}  // namespace penstock::http2
