#include "penstock/server/doorbell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace penstock::server {
namespace {

// Whether who waits may watch, before it sleeps.
class DoorbellTest : public ::testing::TestWithParam<int> {
 protected:
  SpinPermits permits_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Spinners, DoorbellTest, ::testing::Values(0, 1));

TEST_P(DoorbellTest, ARingBeforeTheWaitIsHeard) {
  Doorbell bell;
  bell.Ring();
  bell.Ring();
  bell.Wait(permits_);  // both
  bell.Ring();
  bell.Wait(permits_);
}

// For the thread sanitizer; a lost ring hangs it.
TEST_P(DoorbellTest, WhoWaitsHearsOfEachChange) {
  constexpr int kRounds = 20'000;
  Doorbell there;
  Doorbell back;
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::thread thread([&] {
    for (int round = 1; round <= kRounds; ++round) {
      while (asked.load(std::memory_order_relaxed) < round) there.Wait(permits_);
      answered.store(round, std::memory_order_relaxed);
      back.Ring();
    }
  });
  for (int round = 1; round <= kRounds; ++round) {
    asked.store(round, std::memory_order_relaxed);
    there.Ring();
    while (answered.load(std::memory_order_relaxed) < round) back.Wait(permits_);
  }
  thread.join();
  EXPECT_EQ(answered, kRounds);
}

}  // namespace
}  // namespace penstock::server
