#include "penstock/rpc/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/testing/test_scope.h"
#include "penstock/rpc/try.h"
#include "penstock/wire/time.h"

namespace penstock {
namespace {

using reactor::Begun;
using test::TestScope;
using test::TestShard;

using Text = std::unique_ptr<std::string>;  // is moved alone

Text Make(const char* text) { return std::make_unique<std::string>(text); }

class ChannelTest : public ::testing::Test {
 public:
  Task<Status> SendAll(CallScope& scope, std::vector<std::string> texts) {
    for (std::string& text : texts) {
      Text value = std::make_unique<std::string>(std::move(text));
      co_await Try(co_await channel_->Send(scope, std::move(value)));
    }
    co_return OkStatus();
  }
  // Joined by blanks, up to the end.
  Task<StatusOr<std::string>> ReceiveAll(CallScope& scope) {
    std::string all;
    while (std::optional<Text> text = co_await Try(co_await channel_->Receive(scope))) {
      all += (all.empty() ? "" : " ") + **text;
    }
    co_return all;
  }
  Task<StatusOr<std::string>> ReceiveOne(CallScope& scope) {
    std::optional<Text> text = co_await Try(co_await channel_->Receive(scope));
    co_return text ? **text : "the end";
  }

  TestShard shard_;
  TestScope scope_{&shard_};
  TestScope other_{&shard_};
  std::optional<Channel<Text>> channel_{std::in_place, 2};
};

TEST_F(ChannelTest, WhatIsSentIsReceivedInOrder) {
  const Begun<Status> sender(SendAll(scope_, {"a", "b", "c", "d", "e"}));
  EXPECT_FALSE(sender.done()) << "only two fit";
  EXPECT_EQ(channel_->size(), 2u);
  const Begun<StatusOr<std::string>> receiver(ReceiveAll(other_));
  shard_.Run();
  ASSERT_TRUE(sender.done());
  EXPECT_FALSE(receiver.done());
  channel_->Close();
  shard_.Run();
  ASSERT_TRUE(receiver.done());
  EXPECT_EQ(*receiver.result(), "a b c d e");
}

TEST_F(ChannelTest, WhatWasSentBeforeTheCloseIsReceived) {
  EXPECT_EQ(channel_->TrySend(Make("a")), Sent::kSent);
  channel_->Close();
  EXPECT_EQ(channel_->TrySend(Make("b")), Sent::kClosed);
  const Begun<StatusOr<std::string>> receiver(ReceiveAll(scope_));
  ASSERT_TRUE(receiver.done());
  EXPECT_EQ(*receiver.result(), "a");
}

TEST_F(ChannelTest, SendToAClosedOneAnswersThatItIs) {
  const Begun<Status> waiting(SendAll(scope_, {"a", "b", "c"}));
  channel_->Close();
  shard_.Run();
  EXPECT_EQ(waiting.result().code(), StatusCode::kUnavailable);
  const Begun<Status> late(SendAll(scope_, {"d"}));
  EXPECT_EQ(late.result().code(), StatusCode::kUnavailable);
  EXPECT_EQ(channel_->size(), 2u);
}

TEST_F(ChannelTest, TrySendKeepsTheValueWhereThereIsNoRoom) {
  EXPECT_EQ(channel_->TrySend(Make("a")), Sent::kSent);
  EXPECT_EQ(channel_->TrySend(Make("b")), Sent::kSent);
  Text third = Make("c");
  EXPECT_EQ(channel_->TrySend(std::move(third)), Sent::kFull);
  EXPECT_EQ(*third, "c");  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(**channel_->TryReceive(), "a");
  EXPECT_EQ(channel_->TrySend(std::move(third)), Sent::kSent);
}

TEST_F(ChannelTest, TrySendGoesBehindThoseWhoWait) {
  const Begun<Status> sender(SendAll(scope_, {"a", "b", "c"}));
  EXPECT_EQ(**channel_->TryReceive(), "a");
  EXPECT_EQ(channel_->TrySend(Make("d")), Sent::kFull);
  EXPECT_EQ(**channel_->TryReceive(), "b");
  EXPECT_EQ(**channel_->TryReceive(), "c");
  EXPECT_FALSE(channel_->TryReceive().has_value());
}

TEST_F(ChannelTest, TheEndOfTheCallEndsWhoWaits) {
  const Begun<StatusOr<std::string>> receiver(ReceiveAll(scope_));
  scope_.Cancel(MakeStatus(StatusCode::kDeadlineExceeded, "too late"));
  shard_.Run();
  ASSERT_TRUE(receiver.done());
  EXPECT_EQ(receiver.result().status().code(), StatusCode::kDeadlineExceeded);
  const Begun<Status> sender(SendAll(other_, {"a", "b", "c"}));
  other_.Cancel();
  shard_.Run();
  EXPECT_EQ(sender.result().code(), StatusCode::kCancelled);
  EXPECT_EQ(channel_->size(), 2u) << "the third is not sent";
}

TEST_F(ChannelTest, WhoIsCancelledLeavesHisValueToTheNext) {
  const Begun<StatusOr<std::string>> first(ReceiveOne(scope_));
  const Begun<StatusOr<std::string>> second(ReceiveOne(other_));
  EXPECT_EQ(channel_->TrySend(Make("a")), Sent::kSent);
  scope_.Cancel();
  shard_.Run();
  EXPECT_FALSE(first.result().ok());
  ASSERT_TRUE(second.done());
  EXPECT_EQ(*second.result(), "a");
}

TEST_F(ChannelTest, WhoDiesLeavesHisValueToTheNext) {
  Begun<StatusOr<std::string>> first(ReceiveOne(scope_));
  const Begun<StatusOr<std::string>> second(ReceiveOne(other_));
  EXPECT_EQ(channel_->TrySend(Make("a")), Sent::kSent);
  EXPECT_FALSE(channel_->TryReceive().has_value()) << "it is the first one's";
  first.Destroy();
  shard_.Run();
  ASSERT_TRUE(second.done());
  EXPECT_EQ(*second.result(), "a");
}

TEST_F(ChannelTest, MayDieBeforeThoseThatWait) {
  const Begun<StatusOr<std::string>> receiver(ReceiveOne(scope_));
  const Begun<StatusOr<std::string>> woken(ReceiveOne(scope_));
  EXPECT_EQ(channel_->TrySend(Make("a")), Sent::kSent);
  channel_.reset();
  shard_.Run();
  EXPECT_EQ(*receiver.result(), "the end");
  EXPECT_EQ(*woken.result(), "the end");
  channel_.emplace(1);
  const Begun<Status> sender(SendAll(scope_, {"a", "b"}));
  channel_.reset();
  shard_.Run();
  EXPECT_EQ(sender.result().code(), StatusCode::kUnavailable);
}

// --- Select

class SelectTest : public ::testing::Test {
 public:
  // "a", "b" or "s", and the value or the status behind it.
  Task<std::string> SelectOnce(CallScope& scope) {
    auto from_a = a_.Receive(scope);
    auto from_b = b_.Receive(scope);
    Sleep pause(scope, 5 * kNsPerMs);
    switch (co_await Select(from_a, from_b, pause)) {
      case 0: {
        const StatusOr<std::optional<int>> got = co_await from_a;
        co_return "a" + Show(got);
      }
      case 1: {
        const StatusOr<std::optional<int>> got = co_await from_b;
        co_return "b" + Show(got);
      }
      default: {
        const Status slept = co_await pause;
        co_return slept.ok() ? "s" : "s!";
      }
    }
  }
  static std::string Show(const StatusOr<std::optional<int>>& got) {
    if (!got.ok()) return "!";
    return got->has_value() ? std::to_string(**got) : " ended";
  }

  TestShard shard_;
  TestScope scope_{&shard_};
  Channel<int> a_{4};
  Channel<int> b_{4};
};

TEST_F(SelectTest, TheFirstThatIsReadyIsChosen) {
  a_.TrySend(1);
  b_.TrySend(2);
  const Begun<std::string> run(SelectOnce(scope_));
  ASSERT_TRUE(run.done()) << "does not suspend";
  EXPECT_EQ(run.result(), "a1");
  EXPECT_EQ(b_.TryReceive(), 2) << "the other one lost nothing";
}

TEST_F(SelectTest, WaitsForTheFirst) {
  const Begun<std::string> run(SelectOnce(scope_));
  EXPECT_FALSE(run.done());
  b_.TrySend(2);
  shard_.Run();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "b2");
}

TEST_F(SelectTest, WhoWasWokenTwiceLosesNothing) {
  const Begun<std::string> run(SelectOnce(scope_));
  b_.TrySend(2);
  a_.TrySend(1);
  shard_.Run();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "a1") << "the first in their order";
  EXPECT_EQ(b_.TryReceive(), 2);
}

TEST_F(SelectTest, WhatItPassedOverGoesToTheNext) {
  const Begun<std::string> run(SelectOnce(scope_));
  const Begun<std::string> next(SelectOnce(scope_));
  b_.TrySend(2);
  a_.TrySend(1);
  shard_.Run();
  EXPECT_EQ(run.result(), "a1");
  ASSERT_TRUE(next.done());
  EXPECT_EQ(next.result(), "b2");
}

TEST_F(SelectTest, GivesUpAfterAWhile) {
  const Begun<std::string> run(SelectOnce(scope_));
  shard_.Pass(4 * kNsPerMs);
  EXPECT_FALSE(run.done());
  shard_.Pass(7 * kNsPerMs);
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "s");
  a_.TrySend(1);
  EXPECT_EQ(a_.TryReceive(), 1) << "nobody waits there";
}

TEST_F(SelectTest, AnEndIsReady) {
  const Begun<std::string> run(SelectOnce(scope_));
  b_.Close();
  shard_.Run();
  EXPECT_EQ(run.result(), "b ended");
}

TEST_F(SelectTest, TheEndOfTheCallIsAnswered) {
  const Begun<std::string> run(SelectOnce(scope_));
  b_.TrySend(2);
  scope_.Cancel();
  shard_.Run();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "a!");
  EXPECT_EQ(b_.TryReceive(), 2);
}

TEST_F(SelectTest, AFrameThatDiesWhileItWaitsLeavesEveryList) {
  Begun<std::string> run(SelectOnce(scope_));
  b_.TrySend(2);
  run.Destroy();
  shard_.Pass(10 * kNsPerMs);
  scope_.Cancel();
  shard_.Run();
  EXPECT_EQ(b_.TryReceive(), 2);
}

TEST_F(SelectTest, OperationsMayBeSelectedAnew) {
  const auto loop = [](SelectTest* test) -> Task<std::string> {
    std::string all;
    Sleep whole(test->scope_, 5 * kNsPerMs);
    for (;;) {
      auto from_a = test->a_.Receive(test->scope_);
      const size_t which = co_await Select(whole, from_a);
      if (which == 0) co_return all;
      const StatusOr<std::optional<int>> got = co_await from_a;
      all += Show(got);
    }
  };
  const Begun<std::string> run(loop(this));
  for (const int value : {1, 2, 3}) {
    a_.TrySend(value);
    shard_.Run();
  }
  EXPECT_FALSE(run.done());
  shard_.Pass(7 * kNsPerMs);
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), "123");
}

}  // namespace
}  // namespace penstock
