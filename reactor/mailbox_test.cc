#include "penstock/reactor/mailbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace penstock::reactor {
namespace {

TEST(Mailbox, DeliversInOrderAndSaysWhenItIsFull) {
  Mailbox mailbox(4);
  for (int round = 0; round < 5; ++round) {
    for (uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(mailbox.Push({nullptr, nullptr, i}));
    EXPECT_FALSE(mailbox.Push({nullptr, nullptr, 4}));
    Letter letter;
    for (uint64_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(mailbox.Pop(&letter));
      EXPECT_EQ(letter.value, i);
    }
    EXPECT_FALSE(mailbox.Pop(&letter));
    EXPECT_TRUE(mailbox.empty());
  }
}

TEST(Mailbox, OnlyOneProducerWakesASleeper) {
  Mailbox mailbox(4);
  ASSERT_TRUE(mailbox.FallAsleep());
  ASSERT_TRUE(mailbox.Push({}));
  EXPECT_TRUE(mailbox.TakeSleeper());
  ASSERT_TRUE(mailbox.Push({}));
  EXPECT_FALSE(mailbox.TakeSleeper());
  EXPECT_FALSE(mailbox.Awake()) << "the flag was taken";
  EXPECT_FALSE(mailbox.FallAsleep()) << "there are letters";
  ASSERT_TRUE(mailbox.Push({}));
  EXPECT_FALSE(mailbox.TakeSleeper()) << "nobody sleeps";
}

TEST(Mailbox, AnOverflowKeepsAwakeUntilItIsTaken) {
  Mailbox mailbox(2);
  EXPECT_FALSE(mailbox.TakeOverflow());
  ASSERT_TRUE(mailbox.FallAsleep());
  mailbox.MarkOverflow();
  mailbox.MarkOverflow();
  EXPECT_TRUE(mailbox.TakeSleeper());
  EXPECT_FALSE(mailbox.FallAsleep());
  EXPECT_TRUE(mailbox.TakeOverflow());
  EXPECT_FALSE(mailbox.TakeOverflow());
  EXPECT_TRUE(mailbox.FallAsleep());
}

TEST(Mailbox, AClosedOneGivesWhatItTookAndTakesNoMore) {
  Mailbox mailbox(4);
  ASSERT_TRUE(mailbox.Push({nullptr, nullptr, 7}));
  EXPECT_FALSE(mailbox.closed());
  mailbox.Close();
  mailbox.Close();
  EXPECT_TRUE(mailbox.closed());
  EXPECT_FALSE(mailbox.Push({}));
  EXPECT_FALSE(mailbox.drained());
  Letter letter;
  ASSERT_TRUE(mailbox.Pop(&letter));
  EXPECT_EQ(letter.value, 7u);
  EXPECT_TRUE(mailbox.drained());
  EXPECT_FALSE(mailbox.Push({})) << "there is room, and yet";
}

TEST(Mailbox, EveryLetterIsEitherDeliveredOrRefusedAtTheClose) {
  constexpr int kProducers = 4;
  for (int round = 0; round < 200; ++round) {
    Mailbox mailbox(64);
    std::atomic<uint64_t> taken{0};
    std::vector<std::thread> producers;
    for (int producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([&] {
        while (!mailbox.closed()) taken += mailbox.Push({});
      });
    }
    uint64_t received = 0;
    Letter letter;
    while (received < 100) received += mailbox.Pop(&letter);
    mailbox.Close();
    while (!mailbox.drained()) received += mailbox.Pop(&letter);
    for (std::thread& producer : producers) producer.join();
    ASSERT_EQ(received, taken);
  }
}

// The consumer sleeps on a flag that only a producer sets; a lost wake-up hangs the test.
TEST(Mailbox, LosesNeitherLettersNorWakeUps) {
  constexpr int kProducers = 4;
  constexpr uint64_t kLetters = 20'000;
  Mailbox mailbox(64);
  std::atomic<uint32_t> wake_ups{0};

  std::vector<std::thread> producers;
  for (uint64_t producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&, producer] {
      for (uint64_t i = 0; i < kLetters; ++i) {
        while (!mailbox.Push({nullptr, nullptr, producer << 32 | i})) std::this_thread::yield();
        if (mailbox.TakeSleeper()) {
          wake_ups.fetch_add(1, std::memory_order_release);
          wake_ups.notify_one();
        }
      }
    });
  }

  uint64_t next[kProducers] = {};
  uint64_t received = 0;
  while (received < kProducers * kLetters) {
    Letter letter;
    while (mailbox.Pop(&letter)) {
      ++received;
      ASSERT_EQ(letter.value & 0xffffffff, next[letter.value >> 32]++);
    }
    if (received == kProducers * kLetters) break;
    const uint32_t seen = wake_ups.load(std::memory_order_acquire);
    if (!mailbox.FallAsleep()) continue;
    wake_ups.wait(seen, std::memory_order_acquire);
    mailbox.Awake();
  }
  for (std::thread& producer : producers) producer.join();
}

}  // namespace
}  // namespace penstock::reactor
