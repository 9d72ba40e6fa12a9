#include "penstock/reactor/stream_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace penstock::reactor {
namespace {

TEST(StreamQueue, DeliversInOrderAndSaysWhenItIsFull) {
  StreamQueue<int, 4> queue;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.Push(&i).taken);
    int fifth = 4;
    EXPECT_FALSE(queue.Push(&fifth).taken);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(queue.Pop().value, i);
    EXPECT_EQ(queue.Pop().value, std::nullopt);
  }
}

TEST(StreamQueue, LeavesWhatIsNotTakenWithItsOwner) {
  StreamQueue<std::unique_ptr<int>, 1> queue;
  auto first = std::make_unique<int>(1);
  EXPECT_TRUE(queue.Push(&first).taken);
  EXPECT_EQ(first, nullptr);
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.Push(&second).taken);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(**queue.Pop().value, 1);
}

TEST(StreamQueue, WakesWhoWaitsOnce) {
  StreamQueue<int, 2> queue;
  int value = 7;
  EXPECT_FALSE(queue.Push(&value).wake_consumer) << "nobody waits";
  EXPECT_FALSE(queue.AwaitValue()) << "there is a value";
  EXPECT_TRUE(queue.Pop().value.has_value());
  EXPECT_TRUE(queue.AwaitValue());
  EXPECT_TRUE(queue.Push(&value).wake_consumer);
  EXPECT_FALSE(queue.Push(&value).wake_consumer) << "it is being woken";

  EXPECT_TRUE(queue.AwaitRoom());
  EXPECT_TRUE(queue.Pop().wake_producer);
  EXPECT_FALSE(queue.Pop().wake_producer);
  EXPECT_FALSE(queue.AwaitRoom()) << "there is room";
}

TEST(StreamQueue, TheProducerMayWantFewerInIt) {
  StreamQueue<int, 4> queue;
  int value = 7;
  EXPECT_EQ(queue.CountPending(), 0u);
  EXPECT_TRUE(queue.Push(&value).taken);
  EXPECT_TRUE(queue.Push(&value).taken);
  EXPECT_EQ(queue.CountPending(), 2u);
  EXPECT_FALSE(queue.AwaitRoom(3));
  EXPECT_TRUE(queue.AwaitRoom(2));
  EXPECT_TRUE(queue.Pop().wake_producer);
  EXPECT_FALSE(queue.AwaitRoom(2)) << "one was taken";
  EXPECT_EQ(queue.CountPending(), 1u);
}

// For the thread sanitizer; a lost wake-up hangs it. stream_queue_orders_test.cc looks for one.
TEST(StreamQueue, CarriesManyValuesBetweenThreads) {
  constexpr int kValues = 200'000;
  struct Sleeper {
    std::atomic<uint32_t> wake_count{0};
    uint32_t seen = 0;
    void Wake() {
      wake_count.fetch_add(1, std::memory_order_release);
      wake_count.notify_one();
    }
    void Sleep() { wake_count.wait(seen++, std::memory_order_acquire); }
  };
  StreamQueue<std::unique_ptr<int>, 8> queue;
  Sleeper producer;
  Sleeper consumer;
  std::thread thread([&] {
    for (int i = 0; i < kValues;) {
      auto value = std::make_unique<int>(i);
      const Pushed pushed = queue.Push(&value);
      if (pushed.wake_consumer) consumer.Wake();
      if (pushed.taken) {
        ++i;
      } else if (queue.AwaitRoom()) {
        producer.Sleep();
      }
    }
  });
  for (int i = 0; i < kValues;) {
    const Popped<std::unique_ptr<int>> popped = queue.Pop();
    if (popped.wake_producer) producer.Wake();
    if (popped.value) {
      EXPECT_EQ(**popped.value, i++);
    } else if (queue.AwaitValue()) {
      consumer.Sleep();
    }
  }
  thread.join();
}

}  // namespace
}  // namespace penstock::reactor
