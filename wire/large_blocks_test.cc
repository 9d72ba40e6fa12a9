#include "penstock/wire/large_blocks.h"

#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

constexpr size_t kMegabyte = 1024 * 1024;

TEST(LargeBlocks, ABlockHasTheRoomThatWasAskedForAndIsAligned) {
  LargeBlocks blocks;
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{4096}, size_t{20'000}, kMegabyte + 5}) {
    SCOPED_TRACE(bytes);
    LargeBlock* const block = blocks.Take(bytes);
    EXPECT_GE(block->room_bytes, bytes);
    EXPECT_LE(block->room_bytes, bytes + bytes / 8 + 4096);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block->data()) % 16, 0u);
    std::memset(block->data(), 0xA5, block->room_bytes);
    EXPECT_EQ(blocks.lent_bytes(), block->room_bytes);
    blocks.Give(block);
    EXPECT_EQ(blocks.lent_bytes(), 0u);
  }
}

TEST(LargeBlocks, TheOneThatLaterWasGivenBackIsHandedOutFirst) {
  LargeBlocks blocks;
  LargeBlock* const first = blocks.Take(kMegabyte);
  LargeBlock* const second = blocks.Take(kMegabyte);
  blocks.Give(first);
  blocks.Give(second);
  EXPECT_EQ(blocks.idle_bytes(), first->room_bytes + second->room_bytes);
  EXPECT_EQ(blocks.Take(kMegabyte), second);
  EXPECT_EQ(blocks.Take(kMegabyte), first);
  EXPECT_EQ(blocks.idle_bytes(), 0u);
  blocks.Give(first);
  blocks.Give(second);
}

// A message of a megabyte and a little must not take the block of the next one of two.
TEST(LargeBlocks, TheLeastThatIsFitIsHandedOut) {
  LargeBlocks blocks;
  LargeBlock* const middle = blocks.Take(kMegabyte + kMegabyte / 8);
  LargeBlock* const shorter = blocks.Take(kMegabyte);
  LargeBlock* const longer = blocks.Take(2 * kMegabyte);
  blocks.Give(middle);
  blocks.Give(shorter);
  blocks.Give(longer);
  EXPECT_EQ(blocks.Take(kMegabyte + 5), middle);
  EXPECT_EQ(blocks.Take(2 * kMegabyte), longer);
  EXPECT_EQ(blocks.Take(kMegabyte), shorter);
  for (LargeBlock* block : {middle, shorter, longer}) blocks.Give(block);
}

TEST(LargeBlocks, SmallOnesDriveNoLargeOneOut) {
  LargeBlocks blocks;
  LargeBlock* const large = blocks.Take(4 * kMegabyte);
  LargeBlock* const least = blocks.Take(LargeBlocks::kLargeBytesMin);
  std::vector<LargeBlock*> burst;
  for (size_t i = 0; i < 2 * LargeBlocks::kIdleCountMax; ++i) {
    burst.push_back(blocks.Take(LargeBlocks::kLargeBytesMin - 4096));
  }
  blocks.Give(large);
  blocks.Give(least);
  for (LargeBlock* block : burst) blocks.Give(block);
  EXPECT_LE(blocks.idle_bytes(), LargeBlocks::kIdleBytesMax);
  EXPECT_EQ(blocks.TakeIdle(burst.back()->room_bytes), burst.back()) << "the newest are kept";
  EXPECT_EQ(blocks.TakeIdle(4 * kMegabyte), large);
  EXPECT_EQ(blocks.TakeIdle(LargeBlocks::kLargeBytesMin), least);
  for (LargeBlock* block : {large, least, burst.back()}) blocks.Give(block);
}

TEST(LargeBlocks, ASmallOneIsFreedWhereLargeOnesAreAllThereIs) {
  LargeBlocks blocks;
  LargeBlock* const all = blocks.Take(LargeBlocks::kIdleBytesMax);
  LargeBlock* const small = blocks.Take(20'000);
  blocks.Give(all);
  blocks.Give(small);
  EXPECT_EQ(blocks.idle_bytes(), LargeBlocks::kIdleBytesMax);
  EXPECT_EQ(blocks.TakeIdle(LargeBlocks::kIdleBytesMax), all);
  blocks.Give(all);
}

TEST(LargeBlocks, AnIdleBlockServesWhatIsNeitherTooLongNorTooShortForIt) {
  LargeBlocks blocks;
  LargeBlock* const block = blocks.Take(kMegabyte);
  const size_t room_bytes = block->room_bytes;
  blocks.Give(block);
  EXPECT_EQ(blocks.TakeIdle(room_bytes + 1), nullptr);
  EXPECT_EQ(blocks.TakeIdle(room_bytes / LargeBlocks::kSlackFactorMax - 1), nullptr);
  EXPECT_EQ(blocks.idle_bytes(), room_bytes);
  EXPECT_EQ(blocks.TakeIdle(room_bytes / LargeBlocks::kSlackFactorMax), block);
  EXPECT_EQ(blocks.lent_bytes(), room_bytes);
  blocks.Give(block);
}

TEST(LargeBlocks, ASharedBlockIsBackWhenTheLastHolderHasGivenIt) {
  LargeBlocks blocks;
  LargeBlock* const block = blocks.Take(kMegabyte);
  LargeBlocks::Share(block);
  LargeBlocks::Share(block);
  blocks.Give(block);
  blocks.Give(block);
  EXPECT_EQ(blocks.idle_bytes(), 0u);
  blocks.Give(block);
  EXPECT_EQ(blocks.lent_bytes(), 0u);
  EXPECT_EQ(blocks.Take(kMegabyte), block);
  blocks.Give(block);
}

TEST(LargeBlocks, BeyondTheLimitOfOctetsTheOldestAreFreed) {
  LargeBlocks blocks;
  std::vector<LargeBlock*> burst;
  for (size_t i = 0; i < 2 * LargeBlocks::kIdleBytesMax / kMegabyte; ++i) {
    burst.push_back(blocks.Take(kMegabyte));
  }
  for (LargeBlock* block : burst) blocks.Give(block);
  EXPECT_EQ(blocks.idle_bytes(), LargeBlocks::kIdleBytesMax);
  EXPECT_EQ(blocks.TakeIdle(kMegabyte), burst.back());
  blocks.Give(burst.back());
}

TEST(LargeBlocks, BeyondTheLimitOfBlocksTheOldestAreFreed) {
  LargeBlocks blocks;
  std::vector<LargeBlock*> burst;
  for (size_t i = 0; i < 2 * LargeBlocks::kIdleCountMax; ++i) burst.push_back(blocks.Take(4096));
  for (LargeBlock* block : burst) blocks.Give(block);
  EXPECT_EQ(blocks.idle_bytes(), LargeBlocks::kIdleCountMax * 4096);
  EXPECT_EQ(blocks.TakeIdle(4096), burst.back());
  blocks.Give(burst.back());
}

TEST(LargeBlocks, ABlockLargerThanTheLimitIsNotKept) {
  LargeBlocks blocks;
  blocks.Give(blocks.Take(LargeBlocks::kIdleBytesMax + 1));
  EXPECT_EQ(blocks.idle_bytes(), 0u);
}

TEST(LargeBlocksDeathTest, ABlockThatOutlivesItsStockIsABug) {
  EXPECT_DEATH(
      {
        LargeBlocks blocks;
        (void)blocks.Take(kMegabyte);
      },
      "every block is back");
}

}  // namespace
}  // namespace penstock::wire
