// Topic: what is said in it is heard by its subscribers on every shard: chat rooms, prices, fan-out
// of events.
//
//     Topic<std::shared_ptr<const Note>> room;                       // of the service
//     room.Publish(std::make_shared<const Note>(...));               // any handler, any thread
//
//     Subscription<std::shared_ptr<const Note>> ears(&room, call, 64);   // in each handler
//     while (auto note = co_await Try(co_await ears.Receive(call))) {
//       if (const uint64_t missed = ears.TakeMissedCount()) ...
//       Show(**note);
//
// Receive() is Channel's, and may be given to Select(). Every subscriber hears all that is
// published while it subscribes, all in one order, until it falls behind: who has `capacity` values
// waiting loses the oldest for each new one, and may ask how many. So a slow subscriber costs its
// capacity and holds up nobody, and Publish() never waits.
//
// A value is copied once for each shard, and for each subscriber: for what is large take a
// std::shared_ptr<const T>.
//
// Ownership: a topic outlives its subscriptions, which live in the frames of their handlers. A
//            value owns what it refers to: no views, no messages in a call's arena.
// Threading: Publish() from any thread. A Subscription is its shard's: a worker's call can publish,
//            and not subscribe. The lock is held for as long as it takes to queue a value once for
//            each shard, and never while a subscriber runs.
// Limits:    `capacity` values for each subscriber, and kWaitingMax on their way to each shard: a
//            shard that is so far behind misses the oldest. A shard takes at most one letter of a
//            topic at a time; where its mailbox is full it is asked to look for itself.
#ifndef PENSTOCK_RPC_TOPIC_H_
#define PENSTOCK_RPC_TOPIC_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "penstock/reactor/collector.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/channel.h"
#include "penstock/wire/check.h"

namespace penstock {

template <typename T>
class Topic;
template <typename T>
class Subscription;

namespace rpc {

struct SubscriptionTag;

// What a topic's shards share. It outlives the topic while letters are under way.
template <typename T>
struct TopicCore {
  struct Published {
    uint64_t index;  // of all that the topic has published
    T value;
  };
  // The topic on one shard: one of its collectors while it has subscribers.
  struct Branch final : reactor::Collector {
    void Collect() override { Topic<T>::Collect(*this); }

    reactor::Shard* shard = nullptr;
    TopicCore* core = nullptr;

    // Under the lock.
    size_t subscribers_count = 0;
    std::list<Published> waiting;  // a list, so that what is lost dies behind the lock
    std::shared_ptr<TopicCore> letter;  // the core, while one is under way

    // The shard's.
    std::list<Published> arrived;
    reactor::List<Subscription<T>, SubscriptionTag> subscribers;
  };

  std::mutex mutex;
  uint64_t published_count = 0;
  std::deque<Branch> branches;  // where they are they stay; each shard's is its own to fill
};

}  // namespace rpc

template <typename T>
class Topic {
 public:
  static constexpr size_t kWaitingMax = 1024;

  Topic() : core_(std::make_shared<Core>()) {}
  Topic(const Topic&) = delete;
  Topic& operator=(const Topic&) = delete;

  void Publish(const T& value);

 private:
  friend class Subscription<T>;
  friend struct rpc::TopicCore<T>;
  using Core = rpc::TopicCore<T>;
  using Branch = typename Core::Branch;
  using Published = typename Core::Published;

  Branch& BranchOf(reactor::Shard* shard);  // under the lock
  void SendLetter(Branch& branch);          // under the lock
  static void Deliver(void* context, uint64_t);
  static void Collect(Branch& branch);
  static void OfferArrived(Branch& branch);

  const std::shared_ptr<Core> core_;
};

template <typename T>
class Subscription : public reactor::ListHook<rpc::SubscriptionTag> {
 public:
  // From now on, for the shard of `call`, which outlives it.
  Subscription(Topic<T>* topic, CallScope& call, size_t capacity);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // A StatusOr<std::optional<T>>: a value, or why the call is over.
  rpc::ReceiveOperation<T> Receive(CallScope& call) { return inbox_.Receive(call); }
  // At once, or nothing.
  std::optional<T> TryReceive() { return inbox_.TryReceive(); }

  // How many were lost since it was asked last. Who asks after Receive() knows that they stood
  // before what that has answered.
  uint64_t TakeMissedCount() { return std::exchange(missed_count_, 0); }

  // Values that wait for Receive().
  size_t size() const { return inbox_.size(); }

 private:
  friend class Topic<T>;
  using Published = typename rpc::TopicCore<T>::Published;

  void Offer(const Published& published);

  Topic<T>& topic_;
  typename rpc::TopicCore<T>::Branch* branch_;
  Channel<T> inbox_;
  uint64_t next_index_;
  uint64_t missed_count_ = 0;
};

// --- Topic

template <typename T>
void Topic<T>::Publish(const T& value) {
  std::list<Published> lost;  // behind the lock, since the end of a T may publish, too
  const std::lock_guard lock(core_->mutex);
  const uint64_t index = core_->published_count++;
  for (Branch& branch : core_->branches) {
    if (branch.subscribers_count == 0) continue;
    if (branch.waiting.size() == kWaitingMax) {
      lost.splice(lost.end(), branch.waiting, branch.waiting.begin());
    }
    branch.waiting.push_back(Published{index, value});
    if (branch.letter == nullptr) SendLetter(branch);
  }
}

template <typename T>
typename Topic<T>::Branch& Topic<T>::BranchOf(reactor::Shard* shard) {
  for (Branch& branch : core_->branches) {
    if (branch.shard == shard) return branch;
  }
  Branch& branch = core_->branches.emplace_back();
  branch.shard = shard;
  branch.core = core_.get();
  return branch;
}

template <typename T>
void Topic<T>::SendLetter(Branch& branch) {
  branch.letter = core_;
  if (PENSTOCK_LIKELY(branch.shard->Post(&Topic::Deliver, &branch))) return;
  branch.letter = nullptr;
  branch.shard->AskCollectors();
}

template <typename T>
void Topic<T>::Deliver(void* context, uint64_t) {
  auto& branch = *static_cast<Branch*>(context);
  std::shared_ptr<Core> core;  // which may go with this letter, behind the lock
  {
    const std::lock_guard lock(branch.core->mutex);
    core = std::move(branch.letter);
    branch.arrived.swap(branch.waiting);
  }
  OfferArrived(branch);
}

// There was no room for a letter. If there is one by now, it finds nothing.
template <typename T>
void Topic<T>::Collect(Branch& branch) {
  {
    const std::lock_guard lock(branch.core->mutex);
    branch.arrived.swap(branch.waiting);
  }
  OfferArrived(branch);
}

template <typename T>
void Topic<T>::OfferArrived(Branch& branch) {
  for (const Published& published : branch.arrived) {
    branch.subscribers.ForEach(
        [&published](Subscription<T>& subscriber) { subscriber.Offer(published); });
  }
  branch.arrived.clear();
}

// --- Subscription

template <typename T>
Subscription<T>::Subscription(Topic<T>* topic, CallScope& call, size_t capacity)
    : topic_(*topic), inbox_(capacity) {
  const std::lock_guard lock(topic_.core_->mutex);
  branch_ = &topic_.BranchOf(&call.shard());
  if (branch_->subscribers_count++ == 0) call.shard().collectors().PushBack(*branch_);
  branch_->subscribers.PushBack(*this);
  next_index_ = topic_.core_->published_count;
}

template <typename T>
Subscription<T>::~Subscription() {
  std::list<Published> lost;  // behind the lock
  const std::lock_guard lock(topic_.core_->mutex);
  if (--branch_->subscribers_count != 0) return;
  branch_->Unlink();
  lost.swap(branch_->waiting);
}

template <typename T>
void Subscription<T>::Offer(const Published& published) {
  if (published.index < next_index_) return;  // from before it subscribed
  missed_count_ += published.index - next_index_;
  next_index_ = published.index + 1;
  if (inbox_.size() == inbox_.capacity()) {
    ++missed_count_;
    // The only one may be promised to who waits: then it is the new one that goes.
    if (!inbox_.TryReceive().has_value()) return;
  }
  (void)inbox_.TrySend(published.value);
}

}  // namespace penstock

#endif  // PENSTOCK_RPC_TOPIC_H_
