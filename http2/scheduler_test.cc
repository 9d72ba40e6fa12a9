#include "penstock/http2/scheduler.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/priority.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2 {
namespace {

class SchedulerTest : public ::testing::Test {
 protected:
  wire::SlabPool pool_;
  Stream a_{1, 0, 0, &pool_};
  Stream b_{3, 0, 0, &pool_};
  Stream c_{5, 0, 0, &pool_};
  Scheduler scheduler_;

  void Prioritize(uint8_t urgency, bool incremental) {
    for (Stream* stream : {&a_, &b_, &c_}) scheduler_.SetPriority(stream, {urgency, incremental});
  }
  // Whose the next turns are, as letters.
  std::string Turns(int count) {
    std::string names;
    while (count-- > 0) names += "abc"[scheduler_.Next()->id / 2];
    return names;
  }
};

TEST_F(SchedulerTest, GivesTurnsInARound) {
  EXPECT_EQ(scheduler_.Next(), nullptr);
  scheduler_.Add(&b_);
  scheduler_.Add(&a_);
  scheduler_.Add(&c_);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(scheduler_.Next(), &b_);
    EXPECT_EQ(scheduler_.Next(), &a_);
    EXPECT_EQ(scheduler_.Next(), &c_);
  }
  for (Stream* stream : {&a_, &b_, &c_}) scheduler_.Remove(stream);
  EXPECT_TRUE(scheduler_.empty());
}

TEST_F(SchedulerTest, AddingTwiceIsAddingOnce) {
  scheduler_.Add(&a_);
  scheduler_.Add(&b_);
  scheduler_.Add(&a_);
  EXPECT_EQ(Turns(4), "abab");
  scheduler_.Remove(&a_);
  EXPECT_EQ(Turns(2), "bb");
}

TEST_F(SchedulerTest, RemovesFromFrontMiddleAndBack) {
  for (const bool incremental : {true, false}) {
    for (Stream* removed : {&a_, &b_, &c_}) {
      for (Stream* stream : {&a_, &b_, &c_}) {
        scheduler_.SetPriority(stream, {3, incremental});
        scheduler_.Add(stream);
      }
      scheduler_.Remove(removed);
      scheduler_.Remove(removed);
      for (Stream* stream : {&a_, &b_, &c_}) {
        if (stream == removed) continue;
        EXPECT_EQ(scheduler_.Next(), stream);
        scheduler_.Remove(stream);
      }
      EXPECT_TRUE(scheduler_.empty());
      EXPECT_FALSE(removed->in_ready_list);
    }
  }
}

TEST_F(SchedulerTest, WithoutIncrementalTheLowestIdGoesFirstUntilItIsDone) {
  Prioritize(3, false);
  scheduler_.Add(&c_);
  scheduler_.Add(&a_);
  scheduler_.Add(&b_);
  EXPECT_EQ(Turns(3), "aaa");
  scheduler_.Remove(&a_);
  EXPECT_EQ(Turns(2), "bb");
  scheduler_.Add(&a_);
  EXPECT_EQ(Turns(2), "aa");
  scheduler_.Remove(&a_);
  scheduler_.Remove(&b_);
  EXPECT_EQ(Turns(2), "cc");
}

TEST_F(SchedulerTest, AnyOrderOfAddingIsTheOrderOfIds) {
  Prioritize(3, false);
  Stream d(7, 0, 0, &pool_);
  scheduler_.SetPriority(&d, {3, false});
  std::vector<Stream*> order = {&a_, &b_, &c_, &d};
  do {
    for (Stream* stream : order) scheduler_.Add(stream);
    for (Stream* stream : {&a_, &b_, &c_, &d}) {
      EXPECT_EQ(scheduler_.Next(), stream);
      scheduler_.Remove(stream);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(SchedulerTest, BothKindsOfALevelAlternate) {
  scheduler_.SetPriority(&a_, {3, false});
  for (Stream* stream : {&a_, &b_, &c_}) scheduler_.Add(stream);
  EXPECT_EQ(Turns(8), "abacabac");
}

TEST_F(SchedulerTest, TheMostUrgentGoesFirst) {
  scheduler_.SetPriority(&b_, {0, false});
  scheduler_.SetPriority(&c_, {7, true});
  for (Stream* stream : {&c_, &a_, &b_}) scheduler_.Add(stream);
  EXPECT_EQ(Turns(5), "bbbbb");
  scheduler_.Remove(&b_);
  EXPECT_EQ(Turns(5), "aaaaa");
  scheduler_.Remove(&a_);
  EXPECT_EQ(Turns(5), "ccccc");
}

TEST_F(SchedulerTest, ALowerLevelGetsOneTurnInSixteen) {
  scheduler_.SetPriority(&a_, {0, false});
  scheduler_.SetPriority(&b_, {6, false});
  scheduler_.Add(&a_);
  scheduler_.Add(&b_);
  EXPECT_EQ(Turns(32), "aaaaaaaaaaaaaaabaaaaaaaaaaaaaaab");
}

TEST_F(SchedulerTest, EveryLevelHasItsTurnOfWhatIsLeftToTheLower) {
  std::deque<Stream> streams;
  for (uint8_t urgency = 0; urgency <= kUrgencyLowest; ++urgency) {
    Stream& stream = streams.emplace_back(2 * urgency + 101u, 0, 0, &pool_);
    scheduler_.SetPriority(&stream, {urgency, urgency % 2 == 0});
    scheduler_.Add(&stream);
  }
  std::map<uint32_t, int> turns;
  for (int turn = 0; turn < 10 * 16 * 7; ++turn) ++turns[scheduler_.Next()->urgency];
  EXPECT_EQ(turns[0], 10 * 15 * 7);
  for (uint32_t urgency = 1; urgency <= kUrgencyLowest; ++urgency) EXPECT_EQ(turns[urgency], 10);
}

TEST_F(SchedulerTest, APriorityMayChangeWhileAStreamWaits) {
  for (Stream* stream : {&a_, &b_, &c_}) scheduler_.Add(stream);
  scheduler_.SetPriority(&c_, {1, true});
  EXPECT_EQ(Turns(3), "ccc");
  scheduler_.SetPriority(&c_, {5, true});
  EXPECT_EQ(Turns(4), "abab");
  scheduler_.SetPriority(&b_, {3, false});
  EXPECT_EQ(Turns(4), "baba");
}

// Random steps beside sorted lists that are obviously right.
TEST_F(SchedulerTest, DoesAsAModelDoes) {
  std::mt19937 random(1);
  std::deque<Stream> streams;
  for (uint32_t i = 0; i < 30; ++i) streams.emplace_back(2 * i + 1, 0, 0, &pool_);
  std::set<uint32_t> waiting;
  for (int step = 0; step < 50'000; ++step) {
    Stream& stream = streams[random() % streams.size()];
    switch (random() % 4) {
      case 0:
        scheduler_.Add(&stream);
        waiting.insert(stream.id);
        break;
      case 1:
        scheduler_.Remove(&stream);
        waiting.erase(stream.id);
        break;
      case 2:
        scheduler_.SetPriority(&stream, {static_cast<uint8_t>(random() % 8), random() % 2 == 0});
        break;
      default:
        Stream* next = scheduler_.Next();
        ASSERT_EQ(next == nullptr, waiting.empty());
        if (next == nullptr) break;
        ASSERT_TRUE(waiting.contains(next->id));
        if (next->is_incremental) break;
        for (const Stream& other : streams) {
          const bool is_before = waiting.contains(other.id) && !other.is_incremental &&
                                 other.urgency == next->urgency && other.id < next->id;
          ASSERT_FALSE(is_before) << other.id << " before " << next->id;
        }
    }
    ASSERT_EQ(scheduler_.empty(), waiting.empty());
  }
}

}  // namespace
}  // namespace penstock::http2
