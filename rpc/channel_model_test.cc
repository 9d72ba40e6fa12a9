// Every sequence of up to six steps of channels, their senders and their receivers.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/testing/test_scope.h"

namespace penstock {
namespace {

using reactor::Begun;
using test::TestScope;
using test::TestShard;

constexpr int kStepsMax = 6;

// What becomes of an operation.
constexpr int kWaits = 0;  // or the value, from 1 on
constexpr int kSent = -1;
constexpr int kEnded = -2;
constexpr int kCancelled = -3;

enum Step : int { kSend, kReceive, kTrySend, kTryReceive, kClose, kCancel, kDestroy, kSteps };
constexpr char kNames[] = "srSRcxd";

// A channel of one shard that runs what it wakes at once.
class Model {
 public:
  explicit Model(size_t capacity) : capacity_(capacity) {}

  // The outcome of each operation so far.
  std::vector<int> outcomes;

  void Do(Step step, int value) {
    switch (step) {
      case kSend:
        outcomes.push_back(closed_ ? kEnded : kWaits);
        if (!closed_) senders_.push_back({outcomes.size() - 1, value});
        return Settle();
      case kReceive:
        outcomes.push_back(kWaits);
        receivers_.push_back(outcomes.size() - 1);
        return Settle();
      case kTrySend:
        if (!closed_ && values_.size() < capacity_) values_.push_back(value);
        return Settle();
      case kTryReceive:
        if (!values_.empty()) values_.pop_front();
        return Settle();
      case kClose:
        closed_ = true;
        return Settle();
      default:
        return End(OldestWaiting(), step == kCancel ? kCancelled : kWaits);
    }
  }
  // outcomes.size() when none waits.
  size_t OldestWaiting() const {
    size_t oldest = outcomes.size();
    if (!senders_.empty()) oldest = std::min(oldest, senders_.front().index);
    if (!receivers_.empty()) oldest = std::min(oldest, receivers_.front());
    return oldest;
  }
  size_t size() const { return values_.size(); }

 private:
  struct Sender {
    size_t index;
    int value;
  };

  void Settle() {
    for (bool moved = true; moved;) {
      moved = false;
      if (!senders_.empty() && (closed_ || values_.size() < capacity_)) {
        outcomes[senders_.front().index] = closed_ ? kEnded : kSent;
        if (!closed_) values_.push_back(senders_.front().value);
        senders_.pop_front();
        moved = true;
      }
      if (!receivers_.empty() && (closed_ || !values_.empty())) {
        outcomes[receivers_.front()] = values_.empty() ? kEnded : values_.front();
        if (!values_.empty()) values_.pop_front();
        receivers_.pop_front();
        moved = true;
      }
    }
  }
  void End(size_t index, int outcome) {
    if (index == outcomes.size()) return;
    outcomes[index] = outcome;
    std::erase_if(senders_, [index](const Sender& sender) { return sender.index == index; });
    std::erase(receivers_, index);
  }

  const size_t capacity_;
  std::deque<int> values_;
  std::deque<Sender> senders_;
  std::deque<size_t> receivers_;
  bool closed_ = false;
};

// A sender, or a receiver, of a call of its own. What they receive they append.
class Actor {
 public:
  Actor(TestShard* shard, Channel<int>* channel, int value)
      : scope_(shard), run_(std::in_place, Send(this, channel, value)) {}
  Actor(TestShard* shard, Channel<int>* channel, std::vector<int>* received)
      : scope_(shard), run_(std::in_place, Receive(this, channel, received)) {}
  // From the first that has something, or has ended.
  Actor(TestShard* shard, Channel<int>* first, Channel<int>* second, std::vector<int>* received)
      : scope_(shard), run_(std::in_place, SelectOne(this, first, second, received)) {}

  int outcome() const { return outcome_; }
  bool waits() const { return run_.has_value() && outcome_ == kWaits; }
  void Cancel() { scope_.Cancel(); }
  void Destroy() { run_.reset(); }

 private:
  static Task<bool> Send(Actor* actor, Channel<int>* channel, int value) {
    const Status sent = co_await channel->Send(actor->scope_, value);
    actor->outcome_ = sent.ok()                                    ? kSent
                      : sent.code() == StatusCode::kCancelled ? kCancelled
                                                              : kEnded;
    co_return true;
  }
  static Task<bool> Receive(Actor* actor, Channel<int>* channel, std::vector<int>* received) {
    const StatusOr<std::optional<int>> got = co_await channel->Receive(actor->scope_);
    actor->Note(got, received);
    co_return true;
  }
  static Task<bool> SelectOne(Actor* actor, Channel<int>* first, Channel<int>* second,
                              std::vector<int>* received) {
    auto from_first = first->Receive(actor->scope_);
    auto from_second = second->Receive(actor->scope_);
    const size_t which = co_await Select(from_first, from_second);
    auto& chosen = which == 0 ? from_first : from_second;
    EXPECT_TRUE(chosen.await_ready()) << "what was chosen does not suspend";
    const StatusOr<std::optional<int>> got = co_await chosen;
    actor->Note(got, received);
    co_return true;
  }
  void Note(const StatusOr<std::optional<int>>& got, std::vector<int>* received) {
    outcome_ = !got.ok() ? kCancelled : got->has_value() ? **got : kEnded;
    if (outcome_ > 0) received->push_back(outcome_);
  }

  int outcome_ = kWaits;
  TestScope scope_;
  std::optional<Begun<bool>> run_;
};

// Calls fn(steps) for every sequence of so many steps.
template <typename Function>
void ForEachSequence(int kinds, Function fn) {
  int count = 1;
  for (int i = 0; i < kStepsMax; ++i) count *= kinds;
  std::vector<int> steps(kStepsMax);
  for (int code = 0; code < count; ++code) {
    int rest = code;
    for (int& step : steps) {
      step = rest % kinds;
      rest /= kinds;
    }
    fn(steps);
    if (::testing::Test::HasFailure()) return;
  }
}

Actor* OldestWaiting(const std::vector<std::unique_ptr<Actor>>& actors) {
  for (const auto& actor : actors) {
    if (actor->waits()) return actor.get();
  }
  return nullptr;
}

// --- Woken at once

void CompareToModel(TestShard& shard, size_t capacity, const std::vector<int>& steps) {
  Channel<int> channel(capacity);
  std::vector<std::unique_ptr<Actor>> actors;
  Model model(capacity);
  std::vector<int> received;
  std::string done;
  int value = 0;
  for (const int step : steps) {
    done += kNames[step];
    ++value;
    model.Do(static_cast<Step>(step), value);
    switch (step) {
      case kSend:
        actors.push_back(std::make_unique<Actor>(&shard, &channel, value));
        break;
      case kReceive:
        actors.push_back(std::make_unique<Actor>(&shard, &channel, &received));
        break;
      case kTrySend:
        static_cast<void>(channel.TrySend(value));
        break;
      case kTryReceive:
        static_cast<void>(channel.TryReceive());
        break;
      case kClose:
        channel.Close();
        break;
      default:
        if (Actor* oldest = OldestWaiting(actors)) {
          step == kCancel ? oldest->Cancel() : oldest->Destroy();
        }
    }
    shard.Run();
    ASSERT_EQ(channel.size(), model.size()) << done;
    for (size_t i = 0; i < actors.size(); ++i) {
      ASSERT_EQ(actors[i]->outcome(), model.outcomes[i]) << done << ", operation " << i;
    }
  }
}

TEST(ChannelModel, EverySequenceEndsAsInTheModel) {
  TestShard shard;
  for (const size_t capacity : {1u, 2u}) {
    ForEachSequence(kSteps, [&](const std::vector<int>& steps) {
      CompareToModel(shard, capacity, steps);
    });
  }
}

// --- Woken whenever

enum LateStep : int {
  kLateSend,
  kLateSendOther,
  kLateReceive,
  kLateSelect,
  kLateClose,
  kLateCancel,
  kLateDestroy,
  kLateRun,
  kLateSteps
};
constexpr char kLateNames[] = "sorlcxdR";

// What holds whatever became of them, once nothing is ready to run.
class LateRun {
 public:
  explicit LateRun(TestShard* shard) : shard_(*shard) {}

  void Do(int step) {
    done_ += kLateNames[step];
    switch (step) {
      case kLateSend:
        return Add(Kind::kSender, std::make_unique<Actor>(&shard_, &first_, ++value_));
      case kLateSendOther:
        return Add(Kind::kOtherSender,
                   std::make_unique<Actor>(&shard_, &second_, kOther + ++value_));
      case kLateReceive:
        return Add(Kind::kReceiver, std::make_unique<Actor>(&shard_, &first_, &received_));
      case kLateSelect:
        return Add(Kind::kSelector,
                   std::make_unique<Actor>(&shard_, &first_, &second_, &received_));
      case kLateClose:
        return first_.Close();
      case kLateRun:
        return shard_.Run();
      default:
        if (Actor* oldest = OldestWaiting(actors_)) {
          step == kLateCancel ? oldest->Cancel() : oldest->Destroy();
        }
    }
  }

  void Check() {
    shard_.Run();
    for (size_t i = 0; i < actors_.size(); ++i) {
      if (actors_[i]->waits()) ASSERT_TRUE(MayWait(kinds_[i])) << done_ << ", operation " << i;
    }
    std::vector<int> sent;
    for (size_t i = 0; i < actors_.size(); ++i) {
      if (actors_[i]->outcome() == kSent) sent.push_back(values_[i]);
    }
    // Whoever waits now for room is not among them.
    for (auto& actor : actors_) actor->Destroy();
    while (std::optional<int> value = first_.TryReceive()) received_.push_back(*value);
    while (std::optional<int> value = second_.TryReceive()) received_.push_back(*value);
    for (const int value : sent) {
      ASSERT_EQ(std::count(received_.begin(), received_.end(), value), 1) << done_ << ": lost";
    }
    for (const bool other : {false, true}) {
      std::vector<int> ones = received_;
      std::erase_if(ones, [other](int value) { return (value > kOther) != other; });
      ASSERT_TRUE(std::is_sorted(ones.begin(), ones.end(), std::less_equal<>())) << done_;
    }
  }

 private:
  enum class Kind { kSender, kOtherSender, kReceiver, kSelector };
  static constexpr int kOther = 100;

  void Add(Kind kind, std::unique_ptr<Actor> actor) {
    kinds_.push_back(kind);
    values_.push_back(kind == Kind::kOtherSender ? kOther + value_ : value_);
    actors_.push_back(std::move(actor));
  }
  // Nobody waits for what is there.
  bool MayWait(Kind kind) const {
    switch (kind) {
      case Kind::kSender:
        return !first_.closed() && first_.size() == first_.capacity();
      case Kind::kOtherSender:
        return second_.size() == second_.capacity();
      case Kind::kReceiver:
        return !first_.closed() && first_.size() == 0;
      case Kind::kSelector:
        return !first_.closed() && first_.size() == 0 && second_.size() == 0;
    }
    return false;
  }

  TestShard& shard_;
  Channel<int> first_{1};
  Channel<int> second_{1};
  int value_ = 0;
  std::vector<int> received_;  // in their order
  std::vector<Kind> kinds_;
  std::vector<int> values_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::string done_;
};

TEST(ChannelModel, NoValueIsLostOrDoubledHoweverLateTheyAreWoken) {
  TestShard shard;
  ForEachSequence(kLateSteps, [&shard](const std::vector<int>& steps) {
    LateRun run(&shard);
    for (const int step : steps) run.Do(step);
    run.Check();
  });
  EXPECT_EQ(shard.shard().frames().lent_count(), 0u);
}

}  // namespace
}  // namespace penstock
