// StreamQueue through every order in which the steps of its two ends can take turns: no wake-up is
// lost, and no value.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "penstock/reactor/interleavings.h"
#include "penstock/reactor/stream_queue.h"

namespace penstock::reactor {
namespace {

// The ends as their owners are to drive them.
template <typename Queue>
void Produce(Queue* queue, int count, Interleaving* run) {
  for (int i = 0; i < count;) {
    int value = i;
    const Pushed pushed = queue->Push(&value);
    if (pushed.wake_consumer) run->Wake(1);
    if (pushed.taken) {
      ++i;
    } else if (queue->AwaitRoom()) {
      run->Sleep(0);
    }
  }
}

// Wants one value in it at most, whatever there is room for.
template <typename Queue>
void ProduceOneByOne(Queue* queue, int count, Interleaving* run) {
  for (int i = 0; i < count;) {
    if (queue->CountPending() == 1) {
      if (queue->AwaitRoom(1)) run->Sleep(0);
      continue;
    }
    int value = i;
    if (queue->Push(&value).wake_consumer) run->Wake(1);
    ++i;
  }
}

template <typename Queue>
void Consume(Queue* queue, int count, Interleaving* run, std::vector<int>* received) {
  while (static_cast<int>(received->size()) < count) {
    Popped<int> popped = queue->Pop();
    if (popped.wake_producer) run->Wake(0);
    if (popped.value) {
      received->push_back(*popped.value);
    } else if (queue->AwaitValue()) {
      run->Sleep(1);
    }
  }
}

template <size_t kCapacity, bool kOneByOne = false>
InterleavingsResult Explore(int value_count, int switches_max) {
  using Queue = StreamQueue<int, kCapacity, ModelAtomic>;
  std::unique_ptr<Queue> queue;
  std::vector<int> received;
  std::vector<int> want;
  for (int i = 0; i < value_count; ++i) want.push_back(i);
  return ForEachInterleaving(
      switches_max,
      [&](Interleaving& run) -> std::array<Interleaving::Body, 2> {
        queue = std::make_unique<Queue>();
        received.clear();
        return {[&] {
                  kOneByOne ? ProduceOneByOne(queue.get(), value_count, &run)
                            : Produce(queue.get(), value_count, &run);
                },
                [&] { Consume(queue.get(), value_count, &run, &received); }};
      },
      [&] { ASSERT_EQ(received, want); });
}

TEST(StreamQueueOrders, LoseNoWakeUp) {
  constexpr int kAll = 1000;
  struct {
    const char* name;
    InterleavingsResult (*explore)(int value_count, int switches_max);
    int value_count;
    int switches_max;
    uint64_t order_count_min;
  } const cases[] = {
      {"one value", &Explore<1>, 1, kAll, 100},
      {"two values, and room for one", &Explore<1>, 2, 8, 10'000},
      {"two values, and room for them", &Explore<2>, 2, 8, 1'000},
      {"four values, and room for one", &Explore<1>, 4, 4, 10'000},
      {"five values, and room for two", &Explore<2>, 5, 4, 10'000},
      {"three values one by one", &Explore<2, true>, 3, 5, 10'000},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const InterleavingsResult result = c.explore(c.value_count, c.switches_max);
    EXPECT_FALSE(result.stuck) << "in order " << result.order_count;
    EXPECT_GE(result.order_count, c.order_count_min);
  }
}

// A queue that looks before it sets its flag, and not after: that the search finds its fault.
class ForgetfulQueue {
 public:
  Pushed Push(int*) {
    full_.store(true, std::memory_order_seq_cst);
    return {true, waits_.exchange(false, std::memory_order_seq_cst)};
  }
  Popped<int> Pop() {
    if (!full_.load(std::memory_order_seq_cst)) return {std::nullopt, false};
    return {0, false};
  }
  bool AwaitRoom() { return false; }
  bool AwaitValue() {
    waits_.store(true, std::memory_order_seq_cst);
    return true;
  }

 private:
  ModelAtomic<bool> full_{false};
  ModelAtomic<bool> waits_{false};
};

TEST(StreamQueueOrders, TheSearchFindsALostWakeUp) {
  std::unique_ptr<ForgetfulQueue> queue;
  std::vector<int> received;
  const InterleavingsResult result = ForEachInterleaving(
      1000,
      [&](Interleaving& run) -> std::array<Interleaving::Body, 2> {
        queue = std::make_unique<ForgetfulQueue>();
        received.clear();
        return {[&] { Produce(queue.get(), 1, &run); },
                [&] { Consume(queue.get(), 1, &run, &received); }};
      },
      [] {});
  EXPECT_TRUE(result.stuck);
}

}  // namespace
}  // namespace penstock::reactor
