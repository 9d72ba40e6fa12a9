#include "penstock/wire/object_pool.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(ObjectPool, ConstructsWithArgumentsAndDestroys) {
  auto shared = std::make_shared<int>(7);
  ObjectPool<std::pair<std::shared_ptr<int>, std::string>> pool;
  auto* object = pool.New(shared, "text");
  EXPECT_EQ(*object->first, 7);
  EXPECT_EQ(object->second, "text");
  EXPECT_EQ(shared.use_count(), 2);
  EXPECT_EQ(pool.lent_count(), 1u);
  pool.Delete(object);
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_EQ(pool.lent_count(), 0u);
}

TEST(ObjectPool, HandsOutTheWarmestStorageFirst) {
  ObjectPool<uint64_t> pool;
  uint64_t* first = pool.New(1u);
  uint64_t* second = pool.New(2u);
  pool.Delete(first);
  pool.Delete(second);
  EXPECT_EQ(pool.New(3u), second);
  EXPECT_EQ(pool.New(4u), first);
  EXPECT_EQ(*second, 3u);
  pool.Delete(first);
  pool.Delete(second);
}

TEST(ObjectPool, ObjectsSmallerThanAPointerAndOverAlignedOnesFit) {
  struct alignas(64) Line {
    uint8_t octet;
  };
  ObjectPool<uint8_t> octets;
  ObjectPool<Line> lines;
  std::vector<uint8_t*> small;
  for (int i = 0; i < 10; ++i) small.push_back(octets.New(static_cast<uint8_t>(i)));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(*small[static_cast<size_t>(i)], i);
  for (uint8_t* octet : small) octets.Delete(octet);
  Line* line = lines.New(Line{5});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(line) % 64, 0u);
  lines.Delete(line);
}

TEST(ObjectPool, BeyondItsIdleLimitStorageIsFreedAndServiceGoesOn) {
  ObjectPool<std::string> pool(2);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string*> burst;
    for (int i = 0; i < 5; ++i) burst.push_back(pool.New(100, 'x'));
    EXPECT_EQ(pool.lent_count(), 5u);
    for (std::string* text : burst) pool.Delete(text);
    EXPECT_EQ(pool.lent_count(), 0u);
  }
}

TEST(ObjectPoolDeathTest, DyingWithObjectsLentIsABug) {
  EXPECT_DEATH(
      {
        ObjectPool<int> pool;
        pool.New(1);
      },
      "every object is back before its pool dies");
}

}  // namespace
}  // namespace penstock::wire
