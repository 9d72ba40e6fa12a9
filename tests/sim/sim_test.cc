// A client and a server of ours, over a network that fails as networks do: see world.h.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "penstock/tests/sim/plan.h"
#include "penstock/tests/sim/world.h"

namespace penstock::test::sim {
namespace {

constexpr uint64_t kSeedsCount = 200;
constexpr uint64_t kTwiceCount = 20;

// What the runs of all seeds came to.
struct Tour {
  std::vector<std::string> wrongs;
  std::set<Kind> good_kinds;
  std::set<StatusCode> codes;
  size_t dropped_count = 0;
  size_t reconnected_count = 0;
};

void Visit(uint64_t seed, Tour* tour) {
  World world(MakePlan(seed));
  for (const std::string& wrong : world.Run()) {
    tour->wrongs.push_back("seed " + std::to_string(seed) + ": " + wrong +
                           "\n  bazel run //tests/sim:sim -- --seed " + std::to_string(seed) +
                           " --trace");
  }
  tour->reconnected_count += world.connections_made_count() > 2;
  for (const auto& caller : world.callers()) {
    tour->dropped_count += caller->dropped();
    if (!caller->ended() || caller->dropped()) continue;
    tour->codes.insert(caller->status().code());
    if (caller->status().ok()) tour->good_kinds.insert(caller->plan().kind);
  }
}

// Made once: it takes a while.
const Tour& AllSeeds() {
  static const Tour* const tour = [] {
    auto* made = new Tour;
    for (uint64_t seed = 0; seed < kSeedsCount; ++seed) Visit(seed, made);
    return made;
  }();
  return *tour;
}

TEST(Sim, NothingIsWrongUnderAnySeed) {
  for (const std::string& wrong : AllSeeds().wrongs) ADD_FAILURE() << wrong;
}

// Else there would be nothing that it found right.
TEST(Sim, TheSeedsReachEveryKindAndEveryEnd) {
  const Tour& tour = AllSeeds();
  EXPECT_EQ(tour.good_kinds.size(), 5u);
  for (const StatusCode code :
       {StatusCode::kOk, StatusCode::kCancelled, StatusCode::kUnknown,
        StatusCode::kDeadlineExceeded, StatusCode::kFailedPrecondition,
        StatusCode::kResourceExhausted, StatusCode::kUnavailable}) {
    EXPECT_TRUE(tour.codes.contains(code)) << absl::StatusCodeToString(code);
  }
  EXPECT_GT(tour.dropped_count, 0u);
  EXPECT_GT(tour.reconnected_count, 0u);
}

TEST(Sim, OneSeedIsOneRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < kTwiceCount; ++seed) {
    World first(MakePlan(seed));
    World second(MakePlan(seed));
    first.Run();
    second.Run();
    EXPECT_EQ(first.hash(), second.hash()) << "seed " << seed;
    EXPECT_EQ(first.now(), second.now()) << "seed " << seed;
    hashes.insert(first.hash());
  }
  EXPECT_EQ(hashes.size(), kTwiceCount);
}

}  // namespace
}  // namespace penstock::test::sim
