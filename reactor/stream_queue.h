// StreamQueue: hands values from one thread to one other, in their order: a stream's messages
// between a shard and a worker. A bounded ring without locks, and for either end the flag that says
// whether it waits for the other and must be woken.
//
//     producer                                    consumer
//     Pushed pushed = queue.Push(&value);         Popped<T> popped = queue.Pop();
//     if (pushed.wake_consumer) Wake(consumer);   if (popped.wake_producer) Wake(producer);
//     if (!pushed.taken && queue.AwaitRoom())     if (!popped.value && queue.AwaitValue())
//       ... until the consumer wakes us             ... until the producer wakes us
//
// How an end sleeps and is woken is its owner's affair: a shard by a letter, a worker by its task.
//
// No wake-up is lost, and none comes twice. Whoever is about to wait (1) sets its flag, (2) looks
// once more; whoever changes the ring (3) moves its position, (4) reads the flag, and takes it. All
// four are sequentially consistent, so they have one order: if (2) misses the change it came before
// (3), hence (1) before (4), and the flag is seen. Who finds something at (2) takes its flag back;
// if the other end has it already, a wake-up is on its way, and is waited for.
//
// stream_queue_orders_test.cc runs this code through every interleaving of small cases.
//
// Threading: the methods under "producer" are one thread's at a time, those under "consumer" too.
// Limits:    kCapacity values.
#ifndef PENSTOCK_REACTOR_STREAM_QUEUE_H_
#define PENSTOCK_REACTOR_STREAM_QUEUE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace penstock::reactor {

struct Pushed {
  bool taken;          // false: the ring is full, and the value is still the caller's
  bool wake_consumer;  // it waits, and is the caller's to wake
};

template <typename T>
struct Popped {
  std::optional<T> value;
  bool wake_producer;
};

// `Atomic`: std::atomic, or what a test watches.
template <typename T, size_t kCapacityValue, template <typename> class Atomic = std::atomic>
class StreamQueue {
 public:
  static constexpr size_t kCapacity = kCapacityValue;
  static_assert(kCapacity > 0 && (kCapacity & (kCapacity - 1)) == 0, "a power of two");

  StreamQueue() = default;
  StreamQueue(const StreamQueue&) = delete;
  StreamQueue& operator=(const StreamQueue&) = delete;

  // --- producer
  // Moves from *value if there is room.
  [[nodiscard]] Pushed Push(T* value) {
    const uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == kCapacity) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == kCapacity) return {false, false};
    }
    values_[tail % kCapacity] = std::move(*value);
    tail_.store(tail + 1, std::memory_order_seq_cst);
    return {true, TakeFlag(&consumer_waits_)};
  }
  // How many lie here, not taken yet.
  size_t CountPending() {
    head_seen_ = head_.load(std::memory_order_acquire);
    return tail_.load(std::memory_order_relaxed) - head_seen_;
  }
  // The ring was full, or held `values_max` of at least one: all that its owner wants in it. True:
  // the consumer wakes us when it takes one. False: it holds fewer.
  [[nodiscard]] bool AwaitRoom(size_t values_max = kCapacity) {
    producer_waits_.store(true, std::memory_order_seq_cst);
    head_seen_ = head_.load(std::memory_order_seq_cst);
    const bool full = tail_.load(std::memory_order_relaxed) - head_seen_ >= values_max;
    return full || !producer_waits_.exchange(false, std::memory_order_seq_cst);
  }

  // --- consumer
  [[nodiscard]] Popped<T> Pop() {
    const uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return {std::nullopt, false};
    }
    Popped<T> popped{std::move(values_[head % kCapacity]), false};
    head_.store(head + 1, std::memory_order_seq_cst);
    popped.wake_producer = TakeFlag(&producer_waits_);
    return popped;
  }
  // There was nothing. True: the producer wakes us with the next value. False: it has come.
  [[nodiscard]] bool AwaitValue() {
    consumer_waits_.store(true, std::memory_order_seq_cst);
    tail_seen_ = tail_.load(std::memory_order_seq_cst);
    const bool empty = tail_seen_ == head_.load(std::memory_order_relaxed);
    return empty || !consumer_waits_.exchange(false, std::memory_order_seq_cst);
  }

 private:
  // Read first: nobody waits as a rule, and then the line stays shared.
  static bool TakeFlag(Atomic<bool>* flag) {
    return flag->load(std::memory_order_seq_cst) &&
           flag->exchange(false, std::memory_order_seq_cst);
  }

  static constexpr size_t kLineBytes = 64;

  // The producer's line: where it writes, and how far the consumer was when it last looked.
  alignas(kLineBytes) Atomic<uint32_t> tail_{0};
  uint32_t head_seen_ = 0;
  // The consumer's.
  alignas(kLineBytes) Atomic<uint32_t> head_{0};
  uint32_t tail_seen_ = 0;
  // Written when somebody waits.
  alignas(kLineBytes) Atomic<bool> producer_waits_{false};
  Atomic<bool> consumer_waits_{false};
  alignas(kLineBytes) std::array<T, kCapacity> values_{};
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_STREAM_QUEUE_H_
