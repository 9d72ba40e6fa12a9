#include "penstock/rpc/topic.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"

namespace penstock {
namespace {

using reactor::Begun;
using reactor::Shard;
using reactor::ShardOptions;

// A scope on a shard that outlives it.
class ShardScope final : public CallScope {
 public:
  explicit ShardScope(Shard* its_shard) {
    shard_ = its_shard;
    cancellation_ = &own_cancellation_;
  }
  void Cancel() {
    own_cancellation_.Cancel(MakeStatus(StatusCode::kCancelled, "the test cancels"));
  }

 private:
  rpc::CallCancellation own_cancellation_;
};

// A shard that turns on the test's thread.
struct OpenShard {
  explicit OpenShard(const ShardOptions& options = {}) : shard(options) {
    std::string why;
    EXPECT_TRUE(shard.Open(&why)) << why;
  }
  void Turn() {
    for (int turns = 0; turns < 3; ++turns) shard.Turn(0);
  }
  ~OpenShard() {
    shard.Stop();
    shard.Run();
  }
  Shard shard;
  ShardScope scope{&shard};
};

// What it heard, joined by blanks, with "-N" where N were missed; up to "end".
Task<StatusOr<std::string>> Listen(CallScope& scope, Subscription<std::string>& ears) {
  std::string heard;
  for (;;) {
    const std::optional<std::string> value = co_await Try(co_await ears.Receive(scope));
    if (const uint64_t missed_count = ears.TakeMissedCount()) {
      heard += "-" + std::to_string(missed_count) + " ";
    }
    if (*value == "end") co_return heard;
    heard += *value + " ";
  }
}

class TopicTest : public ::testing::Test {
 protected:
  void Publish(const std::vector<std::string>& values) {
    for (const std::string& value : values) topic_->Publish(value);
  }
  void Turn() {
    one_.Turn();
    other_.Turn();
  }

  OpenShard one_;
  OpenShard other_;
  std::optional<Topic<std::string>> topic_{std::in_place};
};

TEST_F(TopicTest, IsHeardOnEveryShardInOneOrder) {
  Subscription<std::string> here(&*topic_, one_.scope, 8);
  Subscription<std::string> beside(&*topic_, one_.scope, 8);
  Subscription<std::string> there(&*topic_, other_.scope, 8);
  const Begun<StatusOr<std::string>> runs[] = {
      Begun<StatusOr<std::string>>(Listen(one_.scope, here)),
      Begun<StatusOr<std::string>>(Listen(one_.scope, beside)),
      Begun<StatusOr<std::string>>(Listen(other_.scope, there))};
  Publish({"a", "b"});
  Turn();
  Publish({"c", "end"});
  Turn();
  for (const auto& run : runs) {
    ASSERT_TRUE(run.done());
    EXPECT_EQ(*run.result(), "a b c ");
  }
}

TEST_F(TopicTest, ASlowSubscriberMissesTheOldestAndHoldsUpNobody) {
  Subscription<std::string> slow(&*topic_, one_.scope, 2);
  Subscription<std::string> quick(&*topic_, one_.scope, 16);
  Publish({"a", "b", "c"});
  Turn();
  Publish({"d", "end"});
  Turn();
  EXPECT_EQ(slow.size(), 2u);
  const Begun<StatusOr<std::string>> slow_run(Listen(one_.scope, slow));
  const Begun<StatusOr<std::string>> quick_run(Listen(one_.scope, quick));
  ASSERT_TRUE(slow_run.done() && quick_run.done());
  EXPECT_EQ(*slow_run.result(), "-3 d ");
  EXPECT_EQ(*quick_run.result(), "a b c d ");
}

TEST_F(TopicTest, WhoSubscribesHearsNothingFromBefore) {
  Subscription<std::string> early(&*topic_, one_.scope, 8);
  Publish({"a"});  // under way when the next one subscribes
  Subscription<std::string> late(&*topic_, one_.scope, 8);
  Publish({"b"});
  Turn();
  EXPECT_EQ(early.size(), 2u);
  EXPECT_EQ(late.TryReceive(), "b");
  EXPECT_EQ(late.TakeMissedCount(), 0u);
}

TEST_F(TopicTest, AShardThatIsBehindMissesTheOldest) {
  constexpr size_t kMax = Topic<std::string>::kWaitingMax;
  Subscription<std::string> ears(&*topic_, one_.scope, kMax + 8);
  for (size_t i = 0; i < kMax; ++i) topic_->Publish("x");
  Turn();
  EXPECT_EQ(ears.size(), kMax);
  EXPECT_EQ(ears.TakeMissedCount(), 0u);
  while (ears.TryReceive().has_value()) {
  }
  for (size_t i = 0; i < kMax + 3; ++i) topic_->Publish("y");
  Turn();
  EXPECT_EQ(ears.size(), kMax);
  EXPECT_EQ(ears.TakeMissedCount(), 3u);
}

TEST_F(TopicTest, AFullMailboxHoldsUpNoValue) {
  OpenShard full(ShardOptions{.mailbox_letters_max = 2});
  Subscription<std::string> ears(&*topic_, full.scope, 8);
  const auto nothing = [](void*, uint64_t) {};
  while (full.shard.Post(nothing, nullptr)) {
  }
  Publish({"a", "b"});
  full.Turn();
  EXPECT_EQ(ears.TryReceive(), "a");
  EXPECT_EQ(ears.TryReceive(), "b");
}

TEST_F(TopicTest, TheEndOfTheCallEndsWhoListens) {
  Subscription<std::string> ears(&*topic_, one_.scope, 8);
  const Begun<StatusOr<std::string>> run(Listen(one_.scope, ears));
  one_.scope.Cancel();
  Turn();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result().status().code(), StatusCode::kCancelled);
}

TEST_F(TopicTest, MayGoWhileLettersAreUnderWay) {
  {
    const Subscription<std::string> ears(&*topic_, one_.scope, 8);
    Publish({"a"});
  }
  topic_.reset();
  Turn();
}

// Its end is published.
struct Guest;
using Room = Topic<std::shared_ptr<const Guest>>;
struct Guest {
  explicit Guest(Room* its_room) : room(*its_room) {}
  ~Guest() { room.Publish(nullptr); }
  Room& room;
};

TEST_F(TopicTest, TheEndOfAValueThatIsLostMayPublish) {
  Room room;
  Subscription<std::shared_ptr<const Guest>> ears(&room, one_.scope, Room::kWaitingMax);
  room.Publish(std::make_shared<const Guest>(&room));
  for (size_t i = 0; i < Room::kWaitingMax; ++i) room.Publish(nullptr);
  Turn();
  EXPECT_EQ(ears.TakeMissedCount(), 2u) << "the guest, and one more for its end";
}

TEST_F(TopicTest, TheEndOfAValueThatNobodyAwaitsMayPublish) {
  Room room;
  std::optional<Subscription<std::shared_ptr<const Guest>>> here(std::in_place, &room, one_.scope,
                                                                 8);
  room.Publish(std::make_shared<const Guest>(&room));
  const Subscription<std::shared_ptr<const Guest>> there(&room, other_.scope, 8);
  here.reset();
  Turn();
  EXPECT_EQ(there.size(), 1u) << "the guest's end";
}

Task<StatusOr<size_t>> FirstOf(CallScope& scope, Subscription<std::string>& one,
                               Subscription<std::string>& other) {
  auto from_one = one.Receive(scope);
  auto from_other = other.Receive(scope);
  co_return co_await Select(from_one, from_other);
}

TEST_F(TopicTest, CanBeSelected) {
  Topic<std::string> quiet;
  Subscription<std::string> silence(&quiet, one_.scope, 8);
  Subscription<std::string> ears(&*topic_, one_.scope, 8);
  const Begun<StatusOr<size_t>> run(FirstOf(one_.scope, silence, ears));
  Publish({"a"});
  Turn();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(*run.result(), 1u);
  EXPECT_EQ(ears.size(), 1u) << "it was not received, only waited for";
}

// --- on threads

// On its shard: subscribes, says so, and counts values up to their end.
class Counter {
 public:
  Counter(Topic<int>* topic, Shard* shard, size_t capacity) : topic_(*topic), scope_(shard) {
    EXPECT_TRUE(shard->Post(
        [](void* self, uint64_t capacity_of_it) {
          static_cast<Counter*>(self)->Begin(capacity_of_it);
        },
        this, capacity));
    subscribed_.get_future().wait();
  }
  size_t Count() { return heard_.get_future().get(); }

 private:
  void Begin(size_t capacity) { run_.emplace(Run(*this, capacity)); }
  static Task<Status> Run(Counter& self, size_t capacity) {
    size_t count = 0;
    {
      Subscription<int> ears(&self.topic_, self.scope_, capacity);
      self.subscribed_.set_value();
      for (bool ended = false; !ended;) {
        const std::optional<int> value = co_await Try(co_await ears.Receive(self.scope_));
        ended = *value < 0;
        if (!ended) ++count;
      }
    }
    self.heard_.set_value(count);
    co_return OkStatus();
  }

  Topic<int>& topic_;
  ShardScope scope_;
  std::promise<void> subscribed_;
  std::promise<size_t> heard_;
  std::optional<Begun<Status>> run_;
};

TEST(TopicOnThreads, AnyThreadIsHeardEverywhere) {
  constexpr int kThreadsCount = 4;
  constexpr int kValuesCount = 200;  // all of them fit
  Topic<int> topic;
  Shard shards[] = {Shard(ShardOptions{.index = 0}), Shard(ShardOptions{.index = 1})};
  std::string why;
  for (Shard& shard : shards) ASSERT_TRUE(shard.Start(&why)) << why;
  {
    Counter here(&topic, &shards[0], kThreadsCount * kValuesCount + 1);
    Counter there(&topic, &shards[1], kThreadsCount * kValuesCount + 1);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreadsCount; ++thread) {
      threads.emplace_back([&topic] {
        for (int i = 0; i < kValuesCount; ++i) topic.Publish(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    topic.Publish(-1);
    EXPECT_EQ(here.Count(), kThreadsCount * kValuesCount);
    EXPECT_EQ(there.Count(), kThreadsCount * kValuesCount);
    for (Shard& shard : shards) {
      shard.Stop();
      shard.Join();
    }
  }
}

// As many topics as that have letters for one shard, which has room for two.
TEST(TopicOnThreads, IsHeardThoughTheMailboxIsFull) {
  constexpr int kTopicsCount = 4;
  constexpr int kValuesCount = 500;
  Topic<int> topics[kTopicsCount];
  Shard shard(ShardOptions{.mailbox_letters_max = 2});
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  std::deque<Counter> counters;
  for (Topic<int>& topic : topics) counters.emplace_back(&topic, &shard, kValuesCount + 1);
  std::vector<std::thread> threads;
  for (Topic<int>& topic : topics) {
    threads.emplace_back([&topic] {
      for (int i = 0; i < kValuesCount; ++i) topic.Publish(i);
      topic.Publish(-1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (Counter& counter : counters) EXPECT_EQ(counter.Count(), kValuesCount);
  shard.Stop();
  shard.Join();
}

}  // namespace
}  // namespace penstock
