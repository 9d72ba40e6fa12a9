#include "penstock/server/worker_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>

#include "penstock/server/doorbell.h"

namespace penstock::server {
namespace {

bool PushOf(size_t bytes, WorkerQueue* queue) {
  WorkerMessage message = queue->NewMessage(bytes);
  return queue->Push(&message);
}

TEST(WorkerQueue, HasRoomForSoManyMessages) {
  WorkerQueue queue;
  for (size_t i = 0; i < WorkerQueue::kMessagesMax; ++i) {
    ASSERT_TRUE(queue.has_room());
    (void)PushOf(1, &queue);
  }
  EXPECT_FALSE(queue.has_room());
  EXPECT_TRUE(queue.AwaitRoom());
  EXPECT_TRUE(queue.Pop().wake_producer);
  EXPECT_TRUE(queue.has_room());
}

TEST(WorkerQueue, AtTheBoundOfOctetsOneMoreGoesIn) {
  WorkerQueue queue;
  (void)PushOf(WorkerQueue::kBytesMax - 1, &queue);
  EXPECT_TRUE(queue.has_room());
  (void)PushOf(1'000'000, &queue);
  EXPECT_FALSE(queue.has_room());
  EXPECT_TRUE(queue.AwaitRoom());
  EXPECT_TRUE(queue.Pop().wake_producer);
  EXPECT_FALSE(queue.has_room()) << "the large one is there yet";
  EXPECT_TRUE(queue.AwaitRoom());
  EXPECT_EQ(queue.Pop().value->bytes_count, 1'000'000u);
  EXPECT_TRUE(queue.has_room());
}

TEST(WorkerQueue, MemoryThatCameBackIsUsedAgain) {
  WorkerQueue queue;
  (void)PushOf(100, &queue);
  reactor::Popped<WorkerMessage> popped = queue.Pop();
  const uint8_t* const octets = popped.value->octets.get();
  queue.GiveBack(&*popped.value);
  EXPECT_EQ(queue.NewMessage(50).octets.get(), octets);
}

TEST(WorkerQueue, LargeMemoryIsNotKept) {
  WorkerQueue queue;
  (void)PushOf(WorkerQueue::kKeptBytesMax + 1, &queue);
  reactor::Popped<WorkerMessage> popped = queue.Pop();
  queue.GiveBack(&*popped.value);
  EXPECT_EQ(popped.value->octets, nullptr);
  EXPECT_EQ(queue.NewMessage(0).room_bytes, 0u);
}

// For the sanitizers; a lost wake-up hangs it.
TEST(WorkerQueue, CarriesMessagesOfAnySizeBetweenThreads) {
  constexpr size_t kMessages = 20'000;
  // Small ones as a rule; two of the large fill it.
  const auto bytes_of = [](size_t i) { return i % 7 == 0 ? 40'000 : i % 100 + 8; };
  SpinPermits permits(1);
  WorkerQueue queue;
  Doorbell producer;
  Doorbell consumer;
  std::thread thread([&] {
    for (size_t i = 0; i < kMessages;) {
      if (!queue.has_room()) {
        if (queue.AwaitRoom()) producer.Wait(permits);
        continue;
      }
      WorkerMessage message = queue.NewMessage(bytes_of(i));
      std::memcpy(message.octets.get(), &i, sizeof i);
      if (queue.Push(&message)) consumer.Ring();
      ++i;
    }
  });
  for (size_t i = 0; i < kMessages;) {
    reactor::Popped<WorkerMessage> popped = queue.Pop();
    if (popped.wake_producer) producer.Ring();
    if (!popped.value) {
      if (queue.AwaitMessage()) consumer.Wait(permits);
      continue;
    }
    size_t number = 0;
    EXPECT_EQ(popped.value->bytes_count, bytes_of(i));
    std::memcpy(&number, popped.value->octets.get(), sizeof number);
    EXPECT_EQ(number, i++);
    queue.GiveBack(&*popped.value);
  }
  thread.join();
}

}  // namespace
}  // namespace penstock::server
