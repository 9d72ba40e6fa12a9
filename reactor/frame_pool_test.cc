#include "penstock/reactor/frame_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace penstock::reactor {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUsesAgain = false;
#elif defined(__has_feature)
constexpr bool kUsesAgain = !__has_feature(address_sanitizer);
#else
constexpr bool kUsesAgain = true;
#endif

TEST(FramePool, GivesWhatCameBackToTheNextOfItsSize) {
  FramePool pool;
  void* first = FramePool::Take(&pool, 200);
  FramePool::Give(first);
  void* other = FramePool::Take(&pool, 400);
  void* again = FramePool::Take(&pool, 200);
  if (kUsesAgain) EXPECT_EQ(again, first);
  EXPECT_NE(other, again);
  FramePool::Give(other);
  FramePool::Give(again);
}

TEST(FramePool, CountsWhatIsLent) {
  FramePool pool;
  void* frame = FramePool::Take(&pool, 100);
  EXPECT_EQ(pool.lent_count(), 1u);
  EXPECT_EQ(pool.lent_bytes(), 128u) << "in steps of 64, a header of 16 included";
  FramePool::Give(frame);
  EXPECT_EQ(pool.lent_count(), 0u);
  EXPECT_EQ(pool.lent_bytes(), 0u);
}

TEST(FramePool, EverySizeIsWritableAndAligned) {
  FramePool pool;
  std::vector<void*> frames;
  for (size_t bytes = 1; bytes <= FramePool::kFrameBytesMax + 1; bytes += 13) {
    void* frame = FramePool::Take(&pool, bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(frame) % 16, 0u);
    std::memset(frame, 0x5a, bytes);
    frames.push_back(frame);
  }
  for (void* frame : frames) FramePool::Give(frame);
  EXPECT_EQ(pool.lent_count(), 0u);
}

TEST(FramePool, LargeFramesAreTheHeaps) {
  FramePool pool;
  void* frame = FramePool::Take(&pool, FramePool::kFrameBytesMax);
  EXPECT_EQ(pool.lent_count(), 0u);
  FramePool::Give(frame);
}

TEST(FramePool, KeepsNoMoreThanItsBound) {
  FramePool pool(128);
  void* kept = FramePool::Take(&pool, 100);
  void* freed = FramePool::Take(&pool, 100);
  FramePool::Give(kept);
  FramePool::Give(freed);  // the heap's: AddressSanitizer would see a leak
  void* again = FramePool::Take(&pool, 100);
  if (kUsesAgain) EXPECT_EQ(again, kept);
  FramePool::Give(again);
}

TEST(FramePool, IsTheThreadsForATurn) {
  FramePool outer, inner;
  EXPECT_EQ(FramePool::Current(), nullptr);
  {
    const FramePool::Turn outer_turn(&outer);
    {
      const FramePool::Turn inner_turn(&inner);
      EXPECT_EQ(FramePool::Current(), &inner);
    }
    EXPECT_EQ(FramePool::Current(), &outer);
  }
  EXPECT_EQ(FramePool::Current(), nullptr);
}

TEST(FramePool, AFrameGoesBackOutsideOfATurn) {
  FramePool pool;
  void* frame = nullptr;
  {
    const FramePool::Turn turn(&pool);
    frame = PooledFrame::operator new(100);
    EXPECT_EQ(pool.lent_count(), 1u);
  }
  PooledFrame::operator delete(frame);
  EXPECT_EQ(pool.lent_count(), 0u);
}

}  // namespace
}  // namespace penstock::reactor
