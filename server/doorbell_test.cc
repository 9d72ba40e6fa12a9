#include "penstock/server/doorbell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace penstock::server {
namespace {

TEST(Doorbell, ARingBeforeTheWaitIsHeard) {
  Doorbell bell;
  bell.Ring();
  bell.Ring();
  bell.Wait();  // both
  bell.Ring();
  bell.Wait();
}

// For the thread sanitizer; a lost ring hangs it.
TEST(Doorbell, WhoWaitsHearsOfEachChange) {
  constexpr int kRounds = 20'000;
  Doorbell there;
  Doorbell back;
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::thread thread([&] {
    for (int round = 1; round <= kRounds; ++round) {
      while (asked.load(std::memory_order_relaxed) < round) there.Wait();
      answered.store(round, std::memory_order_relaxed);
      back.Ring();
    }
  });
  for (int round = 1; round <= kRounds; ++round) {
    asked.store(round, std::memory_order_relaxed);
    there.Ring();
    while (answered.load(std::memory_order_relaxed) < round) back.Wait();
  }
  thread.join();
  EXPECT_EQ(answered, kRounds);
}

}  // namespace
}  // namespace penstock::server
