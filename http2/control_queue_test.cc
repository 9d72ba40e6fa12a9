#include "penstock/http2/control_queue.h"

#include <gtest/gtest.h>

namespace penstock::http2 {
namespace {

TEST(ControlQueue, CountsWhatHasNotGone) {
  ControlQueue queue;
  for (uint64_t i = 1; i <= 10; ++i) queue.Add(i * 9, 0);
  EXPECT_EQ(queue.Count(0), 10u);
  EXPECT_EQ(queue.Count(90), 0u);
}

TEST(ControlQueue, IsNeverTooSmall) {
  ControlQueue queue;
  // Frames of 9 octets, of which the peer takes every second one.
  for (uint64_t i = 1; i <= 1000; ++i) {
    const uint64_t consumed = i / 2 * 9;
    queue.Add(i * 9, consumed);
    EXPECT_GE(queue.Count(consumed), i - i / 2);
  }
}

TEST(ControlQueue, ForgetsInAnOutputThatNeverRunsEmpty) {
  ControlQueue queue;
  // Of each 1,000 octets one frame is the peer's; 50,000 octets wait at any time.
  for (uint64_t i = 1; i <= 100'000; ++i) {
    const uint64_t end = i * 1000;
    queue.Add(end, end > 50'000 ? end - 50'000 : 0);
    ASSERT_LE(queue.count(), 110u) << i;
  }
}

}  // namespace
}  // namespace penstock::http2
