// What the admin port asks shards, and how often; the test has the shard, which answers when it is
// turned.
#include "penstock/server/admin/snapshot_desk.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/cpu.h"
#include "penstock/server/admin/trace.h"

namespace penstock::server {
namespace {

using Snapshots = std::optional<std::vector<ShardSnapshot>>;

class SnapshotDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    reactor::ShardOptions options;
    options.io = reactor::IoMode::kEpoll;
    shards_.push_back(std::make_unique<reactor::Shard>(options));
    std::string why;
    ASSERT_TRUE(shards_[0]->Open(&why)) << why;
    states_.push_back(std::make_unique<ShardState>(shards_[0].get(), &options_, &registry_));
  }
  void TearDown() override {
    shards_[0]->Stop();
    shards_[0]->Run();
  }

  // Of a page whose time is over.
  static TimeNs LongAgo() { return reactor::ReadClock() - ShardSnapshot::kAnswerNsMax; }
  uint64_t letters_count() const { return shards_[0]->stats().letters; }

  ServerOptions options_;
  Registry registry_;
  std::vector<std::unique_ptr<reactor::Shard>> shards_;
  std::vector<std::unique_ptr<ShardState>> states_;
  SnapshotDesk desk_{&shards_, &states_};
  TraceDesk traces_{&shards_, &states_};
};

TEST_F(SnapshotDeskTest, AShardThatDoesNotAnswerIsAskedOnce) {
  const TimeNs asked_at = reactor::ReadClock();
  EXPECT_FALSE(desk_.Collect({}, asked_at));
  EXPECT_FALSE(desk_.Collect({.connections = true}, asked_at));
  const Snapshots late = desk_.Collect({}, LongAgo());
  ASSERT_TRUE(late);
  ASSERT_EQ(late->size(), 1u);
  EXPECT_FALSE(late->front().has_answered);
  shards_[0]->Turn(0);
  EXPECT_EQ(letters_count(), 1u);
  const Snapshots in_time = desk_.Collect({}, asked_at);
  ASSERT_TRUE(in_time);
  EXPECT_TRUE(in_time->front().has_answered);
}

TEST_F(SnapshotDeskTest, WhatAStuckShardSaidLastIsKept) {
  states_[0]->metrics.unknown().started_count = 3;
  const TimeNs asked_at = reactor::ReadClock();
  EXPECT_FALSE(desk_.Collect({}, asked_at));
  shards_[0]->Turn(0);
  ASSERT_TRUE(desk_.Collect({}, asked_at));
  const Snapshots late = desk_.Collect({.connections = true}, LongAgo());
  ASSERT_TRUE(late);
  EXPECT_FALSE(late->front().has_answered);
  EXPECT_EQ(SumOfMethods(*late, 0).back().started_count, 3u);
}

TEST_F(SnapshotDeskTest, AnAnswerToAnEarlierPageIsNone) {
  EXPECT_FALSE(desk_.Collect({}, reactor::ReadClock()));
  const TimeNs asked_at = reactor::ReadClock();
  shards_[0]->Turn(0);
  EXPECT_FALSE(desk_.Collect({.connections = true}, asked_at));
  shards_[0]->Turn(0);
  const Snapshots shards = desk_.Collect({.connections = true}, asked_at);
  ASSERT_TRUE(shards);
  EXPECT_TRUE(shards->front().has_answered);
  EXPECT_TRUE(shards->front().wishes.connections);
  EXPECT_EQ(letters_count(), 2u);
}

TEST_F(SnapshotDeskTest, ATraceAsksAShardThatDoesNotAnswerOnce) {
  const TimeNs asked_at = reactor::ReadClock();
  EXPECT_FALSE(traces_.Start(1, kNsPerSecond, asked_at));
  EXPECT_FALSE(traces_.Start(1, kNsPerSecond, asked_at));
  const std::optional<Trace> late = traces_.Read(LongAgo());
  ASSERT_TRUE(late);
  EXPECT_FALSE(late->has_answered);
  shards_[0]->Turn(0);
  EXPECT_EQ(letters_count(), 1u);
  const std::optional<Trace> begun = traces_.Start(1, kNsPerSecond, asked_at);
  ASSERT_TRUE(begun);
  EXPECT_TRUE(begun->has_answered);
  EXPECT_FALSE(begun->is_found);
}

}  // namespace
}  // namespace penstock::server
