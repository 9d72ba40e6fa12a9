#include "penstock/rpc/decompression_budget.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "penstock/reactor/testing/memory_net.h"

namespace penstock::rpc {
namespace {

constexpr uint32_t kPerTurnMax = 1'000;

// Waits in a budget, and runs what a test wants.
class Waiting {
 public:
  explicit Waiting(std::function<void()> act)
      : act_(std::move(act)),
        runnable_([](void* self) { static_cast<Waiting*>(self)->act_(); }, this) {}
  reactor::Runnable& runnable() { return runnable_; }

 private:
  const std::function<void()> act_;
  reactor::Runnable runnable_;
};

class DecompressionBudgetTest : public testing::Test {
 protected:
  DecompressionBudgetTest() : shard_({.simulation = &net_}) {
    std::string why;
    EXPECT_TRUE(shard_.Open(&why)) << why;
  }
  void Turn() { shard_.Turn(0); }

  reactor::MemoryNet net_;
  reactor::Shard shard_;
  DecompressionBudget budget_{&shard_, kPerTurnMax};
};

TEST_F(DecompressionBudgetTest, HasRoomUntilAsMuchCameOut) {
  EXPECT_TRUE(budget_.has_room());
  budget_.Charge(kPerTurnMax - 1);
  EXPECT_TRUE(budget_.has_room()) << "the message that exceeds it is decompressed whole";
  budget_.Charge(1);
  EXPECT_FALSE(budget_.has_room());
  Turn();
  EXPECT_TRUE(budget_.has_room());
}

TEST_F(DecompressionBudgetTest, WhatExceedsATurnIsPaidByThoseBehindIt) {
  budget_.Charge(4 * kPerTurnMax);
  for (int turn = 1; turn <= 3; ++turn) {
    Turn();
    EXPECT_FALSE(budget_.has_room()) << turn;
  }
  Turn();
  EXPECT_TRUE(budget_.has_room());
}

TEST_F(DecompressionBudgetTest, TurnsWithoutAMessageSaveNothingUp) {
  for (int turn = 0; turn < 10; ++turn) Turn();
  budget_.Charge(kPerTurnMax);
  EXPECT_FALSE(budget_.has_room());
}

TEST_F(DecompressionBudgetTest, ThoseThatWaitRunOneAfterTheOtherAsFarAsThereIsRoom) {
  std::string ran;
  Waiting a([&] { ran += 'a', budget_.Charge(kPerTurnMax / 2); });
  Waiting b([&] { ran += 'b', budget_.Charge(2 * kPerTurnMax); });
  Waiting c([&] { ran += 'c'; });
  budget_.Charge(kPerTurnMax);
  for (Waiting* each : {&a, &b, &c}) budget_.WhenRoom(each->runnable());
  EXPECT_EQ(ran, "");
  Turn();
  EXPECT_EQ(ran, "ab");
  Turn();
  EXPECT_EQ(ran, "ab");
  Turn();
  EXPECT_EQ(ran, "abc");
  EXPECT_TRUE(shard_.run_queue().empty());
}

TEST_F(DecompressionBudgetTest, NobodyOvertakesThoseThatWait) {
  Waiting waiting([] {});
  budget_.Charge(kPerTurnMax);
  budget_.WhenRoom(waiting.runnable());
  budget_.Charge(kPerTurnMax);
  Turn();
  EXPECT_FALSE(budget_.has_room());
  Turn();
  EXPECT_TRUE(budget_.has_room());
}

TEST_F(DecompressionBudgetTest, TheShardDoesNotSleepWhileOneWaits) {
  bool ran = false;
  Waiting waiting([&] { ran = true; });
  budget_.Charge(100 * kPerTurnMax);
  budget_.WhenRoom(waiting.runnable());
  const uint64_t waits = shard_.stats().waits;
  for (int turn = 0; turn < 100; ++turn) {
    EXPECT_FALSE(ran);
    shard_.Turn(kNsPerSecond);
  }
  EXPECT_TRUE(ran);
  EXPECT_EQ(shard_.stats().waits, waits);
}

TEST_F(DecompressionBudgetTest, WhoDiesWaitsNoMore) {
  bool ran = false;
  {
    Waiting waiting([&] { ran = true; });
    budget_.Charge(kPerTurnMax);
    budget_.WhenRoom(waiting.runnable());
  }
  Turn();
  EXPECT_FALSE(ran);
  EXPECT_TRUE(budget_.has_room());
}

}  // namespace
}  // namespace penstock::rpc
