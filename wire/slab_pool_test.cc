#include "penstock/wire/slab_pool.h"

#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(SlabPool, HandsOutTheWarmestSlabFirst) {
  SlabPool pool(1024);
  Slab* first = pool.Take();
  Slab* second = pool.Take();
  EXPECT_NE(first, second);
  pool.Give(first);
  pool.Give(second);
  EXPECT_EQ(pool.Take(), second);
  EXPECT_EQ(pool.Take(), first);
  pool.Give(first);
  pool.Give(second);
}

TEST(SlabPool, LentSlabsHaveNoSuccessor) {
  SlabPool pool(1024);
  Slab* fresh = pool.Take();
  EXPECT_EQ(fresh->next, nullptr);
  Slab* other = pool.Take();
  pool.Give(other);
  pool.Give(fresh);  // now chained to `other` in the stock
  Slab* again = pool.Take();
  EXPECT_EQ(again, fresh);
  EXPECT_EQ(again->next, nullptr);
  pool.Give(again);
}

TEST(SlabPool, PayloadIsAlignedAndWritableToItsEnd) {
  SlabPool pool(1024);
  EXPECT_EQ(pool.payload_bytes(), 1024 - sizeof(Slab));
  Slab* slab = pool.Take();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(slab->data()) % 16, 0u);
  std::memset(slab->data(), 0xA5, pool.payload_bytes());
  EXPECT_EQ(slab->data()[pool.payload_bytes() - 1], 0xA5);
  pool.Give(slab);
}

TEST(SlabPool, KeepsNoMoreIdleSlabsThanItsLimit) {
  SlabPool pool(1024, 2);
  std::vector<Slab*> burst;
  for (int i = 0; i < 5; ++i) burst.push_back(pool.Take());
  EXPECT_EQ(pool.slabs_lent_count(), 5u);
  EXPECT_EQ(pool.slabs_idle_count(), 0u);
  for (Slab* slab : burst) pool.Give(slab);
  EXPECT_EQ(pool.slabs_lent_count(), 0u);
  EXPECT_EQ(pool.slabs_idle_count(), 2u);
}

TEST(SlabPool, WithoutIdleSlabsAllowedEveryGiveFrees) {
  SlabPool pool(1024, 0);
  pool.Give(pool.Take());
  EXPECT_EQ(pool.slabs_idle_count(), 0u);
}

TEST(SlabPoolDeathTest, DyingWithSlabsLentIsABug) {
  EXPECT_DEATH(
      {
        SlabPool pool(1024);
        pool.Take();
      },
      "every slab is back before its pool dies");
}

TEST(SlabPoolDeathTest, SlabsTooSmallForTheirHeaderAreABug) {
  EXPECT_DEATH(SlabPool pool(2 * sizeof(Slab)), "a slab holds more than its header");
}

}  // namespace
}  // namespace penstock::wire
