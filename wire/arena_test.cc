#include "penstock/wire/arena.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

// The three sources an arena's memory may come from.
enum class Source { kHeap, kPool, kCallerThenPool };

struct ArenaOf {
  explicit ArenaOf(Source source)
      : arena(source == Source::kCallerThenPool ? MutableBytes(first) : MutableBytes(),
              source == Source::kHeap ? nullptr : &pool) {}
  SlabPool pool{1024};
  alignas(16) std::array<uint8_t, 200> first;
  Arena arena;
};

class ArenaFrom : public testing::TestWithParam<Source> {};
INSTANTIATE_TEST_SUITE_P(Sources, ArenaFrom,
                         testing::Values(Source::kHeap, Source::kPool, Source::kCallerThenPool),
                         [](const auto& source) {
                           return source.param == Source::kHeap   ? "Heap"
                                  : source.param == Source::kPool ? "Pool"
                                                                  : "CallerThenPool";
                         });

// Model: what was written into each allocation stands there until Reset, whatever came after.
TEST_P(ArenaFrom, AllocationsAreAlignedDisjointAndStay) {
  ArenaOf under(GetParam());
  std::minstd_rand random(20);
  for (int round = 0; round < 3; ++round) {
    struct Allocation {
      uint8_t* at;
      size_t bytes;
      uint8_t mark;
    };
    std::vector<Allocation> model;
    for (int i = 0; i < 400; ++i) {
      // Mostly small ones, a few that need a block of their own.
      const size_t bytes = random() % 16 == 0 ? random() % 3000 : random() % 60;
      const size_t align = size_t{1} << random() % 5;
      auto* at = static_cast<uint8_t*>(under.arena.Allocate(bytes, align));
      ASSERT_NE(at, nullptr);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(at) % align, 0u);
      const auto mark = static_cast<uint8_t>(random());
      std::fill_n(at, bytes, mark);
      model.push_back({at, bytes, mark});
    }
    for (const Allocation& a : model) {
      EXPECT_EQ(std::count(a.at, a.at + a.bytes, a.mark), static_cast<ptrdiff_t>(a.bytes));
    }
    under.arena.Reset();
    EXPECT_EQ(under.pool.slabs_lent_count(), 0u);
    EXPECT_EQ(under.arena.block_bytes(), 0u);
  }
}

TEST_P(ArenaFrom, AllocatingNothingIsNotNull) {
  ArenaOf under(GetParam());
  EXPECT_NE(under.arena.Allocate(0), nullptr);
  EXPECT_NE(under.arena.Allocate(0, 16), nullptr);
}

TEST_P(ArenaFrom, EndGivesEveryBlockBack) {
  SlabPool* pool = nullptr;
  ArenaOf outer(GetParam());
  pool = &outer.pool;
  {
    Arena arena(pool);
    for (int i = 0; i < 100; ++i) arena.Allocate(100);
    arena.Allocate(2 * pool->payload_bytes());
    EXPECT_GT(pool->slabs_lent_count(), 0u);
    EXPECT_GT(pool->large().lent_bytes(), 0u);
  }
  EXPECT_EQ(pool->slabs_lent_count(), 0u);
  EXPECT_EQ(pool->large().lent_bytes(), 0u);
}

TEST(Arena, UsesTheCallersRoomBeforeAnyBlock) {
  SlabPool pool(1024);
  alignas(16) uint8_t room[64];
  Arena arena(room, &pool);
  EXPECT_EQ(arena.Allocate(64, 1), room);
  EXPECT_EQ(arena.block_bytes(), 0u);
  EXPECT_EQ(pool.slabs_lent_count(), 0u);
  arena.Allocate(1, 1);
  EXPECT_EQ(pool.slabs_lent_count(), 1u);
  arena.Reset();
  EXPECT_EQ(arena.Allocate(64, 1), room);
}

TEST(Arena, CallersRoomTooSmallForTheAlignmentIsLeft) {
  SlabPool pool(1024);
  alignas(16) uint8_t room[16];
  Arena arena(MutableBytes(room + 1, 2), &pool);
  auto* at = static_cast<uint8_t*>(arena.Allocate(1, 16));
  EXPECT_TRUE(at < room || at >= room + sizeof room);
}

TEST(Arena, WhatWouldHalfFillABlockGetsItsOwnAndKeepsTheBlock) {
  SlabPool pool(1024);
  Arena arena(&pool);
  auto* before = static_cast<uint8_t*>(arena.Allocate(8));
  arena.Allocate(pool.payload_bytes());
  auto* after = static_cast<uint8_t*>(arena.Allocate(8));
  EXPECT_EQ(after, before + 8);
  EXPECT_EQ(pool.slabs_lent_count(), 1u);
  EXPECT_EQ(arena.block_bytes(), pool.payload_bytes() + pool.large().lent_bytes());
}

TEST(Arena, WhatLiesIdleIsHadWithoutTakingAnything) {
  SlabPool pool(1024);
  Arena arena(&pool);
  EXPECT_EQ(arena.TryAllocateIdle(20'000), nullptr);
  void* const first = arena.Allocate(20'000);
  EXPECT_EQ(arena.TryAllocateIdle(20'000), nullptr) << "it is in use";
  arena.Reset();
  EXPECT_EQ(arena.TryAllocateIdle(100), nullptr) << "a block has room for that";
  EXPECT_EQ(arena.TryAllocateIdle(20'000), first);
  EXPECT_EQ(arena.block_bytes(), pool.large().lent_bytes());
  Arena of_the_heap;
  of_the_heap.Allocate(20'000);
  of_the_heap.Reset();
  EXPECT_EQ(of_the_heap.TryAllocateIdle(20'000), nullptr);
}

TEST(Arena, ALongBlockCountsWithAllItsRoom) {
  SlabPool pool;
  { Arena(&pool).Allocate(190'000); }
  Arena arena(&pool);
  arena.set_bytes_max(250'000);
  EXPECT_NE(arena.TryAllocate(100'000), nullptr);
  EXPECT_GE(arena.block_bytes(), 190'000u);
  EXPECT_EQ(arena.block_bytes(), pool.large().lent_bytes());
  EXPECT_EQ(arena.TryAllocate(100'000), nullptr) << "it would hold more than the cap";
}

TEST(Arena, HeapBlocksGrowSoThatManySmallAllocationsTakeFewBlocks) {
  Arena arena;
  size_t blocks_seen = 0;
  size_t block_bytes_before = 0;
  for (int i = 0; i < 100'000; ++i) {
    arena.Allocate(8);
    blocks_seen += arena.block_bytes() != block_bytes_before;
    block_bytes_before = arena.block_bytes();
  }
  EXPECT_LT(blocks_seen, 40u);
  EXPECT_LT(arena.block_bytes(), 2 * 800'000u);
}

TEST(Arena, TheCapRefusesWhatTryAllocateAsksForAndNothingElse) {
  Arena arena;
  arena.set_bytes_max(1024);
  while (arena.TryAllocate(100) != nullptr) {
  }
  EXPECT_LE(arena.block_bytes(), 1024u);
  EXPECT_EQ(arena.TryAllocate(SIZE_MAX / 2), nullptr);
  EXPECT_NE(arena.Allocate(5000), nullptr);
  EXPECT_EQ(arena.TryAllocate(5000), nullptr) << "over the cap already";
}

TEST(Arena, CopiesTextAndBytes) {
  Arena arena;
  std::string text = "metadata";
  const std::string_view copy = arena.Copy(text);
  const Bytes bytes = arena.Copy(AsBytes(text));
  text.assign("overwritten");
  EXPECT_EQ(copy, "metadata");
  EXPECT_EQ(AsString(bytes), "metadata");
  EXPECT_TRUE(arena.Copy(std::string_view()).empty());
}

TEST(Arena, NewConstructsInPlaceAndRunsNoDestructor) {
  struct Counted {
    explicit Counted(int* count) : destroyed_count(count) {}
    ~Counted() { ++*destroyed_count; }
    alignas(16) int* destroyed_count;
  };
  int destroyed_count = 0;
  {
    Arena arena;
    arena.Allocate(1, 1);
    Counted* counted = arena.New<Counted>(&destroyed_count);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(counted) % 16, 0u);
    EXPECT_EQ(counted->destroyed_count, &destroyed_count);
  }
  EXPECT_EQ(destroyed_count, 0);
}

TEST(Arena, TryExtendGrowsTheNewestAllocationWhileThereIsRoom) {
  SlabPool pool(1024);
  Arena arena(&pool);
  void* newest = arena.Allocate(100, 1);
  EXPECT_TRUE(arena.TryExtend(newest, 100, 200));
  EXPECT_EQ(arena.Allocate(1, 1), static_cast<uint8_t*>(newest) + 200);
  EXPECT_FALSE(arena.TryExtend(newest, 200, 201)) << "no longer the newest";

  Arena full(&pool);
  newest = full.Allocate(100, 1);
  EXPECT_TRUE(full.TryExtend(newest, 100, pool.payload_bytes()));
  EXPECT_FALSE(full.TryExtend(newest, pool.payload_bytes(), pool.payload_bytes() + 1));
}

TEST(Arena, TryExtendRefusesBlocksOfTheirOwn) {
  SlabPool pool(1024);
  Arena arena(&pool);
  arena.Allocate(8);
  void* large = arena.Allocate(5000);
  EXPECT_FALSE(arena.TryExtend(large, 5000, 5001));
}

}  // namespace
}  // namespace penstock::wire
