#include "penstock/http2/scheduler.h"

#include "gtest/gtest.h"

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
};

TEST_F(SchedulerTest, GivesTurnsInTheOrderOfAdding) {
  EXPECT_EQ(scheduler_.TakeNext(), nullptr);
  scheduler_.Add(&b_);
  scheduler_.Add(&a_);
  scheduler_.Add(&c_);
  EXPECT_EQ(scheduler_.TakeNext(), &b_);
  scheduler_.Add(&b_);
  EXPECT_EQ(scheduler_.TakeNext(), &a_);
  EXPECT_EQ(scheduler_.TakeNext(), &c_);
  EXPECT_EQ(scheduler_.TakeNext(), &b_);
  EXPECT_TRUE(scheduler_.empty());
}

TEST_F(SchedulerTest, AddingTwiceIsAddingOnce) {
  scheduler_.Add(&a_);
  scheduler_.Add(&b_);
  scheduler_.Add(&a_);
  EXPECT_EQ(scheduler_.TakeNext(), &a_);
  EXPECT_EQ(scheduler_.TakeNext(), &b_);
  EXPECT_EQ(scheduler_.TakeNext(), nullptr);
}

TEST_F(SchedulerTest, RemovesFromFrontMiddleAndBack) {
  Stream* const streams[] = {&a_, &b_, &c_};
  for (Stream* removed : streams) {
    for (Stream* stream : streams) scheduler_.Add(stream);
    scheduler_.Remove(removed);
    scheduler_.Remove(removed);
    for (Stream* stream : streams) {
      if (stream != removed) EXPECT_EQ(scheduler_.TakeNext(), stream);
    }
    EXPECT_TRUE(scheduler_.empty());
    EXPECT_FALSE(removed->in_ready_list);
  }
}

}  // namespace
}  // namespace penstock::http2
