// Channel: handlers of one shard talk to each other through it: a queue of at most `capacity`
// values.
//
//     Channel<Note> inbox(16);                                        // 16 notes at most
//     co_await Try(co_await inbox.Send(call, note));                  // in one handler
//     while (auto note = co_await Try(co_await inbox.Receive(call)))  // in another
//       Show(*note);
//
// Send() suspends while the channel is full, Receive() while it is empty; both go on in the order
// in which they came. Receive() answers a value, nothing once the channel is closed and empty, or
// why the call is over. Send() answers OK, or the value is not sent: why the call is over, or
// UNAVAILABLE once the channel is closed. TrySend() never waits: a slow receiver does not hold up
// who tells many. The operation may be named, and given to Select() (rpc/select.h).
//
// A value that was sent is received once: who is cancelled, or dies, or whom Select() passed over
// leaves it to the next.
//
// Ownership: a value owns what it refers to: no views, no messages in a call's arena. A channel may
//            die before those that wait for it: for them it is closed then, and what was sent is
//            gone.
// Threading: one shard, and the channel remembers which: a server has a channel for each of its
//            shards (call.shard().index()).
// Limits:    `capacity` values, whose room is taken at once; beyond it senders wait, each in its
//            own frame.
#ifndef PENSTOCK_RPC_CHANNEL_H_
#define PENSTOCK_RPC_CHANNEL_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/wire/check.h"

namespace penstock {

template <typename T>
class Channel;

enum class Sent : uint8_t { kSent, kFull, kClosed };

namespace rpc {

struct BoundTag;    // of the channel's operations
struct ChannelTag;  // of those that wait, in their order

// What awaits a channel. It knows when the channel has died.
template <typename T>
class ChannelOperation : public CallWait,
                         public reactor::ListHook<BoundTag>,
                         public reactor::ListHook<ChannelTag> {
 protected:
  ChannelOperation(CallScope* scope, Channel<T>* channel) : CallWait(scope), channel_(channel) {
    channel->operations_.PushBack(*this);
  }
  ~ChannelOperation() = default;

  void LeaveQueue() { reactor::ListHook<ChannelTag>::Unlink(); }

  friend class Channel<T>;
  Channel<T>* channel_;    // null once it is dead
  bool promised_ = false;  // to who receives: one of the channel's values is this one's
};

// What Channel::Send() returns: awaits room.
template <typename T>
class [[nodiscard]] SendOperation final : public ChannelOperation<T> {
 public:
  SendOperation(CallScope* scope, Channel<T>* channel, T value)
      : ChannelOperation<T>(scope, channel), value_(std::move(value)) {}

  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] Status await_resume();
  void Withdraw() = delete;  // it may be sent already when another is chosen

 private:
  friend class Channel<T>;

  T value_;
  bool sent_ = false;
};

// What Channel::Receive() returns: awaits a value, or the end.
template <typename T>
class [[nodiscard]] ReceiveOperation final : public ChannelOperation<T> {
 public:
  ReceiveOperation(CallScope* scope, Channel<T>* channel) : ChannelOperation<T>(scope, channel) {}
  ~ReceiveOperation() { LeaveToOthers(); }

  bool await_ready() const;
  void await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] StatusOr<std::optional<T>> await_resume();
  void Withdraw() {
    reactor::Wait::Withdraw();
    LeaveToOthers();
  }

 private:
  void LeaveToOthers();
};

}  // namespace rpc

template <typename T>
class Channel {
 public:
  explicit Channel(size_t capacity) : values_(capacity) {
    PENSTOCK_CHECK(capacity > 0, "a channel has room for at least one value");
  }
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  rpc::SendOperation<T> Send(CallScope& call, T value) {
    CheckShard(call);
    return rpc::SendOperation<T>(&call, this, std::move(value));
  }
  rpc::ReceiveOperation<T> Receive(CallScope& call) {
    CheckShard(call);
    return rpc::ReceiveOperation<T>(&call, this);
  }

  // At once or not at all; `value` is copied, or moved from, only when it is sent.
  template <typename Value>
  Sent TrySend(Value&& value) {
    if (closed_) return Sent::kClosed;
    if (!can_send()) return Sent::kFull;
    Put(std::forward<Value>(value));
    return Sent::kSent;
  }
  // At once, or nothing.
  std::optional<T> TryReceive();

  // Nothing more is sent; what was sent is received still. Idempotent.
  void Close();
  bool closed() const { return closed_; }

  size_t capacity() const { return values_.size(); }
  // Values that were sent and not received yet.
  size_t size() const { return size_; }

 private:
  friend class rpc::ChannelOperation<T>;
  friend class rpc::SendOperation<T>;
  friend class rpc::ReceiveOperation<T>;
  using BoundTag = rpc::BoundTag;
  using ChannelTag = rpc::ChannelTag;

  void CheckShard(const CallScope& call) {
    if (shard_ == nullptr) shard_ = &call.shard();
    PENSTOCK_CHECK(shard_ == &call.shard(), "a channel belongs to one shard: have one for each");
  }
  // Who came before goes first.
  bool can_send() const { return size_ < values_.size() && senders_.empty(); }
  bool can_receive() const { return size_ > promised_count_; }
  void Put(T value);
  T Take();
  void Promise();

  std::vector<std::optional<T>> values_;  // a ring
  size_t first_ = 0;
  size_t size_ = 0;
  size_t promised_count_ = 0;  // values that receivers were woken for
  bool closed_ = false;
  const reactor::Shard* shard_ = nullptr;
  reactor::List<rpc::SendOperation<T>, ChannelTag> senders_;
  reactor::List<rpc::ReceiveOperation<T>, ChannelTag> receivers_;
  reactor::List<rpc::ChannelOperation<T>, BoundTag> operations_;
};

// --- Channel

template <typename T>
Channel<T>::~Channel() {
  Close();
  while (auto* operation = operations_.PopFront()) {
    operation->channel_ = nullptr;
    operation->promised_ = false;
  }
}

template <typename T>
void Channel<T>::Put(T value) {
  values_[(first_ + size_) % values_.size()].emplace(std::move(value));
  ++size_;
  Promise();
}

// What lies here is the longest waiting receiver's.
template <typename T>
void Channel<T>::Promise() {
  if (!can_receive()) return;
  rpc::ReceiveOperation<T>* receiver = receivers_.PopFront();
  if (receiver == nullptr) return;
  ++promised_count_;
  receiver->promised_ = true;
  receiver->Wake();
}

template <typename T>
T Channel<T>::Take() {
  std::optional<T>& first = values_[first_];
  T value = *std::move(first);
  first.reset();
  first_ = (first_ + 1) % values_.size();
  --size_;
  if (rpc::SendOperation<T>* sender = senders_.PopFront()) {
    sender->sent_ = true;
    sender->Wake();
    Put(std::move(sender->value_));
  }
  return value;
}

template <typename T>
std::optional<T> Channel<T>::TryReceive() {
  if (!can_receive()) return std::nullopt;
  return Take();
}

template <typename T>
void Channel<T>::Close() {
  closed_ = true;
  while (auto* sender = senders_.PopFront()) sender->Wake();
  while (auto* receiver = receivers_.PopFront()) receiver->Wake();
}

namespace rpc {

// --- SendOperation

template <typename T>
bool SendOperation<T>::await_ready() {
  Channel<T>* const channel = this->channel_;
  if (this->cancelled() || channel == nullptr || channel->closed_) return true;
  if (!channel->can_send()) return false;
  sent_ = true;
  channel->Put(std::move(value_));
  return true;
}

template <typename T>
void SendOperation<T>::await_suspend(std::coroutine_handle<> handle) {
  this->Suspend(handle);
  this->channel_->senders_.PushBack(*this);
}

template <typename T>
Status SendOperation<T>::await_resume() {
  this->LeaveQueue();
  if (sent_) return OkStatus();
  if (this->cancelled()) return this->call().cancel_status();
  return MakeStatus(StatusCode::kUnavailable, "the channel is closed");
}

// --- ReceiveOperation

template <typename T>
bool ReceiveOperation<T>::await_ready() const {
  const Channel<T>* const channel = this->channel_;
  return this->cancelled() || this->promised_ || channel == nullptr || channel->closed_ ||
         channel->can_receive();
}

template <typename T>
void ReceiveOperation<T>::await_suspend(std::coroutine_handle<> handle) {
  this->Suspend(handle);
  this->channel_->receivers_.PushBack(*this);
}

template <typename T>
StatusOr<std::optional<T>> ReceiveOperation<T>::await_resume() {
  if (this->cancelled()) {
    LeaveToOthers();
    return this->call().cancel_status();
  }
  Channel<T>* const channel = this->channel_;
  if (channel == nullptr) return std::optional<T>();
  if (std::exchange(this->promised_, false)) --channel->promised_count_;
  return channel->TryReceive();
}

// Its place in the queue, and the value that it was woken for.
template <typename T>
void ReceiveOperation<T>::LeaveToOthers() {
  this->LeaveQueue();
  if (!std::exchange(this->promised_, false)) return;
  --this->channel_->promised_count_;
  this->channel_->Promise();
}

}  // namespace rpc
}  // namespace penstock

#endif  // PENSTOCK_RPC_CHANNEL_H_
