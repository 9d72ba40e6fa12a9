#include "penstock/http2/stream_map.h"

#include <memory>
#include <set>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/slab_pool.h"

namespace penstock::http2 {
namespace {

class StreamMapTest : public ::testing::Test {
 protected:
  Stream* Make(uint32_t id) {
    streams_.push_back(std::make_unique<Stream>(id, 0, 0, &pool_));
    map_.Insert(streams_.back().get());
    return streams_.back().get();
  }
  std::set<uint32_t> Ids() {
    std::set<uint32_t> ids;
    map_.ForEach([&](Stream& stream) { EXPECT_TRUE(ids.insert(stream.id).second); });
    return ids;
  }

  wire::SlabPool pool_;
  std::vector<std::unique_ptr<Stream>> streams_;
  StreamMap map_;
};

TEST_F(StreamMapTest, AnEmptyMapFindsNothing) {
  EXPECT_EQ(map_.Find(1), nullptr);
  EXPECT_EQ(map_.size(), 0u);
  EXPECT_TRUE(Ids().empty());
}

TEST_F(StreamMapTest, FindsWhatWasInsertedThroughGrowth) {
  for (uint32_t id = 1; id < 400; id += 2) Make(id);
  for (const uint32_t id : {0x7fff'ffffu, 2u, 4u, 0x4000'0001u}) Make(id);
  EXPECT_EQ(map_.size(), 204u);
  for (const auto& stream : streams_) EXPECT_EQ(map_.Find(stream->id), stream.get());
  EXPECT_EQ(map_.Find(401), nullptr);
  EXPECT_EQ(map_.Find(0), nullptr);
  EXPECT_EQ(Ids().size(), 204u);
}

TEST_F(StreamMapTest, RemovesFromAnyPlaceOfABucket) {
  // 1, 33, 65 share a bucket of the first table.
  Stream* const chain[] = {Make(1), Make(33), Make(65)};
  for (const int first : {0, 1, 2}) {
    map_.Remove(chain[first]);
    EXPECT_EQ(map_.Find(chain[first]->id), nullptr);
    EXPECT_EQ(map_.size(), 2u);
    map_.Insert(chain[first]);
    EXPECT_EQ(Ids(), (std::set<uint32_t>{1, 33, 65}));
  }
}

TEST_F(StreamMapTest, ForEachMayRemoveTheStreamItIsGiven) {
  for (uint32_t id = 1; id < 200; id += 2) Make(id);
  map_.ForEach([this](Stream& stream) {
    if (stream.id % 3 == 0) map_.Remove(&stream);
  });
  for (const uint32_t id : Ids()) EXPECT_NE(id % 3, 0u);
  EXPECT_EQ(map_.size(), 67u);
}

}  // namespace
}  // namespace penstock::http2
